import type {JobRequest, Trigger} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDuration} from '../../format/duration.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import type {CommandContext} from '../context.js';
import {leftOutLines, skippedLines} from '../describe.js';
import {type EffortValues, effortOptions, withEffort} from '../effort-options.js';
import {chooseParts, measureParts} from '../parts.js';
import {tableLines} from '../printers/table.js';
import type {CommandResult} from '../spec.js';
import {defineCommand, noOperands} from '../spec.js';

type CreateChoice = Pick<
	Extract<JobRequest, {readonly type: 'create'}>,
	'excludes' | 'includes' | 'note' | 'name' | 'path' | 'rehash'
> & {readonly trigger?: Trigger};

/** What may be said of why a backup is made; the other triggers are printkeep's own to say. */
const triggers = ['manual', 'auto', 'preupgrade'] as const satisfies readonly Trigger[];

const triggerOf = (text: string | undefined): Trigger => {
	const trigger = triggers.find(known => known === (text ?? 'manual'));
	if (trigger === undefined) {
		throw new PrintkeepError('usage', `"${safeText(text ?? '')}" is nothing that can trigger a backup.`, {
			hint: `Say one of: ${triggers.join(', ')}`,
		});
	}

	return trigger;
};

/** Makes a backup and tells how it went; also behind OctoPrint's own spelling of the command. */
export const createBackup = async (
	context: CommandContext,
	choice: CreateChoice,
	effort: EffortValues = {},
): Promise<CommandResult> => {
	const target = withEffort((await context.resolve()).target, effort);
	const {outcome, result, durationMilliseconds} = await context.runJob<'create'>({
		type: 'create',
		target,
		trigger: 'manual',
		...choice,
	});
	const {backup, files, bytes, storedBytes, skipped, leftOut, notes, reused, unchangedSince} = result;
	if (unchangedSince !== null) {
		context.print(
			`Nothing has changed since ${safeText(unchangedSince)}: no new backup was made.`,
			`  ${safeText(backup.path)}`,
		);
		return {exit: 0, json: {outcome, result}};
	}

	context.print(
		`Backed up ${target.instance.name}: ${plural(files, 'file')}, ${formatBytes(bytes)}, stored as ${formatBytes(storedBytes)} and verified, in ${formatDuration(durationMilliseconds)}.`,
		`  ${safeText(choice.path ?? backup.path)}`,
		...(reused.key === null
			? []
			: [
					`  ${plural(reused.files, 'file')}, ${formatBytes(reused.bytes)} of it taken over from ${safeText(reused.key)}.`,
				]),
		...leftOutLines(leftOut),
		...notes.map(note => `Note: ${safeText(note)}`),
		...skippedLines(skipped),
	);
	return {exit: outcome === 'partial' ? 3 : 0, json: {outcome, result}};
};

const dryRun = async (context: CommandContext, choice: CreateChoice): Promise<CommandResult> => {
	const {target} = await context.resolve();
	const client = await context.client();
	const {parts, notes} = await measureParts(client, target, choice);
	const included = parts.filter(({included}) => included);
	const estimated = included.reduce((sum, {size}) => sum + (size?.estimatedBytes ?? 0), 0);
	const store = await client.request('store.info', {target});
	context.print(
		...tableLines(
			[
				{title: 'PART'},
				{title: 'SIZE', align: 'right'},
				{title: 'FILES', align: 'right'},
				{title: 'WOULD BE'},
				{title: 'WHAT'},
			],
			parts.map(({part, included, size, reason}) => [
				part.name,
				size ? formatBytes(size.bytes) : '',
				size ? String(size.files) : '',
				included ? 'in' : 'left out',
				[safeText(part.title), reason === '' ? '' : `(${safeText(reason)})`].filter(Boolean).join(' '),
			]),
		),
		...parts.flatMap(({part}) =>
			(part.inclusion === 'never' ? [] : part.leftOut).map(
				({path, reason}) => `Would leave out ${safeText(path)}: ${safeText(reason)}`,
			),
		),
		...notes.map(note => `Note: ${safeText(note)}`),
		`The archive would take about ${formatBytes(estimated)} in ${safeText(choice.path ?? target.store)}${store.freeBytes === null ? '' : `, where ${formatBytes(store.freeBytes)} are free`}.`,
	);
	return {exit: 0, json: {dryRun: true, parts, notes, estimatedBytes: estimated, store}};
};

export const backupCommand = defineCommand({
	name: 'backup',
	summary: 'Make a backup and verify it',
	details: [
		'Writes an ordinary ZIP file that the print server itself can restore. It gets its final name only when every byte of it has been read back and compared; cancelled or failed, nothing is left behind.',
		'It runs at low priority unless told otherwise, and leaves one core to a print: see --no-nice, and the settings `profile`, `nice`, `jobs`, `max-memory`, `max-rate` and `skip-unchanged`.',
		"The plugins installed in the server are asked what of their data is of no use in a backup, as for the server's own backups; what that is, and who said so, is told.",
		'Parts that are left out always: see the settings `excludes` and `includes`. `--dry-run` shows every part with its size.',
	],
	operands: noOperands,
	options: {
		exclude: {type: 'string', multiple: true, value: 'PART', description: 'Leave this part out.'},
		include: {
			type: 'string',
			multiple: true,
			value: 'PART',
			description: 'Take this part in, although it is usually left out.',
		},
		name: {
			type: 'string',
			value: 'KEY',
			description: 'Name of the backup instead of the automatic one; .zip is added.',
		},
		note: {type: 'string', value: 'TEXT', description: 'A note to keep with it.'},
		path: {
			type: 'string',
			value: 'FILE',
			description: 'Write to this file instead of putting the backup into the store.',
		},
		rehash: {
			type: 'boolean',
			description: 'Read every file anew instead of taking over what has not changed from an earlier backup.',
		},
		trigger: {
			type: 'string',
			value: 'WHAT',
			description: 'What makes it: manual, auto for a timetable, or preupgrade. Plugins go by it.',
		},
		...effortOptions,
		'dry-run': {type: 'boolean', description: 'Only show what would be backed up.'},
	},
	examples: [
		{
			command: 'printkeep backup --exclude timelapse --note "before 1.12"',
			meaning: 'Everything but the timelapses, with a note.',
		},
		{command: 'printkeep backup --path /mnt/usb/octoprint.zip', meaning: 'A single file on a USB stick.'},
	],
	output: 'events',
	async run(context, {options}) {
		if (options.name !== undefined && options.path !== undefined) {
			throw new PrintkeepError('usage', '--name and --path cannot be used together.', {
				hint: '--path names the file already; --name is for backups that go into the store.',
			});
		}

		const {settings, target} = await context.resolve();
		// What was typed wrong is said before anything is done, in a dry run as well.
		withEffort(target, options);
		const choice: CreateChoice = {
			...chooseParts(settings, options.exclude, options.include),
			note: options.note ?? '',
			trigger: triggerOf(options.trigger),
			...(options.name === undefined ? {} : {name: options.name}),
			...(options.path === undefined ? {} : {path: context.absolute(options.path)}),
			...(options.rehash ? {rehash: true} : {}),
		};
		return options['dry-run'] ? dryRun(context, choice) : createBackup(context, choice, options);
	},
});
