import type {ArchiveSource, RestoreChoice, RestoreMode, RestorePlan} from '../../client/protocol.js';
import {isPrintkeepError, PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDuration} from '../../format/duration.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {confirm} from '../confirm.js';
import type {CommandContext} from '../context.js';
import {type EffortValues, threadOptions, withEffort} from '../effort-options.js';
import {findSource, originOption, parseOrigin} from '../find-backup.js';
import {withNearPaths} from '../missing-file.js';
import {allPlanFiles} from '../plan-files.js';
import {planLines, pluginLines} from '../printers/plan.js';
import type {CommandResult} from '../spec.js';
import {defineCommand} from '../spec.js';

export type RestoreOptions = Omit<RestoreChoice, 'target'> & {
	readonly source: ArchiveSource;
	readonly dryRun: boolean;
	/** Name every file that would change, before it is asked or done. */
	readonly listFiles: boolean;
	readonly allowNewer: boolean;
	readonly evenIfPrinting: boolean;
	/** False leaves a running server running. */
	readonly stopServer: boolean;
	readonly effort?: EffortValues;
};

const modes: readonly RestoreMode[] = ['replace', 'merge', 'exact'];

const parseMode = (text: string): RestoreMode => {
	const mode = modes.find(each => each === text);
	if (mode === undefined) {
		throw new PrintkeepError('usage', `--mode is one of ${modes.join(', ')}, not ${safeText(text)}.`, {
			hint: 'See `printkeep help restore`.',
		});
	}

	return mode;
};

/** `--to` as an absolute path; one that is written as a folder, with a slash at its end, stays one. */
const destinationOf = (context: CommandContext, to: string): string => {
	const path = context.absolute(to);
	return to.endsWith('/') && !path.endsWith('/') ? `${path}/` : path;
};

/** Refuses what the engine would refuse anyway, before a person is asked to confirm it. */
const checkPlan = (
	plan: RestorePlan,
	{allowNewer, evenIfPrinting}: Pick<RestoreOptions, 'allowNewer' | 'evenIfPrinting'>,
): void => {
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

	if (plan.activityRefusal !== '' && !evenIfPrinting) {
		const advice = plan.activity?.advice ?? '';
		throw new PrintkeepError('printing', plan.activityRefusal, {
			hint:
				plan.activity?.state === 'unknown'
					? `${advice === '' ? '' : `${advice} `}When you are sure that nothing prints, add --even-if-printing.`
					: 'Wait until the print has ended. --even-if-printing goes on, and ruins the print.',
		});
	}
};

/** What going on in spite of a print means; empty when there is none. */
const printLoss = ({activity, activityRefusal}: RestorePlan): string => {
	if (activity === null || activityRefusal === '') {
		return '';
	}

	const detail = safeText(activity.detail);
	return activity.state === 'unknown'
		? `${detail} A print that is running would be ruined.`
		: `A print is ${activity.state === 'paused' ? 'paused' : 'running'}${detail === '' ? '' : ` (${detail})`} and would be ruined.`;
};

/** Asks before data is exchanged. What takes something away, or ruins a print, is confirmed by typing the instance's name. */
const confirmPlan = async (context: CommandContext, plan: RestorePlan, instanceName: string): Promise<void> => {
	const {destination, counts} = plan;
	const losses = [
		printLoss(plan),
		counts.removed > 0 ? `This removes ${plural(counts.removed, 'file')} from ${safeText(destination)}.` : '',
	].filter(loss => loss !== '');
	await confirm(context, {
		what: `Restoring over ${safeText(destination)}`,
		prompt: losses.length > 0 ? losses.join(' ') : 'Restore?',
		...(losses.length > 0 ? {exactly: instanceName} : {}),
	});
};

const makePlan = async (context: CommandContext, choice: RestoreChoice, listsFiles: boolean): Promise<RestorePlan> => {
	try {
		const {result} = await context.runJob<'plan'>({type: 'plan', listsFiles, ...choice});
		return result.plan;
	} catch (error) {
		const {files} = choice;
		throw files !== undefined && isPrintkeepError(error)
			? await withNearPaths(context, {...choice, files}, error)
			: error;
	}
};

/** Plans, shows the plan, asks, restores; also behind OctoPrint's own spelling of the command. */
export const restore = async (
	context: CommandContext,
	{dryRun, listFiles, allowNewer, evenIfPrinting, stopServer, effort = {}, ...chosen}: RestoreOptions,
): Promise<CommandResult> => {
	const resolved = await (chosen.to === undefined ? context.resolve() : context.resolveForArchives());
	const target = withEffort(resolved.target, effort);
	const choice = {target, ...chosen};
	const plan = await makePlan(context, choice, listFiles);
	context.print(...planLines(plan, {stopServer, evenIfPrinting}));
	const listed = listFiles ? await allPlanFiles(context, plan.planId) : [];
	context.print(
		...listed
			.filter(({action}) => action !== 'kept')
			.map(({action, path}) => `would be ${action.padEnd(7)}  ${safeText(path)}`),
	);
	if (dryRun) {
		return {exit: 0, json: {dryRun: true, plan, ...(listFiles ? {files: listed} : {})}};
	}

	checkPlan(plan, {allowNewer, evenIfPrinting});
	if (plan.inPlace) {
		await confirmPlan(context, plan, target.instance.name);
	}

	const {outcome, result, durationMilliseconds} = await context.runJob<'restore'>({
		type: 'restore',
		allowNewer,
		evenIfPrinting,
		stopServer,
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
	summary: 'Put a backup back, all of it, parts or single files, here or elsewhere',
	details: [
		'Checks the whole archive first, then shows what would be added, changed, removed and kept, and asks. The data is unpacked beside the old one and exchanged at the end, so that an interruption leaves either the old or the new; the old is kept for `printkeep undo`.',
		'With --mode replace, which is the usual one, each part becomes exactly as it was backed up; parts that were left out of the backup, folders it does not know and other backups stay. With merge nothing is removed. With exact the whole data folder becomes as it was backed up, and only backups and mounted disks stay.',
		'With --file only these files or folders are restored and nothing is removed. With --to the content goes into a folder that is missing or empty, and nothing else is touched; a single file goes to the path given with --to, or into the folder there.',
		'A running server is stopped for the exchange and started again, where that is possible. While it prints, or when it runs and cannot be asked, nothing is restored, whatever --yes says.',
	],
	operands: {usage: 'KEY|FILE', minimum: 1, maximum: 1},
	options: {
		to: {
			type: 'string',
			value: 'DIR|FILE',
			description: 'Unpack into this folder instead; a single file, to this path.',
		},
		mode: {
			type: 'string',
			value: 'replace|merge|exact',
			description: 'What happens to files that are not in the backup; replace unless given.',
		},
		part: {type: 'string', multiple: true, value: 'PART', description: 'Only this part.'},
		file: {
			type: 'string',
			multiple: true,
			value: 'PATH',
			description: 'Only this file or folder, named as it lies in the data folder.',
		},
		keep: {
			type: 'string',
			multiple: true,
			value: 'GROUP',
			description: 'Keep these settings of this machine as they are now; --dry-run names the groups that differ.',
		},
		'dry-run': {type: 'boolean', description: 'Only show what would be done.'},
		files: {type: 'boolean', description: 'Name every file that would change.'},
		'low-space': {
			type: 'boolean',
			description: 'Unpack and exchange only what differs, file by file, even where everything would fit.',
		},
		'no-stop': {type: 'boolean', description: 'Leave the server running while the data is exchanged.'},
		'even-if-printing': {
			type: 'boolean',
			description: 'Go on although a print is running, or the server could not be asked. It ruins the print.',
		},
		'allow-newer': {type: 'boolean', description: 'Restore a backup of a newer server version all the same.'},
		origin: originOption,
		...threadOptions,
	},
	examples: [
		{command: 'printkeep restore latest --dry-run', meaning: 'What the newest backup would change.'},
		{command: 'printkeep restore latest --part printerProfiles', meaning: 'Only the printer profiles.'},
		{
			command: 'printkeep restore latest --file printerProfiles/ender3.profile',
			meaning: 'One file, back to its place.',
		},
		{
			command: 'printkeep restore latest --file printerProfiles/ender3.profile --to .',
			meaning: 'One file, into this folder.',
		},
		{command: 'printkeep restore old.zip --to /tmp/look', meaning: 'Look at it elsewhere.'},
	],
	output: 'events',
	async run(context, {options, operands: [text = '']}) {
		const mode = options.mode === undefined ? undefined : parseMode(options.mode);
		const {source} = await findSource(context, text, parseOrigin(options.origin));
		return restore(context, {
			source,
			...(options.to === undefined ? {} : {to: destinationOf(context, options.to)}),
			...(options.part.length === 0 ? {} : {parts: options.part}),
			...(options.file.length === 0 ? {} : {files: options.file}),
			...(mode === undefined ? {} : {mode}),
			...(options.keep.length === 0 ? {} : {keepSettings: options.keep}),
			...(options['low-space'] ? {lowSpace: true} : {}),
			dryRun: options['dry-run'],
			listFiles: options.files,
			allowNewer: options['allow-newer'],
			evenIfPrinting: options['even-if-printing'],
			stopServer: !options['no-stop'],
			effort: options,
		});
	},
});
