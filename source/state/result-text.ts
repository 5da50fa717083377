import type {JobOutcome, JobResult, JobType, LeftOutByPlugin, PluginRecord, SkippedFile} from '../client/protocol.js';
import {reinstallCounts, reinstallWords} from '../client/reinstall-words.js';
import type {ErrorData} from '../errors.js';
import {formatBytes} from '../format/bytes.js';
import {formatDuration} from '../format/duration.js';
import {plural} from '../format/plural.js';
import {safeText} from '../format/safe-text.js';

type Finished = {
	readonly type: JobType;
	readonly title: string;
	readonly outcome: JobOutcome;
	readonly result: JobResult | null;
	readonly error: ErrorData | null;
	readonly durationMilliseconds: number;
};

const doneText = (result: JobResult, outcome: JobOutcome, duration: string): string => {
	switch (result.type) {
		case 'create':
			if (result.unchangedSince !== null) {
				return `Nothing has changed since ${safeText(result.unchangedSince)}: no new backup was made`;
			}

			return `${outcome === 'partial' ? `Backed up in part, without ${plural(result.skipped.length, 'file')}` : 'Backed up'}: ${plural(result.files, 'file')}, ${formatBytes(result.bytes)} in${result.notes.length === 0 ? '' : `, with ${plural(result.notes.length, 'note')} (L)`}, ${formatBytes(result.storedBytes)} stored, verified, ${duration}${result.reused.key === null ? '' : `, ${plural(result.reused.files, 'file')} taken over`}`;
		case 'verify': {
			const damaged = result.results.filter(({ok}) => !ok).length;
			const [first] = result.results;
			return damaged > 0
				? `${plural(damaged, 'backup')} of ${result.results.length} not intact`
				: result.results.length === 1 && first
					? `Intact: ${plural(first.entries, 'entry', 'entries')}, ${formatBytes(first.bytes)}, ${plural(first.databases, 'database')}, ${duration}`
					: `${plural(result.results.length, 'backup')} intact, ${duration}`;
		}

		case 'plan':
		case 'compare':
			return `Compared in ${duration}`;
		case 'restore':
			return `${outcome === 'partial' ? `Restored in part, ${plural(result.skipped.length, 'file')} not as backed up` : 'Restored'}: ${plural(result.files, 'file')}, ${formatBytes(result.bytes)}, ${duration}`;
		case 'undo':
			return `The last restore is undone, ${duration}`;
		case 'delete':
			return `Deleted ${plural(result.deleted.length, 'backup')}, ${result.trashed.length > 0 ? 'kept in the trash: z brings back' : `${formatBytes(result.freedBytes)} freed`}, ${result.remaining} left`;
		case 'trash-restore':
			return `Brought back ${plural(result.restored.length, 'backup')}`;
		case 'trash-empty':
			return `Emptied the trash: ${plural(result.deleted.length, 'backup')}, ${formatBytes(result.freedBytes)} freed`;
		case 'import':
			return `Imported as ${safeText(result.backup.key)}, ${formatBytes(result.backup.bytes)}, verified, ${duration}`;
		case 'export':
			return `Exported to ${safeText(result.path)}, ${formatBytes(result.bytes)}, checked, ${duration}`;
		case 'send':
			return result.wasThere
				? `${safeText(result.id)} was at ${safeText(result.agent)} already`
				: `Sent to ${safeText(result.agent)}, ${formatBytes(result.bytes)}, compared by ${result.comparedBy === 'size' ? 'size' : 'hash'}, ${duration}`;
		case 'fetch':
			return `Fetched as ${safeText(result.backup.key)}, ${formatBytes(result.backup.bytes)}, verified, ${duration}`;
		case 'recover':
			return result.cleaned.length === 0
				? 'Nothing to clean'
				: `Cleaned ${plural(result.cleaned.length, 'leftover')}, ${formatBytes(result.freedBytes)} freed`;
		case 'reinstall-plugins':
			return result.plugins.length === 0
				? 'The backup has no plugins'
				: `Plugins: ${reinstallCounts(result.plugins)}, ${duration}`;
	}
};

/** An error in full: what failed, what to do, its code, and the technical side. */
export const errorLines = ({message, hint, code, detail}: ErrorData): readonly string[] => [
	message,
	...(hint === '' ? [] : [hint]),
	`Code: ${code}`,
	...(detail === undefined ? [] : detail.split('\n')),
];

/** One line on how a job ended: counts, bytes in and stored, seconds; or what failed. */
export const finishedText = ({type, title, outcome, result, error, durationMilliseconds}: Finished): string => {
	if (outcome === 'cancelled' && type === 'reinstall-plugins' && error) {
		return error.message;
	}

	if (outcome === 'cancelled') {
		return `${title}: cancelled, nothing left behind`;
	}

	if (error) {
		return error.message;
	}

	return result ? doneText(result, outcome, formatDuration(durationMilliseconds)) : title;
};

const pluginLines = (missing: readonly PluginRecord[], commands: readonly string[]): readonly string[] =>
	missing.length === 0
		? []
		: [
				`Plugins of the backup that are not installed: ${missing.map(({name, version}) => (version === null ? name : `${name} ${version}`)).join(', ')}`,
				...(commands.length === 0 ? [] : ['`printkeep plugins reinstall` installs them; by hand it goes like this:']),
				...commands,
			];

const skippedLines = (skipped: readonly SkippedFile[]): readonly string[] =>
	skipped.map(({path, reason}) => `${path}: ${reason}`);

const leftOutLines = (leftOut: readonly LeftOutByPlugin[]): readonly string[] =>
	leftOut.map(({path, plugin}) => `Left out by the plugin ${plugin}: ${path}`);

/** All there is to say on how a job ended, below its one line: what was not done, why, and what to do next. Not made safe for showing. */
export const finishedLines = ({result, error}: Pick<Finished, 'result' | 'error'>): readonly string[] => {
	const failure = error ? errorLines(error) : [];
	switch (result?.type) {
		case undefined:
		case 'plan':
		case 'compare':
		case 'trash-restore':
		case 'trash-empty':
		case 'delete':
		case 'import':
		case 'export':
		case 'send':
		case 'fetch':
			return failure;
		case 'create':
			return [
				...failure,
				...(result.reused.key === null
					? []
					: [
							`${plural(result.reused.files, 'file')}, ${formatBytes(result.reused.bytes)} of it taken over from ${result.reused.key}`,
						]),
				...skippedLines(result.skipped),
				...leftOutLines(result.leftOut),
				...result.notes,
			];
		case 'verify':
			return [
				...failure,
				...result.results.flatMap(({key, problems}) => problems.map(({message}) => `${key}: ${message}`)),
			];
		case 'restore':
			return [
				...failure,
				...result.next,
				...(result.rollbackCopy === null ? [] : ['The old data is kept: u brings it back.']),
				...pluginLines(result.missingPlugins, result.pluginCommands),
				...skippedLines(result.skipped),
			];
		case 'undo':
			return [...failure, ...result.next];
		case 'recover':
			return [...failure, ...result.messages];
		case 'reinstall-plugins':
			return [
				...failure,
				...result.plugins.map(
					({key, version, outcome, reason}) =>
						`${key}${version === null ? '' : ` ${version}`}: ${reinstallWords[outcome]}${reason === '' ? '' : `. ${reason}`}`,
				),
				...result.next,
			];
	}
};
