import type {ArchiveSource, PlanFile, RestorePlan} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDuration} from '../../format/duration.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {confirm} from '../confirm.js';
import type {CommandContext} from '../context.js';
import {findSource, originOption, parseOrigin} from '../find-backup.js';
import {planLines, pluginLines} from '../printers/plan.js';
import type {CommandResult} from '../spec.js';
import {defineCommand} from '../spec.js';

export type RestoreOptions = {
	readonly source: ArchiveSource;
	readonly to?: string;
	readonly parts?: readonly string[];
	readonly dryRun: boolean;
	/** With a dry run: name every file that would change. */
	readonly files: boolean;
	readonly allowNewer: boolean;
};

const pageLength = 200;

const planFiles = async (context: CommandContext, {planId}: RestorePlan): Promise<readonly PlanFile[]> => {
	const client = await context.client();
	const files: PlanFile[] = [];
	for (let total = 1; files.length < total; ) {
		const page = await client.request('plan.files', {planId, offset: files.length, limit: pageLength});
		total = page.total;
		files.push(...page.items);
		if (page.items.length === 0) {
			break;
		}
	}

	return files;
};

/** Refuses what the engine would refuse anyway, before a person is asked to confirm it. */
const checkPlan = (plan: RestorePlan, allowNewer: boolean): void => {
	if (plan.inPlace && plan.restoreDisabled !== '') {
		throw new PrintkeepError('restore-unsupported', plan.restoreDisabled, {
			hint: 'Restore into another folder with --to DIR.',
		});
	}

	if (plan.newerVersion && plan.inPlace && !allowNewer) {
		throw new PrintkeepError(
			'newer-version',
			`The backup is of version ${safeText(plan.backupVersion ?? '?')}, newer than the installed ${safeText(plan.installedVersion ?? '?')}.`,
			{hint: 'Update the print server first, or add --allow-newer if you know that it copes.'},
		);
	}

	if (!plan.enoughSpace) {
		const short = plan.space.find(({neededBytes, freeBytes}) => neededBytes > freeBytes);
		throw new PrintkeepError(
			'no-space',
			short
				? `The restore needs ${formatBytes(short.neededBytes)} in ${safeText(short.path)}, where ${formatBytes(short.freeBytes)} are free.`
				: 'There is not enough space for the restore.',
			{hint: 'Free some space, or restore only some parts with --part.'},
		);
	}
};

/** Plans, shows the plan, asks, restores; also behind OctoPrint's own spelling of the command. */
export const restore = async (
	context: CommandContext,
	{source, to, parts, dryRun, files, allowNewer}: RestoreOptions,
): Promise<CommandResult> => {
	const {target} = await (to === undefined ? context.resolve() : context.resolveForArchives());
	const choice = {target, source, ...(to === undefined ? {} : {to}), ...(parts === undefined ? {} : {parts})};
	const {
		result: {plan},
	} = await context.runJob<'plan'>({type: 'plan', ...choice});
	context.print(...planLines(plan));
	if (dryRun) {
		const listed = files ? await planFiles(context, plan) : [];
		context.print(
			...listed
				.filter(({action}) => action !== 'kept')
				.map(({action, path}) => `would be ${action.padEnd(7)}  ${safeText(path)}`),
		);
		return {exit: 0, json: {dryRun: true, plan, ...(files ? {files: listed} : {})}};
	}

	checkPlan(plan, allowNewer);
	if (plan.inPlace) {
		await confirm(context, {
			what: `Restoring over ${safeText(plan.destination)}`,
			prompt:
				plan.counts.removed > 0
					? `This removes ${plural(plan.counts.removed, 'file')} from ${safeText(plan.destination)}.`
					: 'Restore?',
			...(plan.counts.removed > 0 ? {exactly: target.instance.name} : {}),
		});
	}

	const {outcome, result, durationMilliseconds} = await context.runJob<'restore'>({
		type: 'restore',
		allowNewer,
		...choice,
	});
	context.print(
		`Restored ${plural(result.files, 'file')}, ${formatBytes(result.bytes)}, ${result.inPlace ? 'over' : 'into'} ${safeText(result.destination)} in ${formatDuration(durationMilliseconds)}.`,
		...(result.rollbackCopy === null ? [] : ['`printkeep undo` brings back what was there before.']),
		...result.skipped.map(({path, reason}) => `Not restored: ${safeText(path)}: ${safeText(reason)}`),
		...pluginLines(result),
		...result.next.map(step => `Next: ${safeText(step)}`),
	);
	return {exit: outcome === 'partial' ? 3 : 0, json: {outcome, result}};
};

export const restoreCommand = defineCommand({
	name: 'restore',
	summary: 'Put a backup back, or unpack it into another folder',
	details: [
		'Checks the whole archive first, then shows what would be added, changed, removed and kept, and asks. The data is unpacked beside the old one and exchanged at the end, so that an interruption leaves either the old or the new; the old is kept for `printkeep undo`.',
		'What the backup covers is replaced; parts that were left out of it, folders it does not know and other backups stay. With --to the content goes into a folder that is missing or empty, and nothing else is touched.',
	],
	operands: {usage: 'KEY|FILE', minimum: 1, maximum: 1},
	options: {
		to: {type: 'string', value: 'DIR', description: 'Unpack into this folder instead.'},
		part: {type: 'string', multiple: true, value: 'PART', description: 'Only this part.'},
		'dry-run': {type: 'boolean', description: 'Only show what would be done.'},
		files: {type: 'boolean', description: 'With --dry-run: name every file that would change.'},
		'allow-newer': {type: 'boolean', description: 'Restore a backup of a newer server version all the same.'},
		origin: originOption,
	},
	examples: [
		{command: 'printkeep restore latest --dry-run', meaning: 'What the newest backup would change.'},
		{command: 'printkeep restore latest --part printerProfiles', meaning: 'Only the printer profiles.'},
		{command: 'printkeep restore old.zip --to /tmp/look', meaning: 'Look at it elsewhere.'},
	],
	output: 'events',
	async run(context, {options, operands: [text = '']}) {
		const {source} = await findSource(context, text, parseOrigin(options.origin));
		return restore(context, {
			source,
			...(options.to === undefined ? {} : {to: context.absolute(options.to)}),
			...(options.part.length === 0 ? {} : {parts: options.part}),
			dryRun: options['dry-run'],
			files: options.files,
			allowNewer: options['allow-newer'],
		});
	},
});
