import {hostname} from 'node:os';
import {formatDateTime} from '../../../format/date-time.js';
import {formatDuration} from '../../../format/duration.js';
import {plural} from '../../../format/plural.js';
import {safeText} from '../../../format/safe-text.js';
import type {PluginInstance, PluginRecordData} from '../../api.js';
import {isRecord} from '../shared/read-settings.js';

export type Kind = 'failed' | 'partial' | 'suspect' | 'overdue' | 'recovered' | 'test';

/** What a person is told; every text of it is safe and short. */
export type Message = {
	readonly kind: Kind;
	readonly title: string;
	/** What happened and what to do, in one or two sentences. */
	readonly text: string;
	readonly instance: string;
	readonly host: string;
	/** When it happened; null when that is not known. */
	readonly at: number | null;
	/** Type of the job it is about; empty when it is about none. */
	readonly job: string;
	/** printkeep's code of the failure; empty when there is none. */
	readonly code: string;
};

const maximumLength = 700;

const short = (text: string): string => {
	const safe = safeText(text.trim());
	return safe.length > maximumLength ? `${safe.slice(0, maximumLength - 1)}…` : safe;
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What a program said may end without a full stop; another sentence follows it. */
const sentence = (text: string): string => (/[\p{L}\p{N}]$/u.test(text) ? `${text}.` : text);

export const makeMessage = (
	kind: Kind,
	title: string,
	text: string,
	{instance, at = null, job = '', code = ''}: {instance: string; at?: number | null; job?: string; code?: string},
): Message => {
	const host = safeText(hostname());
	const where = `${host}${at === null ? '' : `, ${formatDateTime(at)}`}`;
	return {
		kind,
		title: short(title),
		text: `${short(text)} (${where})`,
		instance: safeText(instance),
		host,
		at,
		job,
		code,
	};
};

const jobWords: Readonly<Record<string, string>> = {
	create: 'Backup',
	verify: 'Check of the backups',
	restore: 'Restore',
	undo: 'Undoing a restore',
};

/** Codes that say that a person asked for something that cannot be had, or is to be asked first: that person has been told. */
const answersToAPerson: ReadonlySet<string> = new Set([
	...['usage', 'invalid-name', 'name-clash', 'destination-exists', 'unsafe-destination', 'not-found', 'pinned'],
	...['needs-confirmation', 'printing', 'newer-version', 'restore-unsupported', 'nothing-to-undo', 'not-a-file'],
	...['busy', 'in-use', 'cancelled'],
]);

/** Codes of a backup that was written and did not read back as it should. */
const isDamage = (code: string): boolean =>
	code === 'archive-damaged' || code === 'archive-truncated' || code.startsWith('zip-crc');

/** How many backups a check has found damaged; 0 for everything else. */
const damagedIn = (result: unknown): number =>
	isRecord(result) && Array.isArray(result.results)
		? result.results.filter(one => isRecord(one) && one.ok === false).length
		: 0;

/** What there is to say about a job that has ended; null when nothing is wrong, or nobody needs to be told. */
export const messageOfJob = (payload: PluginRecordData, {name}: PluginInstance): Message | null => {
	const {outcome, result} = payload;
	const job = textOf(payload.job);
	const at = typeof payload.at === 'number' ? payload.at : null;
	const error = isRecord(payload.error) ? payload.error : {};
	const code = textOf(error.code);
	const what = Object.hasOwn(jobWords, job) ? jobWords[job] : undefined;
	if (what === undefined || answersToAPerson.has(code)) {
		return null;
	}

	const about = {instance: name, at, job, code};
	if (outcome === 'failed') {
		const text = `${sentence(textOf(error.message))} ${textOf(error.hint)}`;
		const damaged = damagedIn(result);
		if (damaged > 0 || (job === 'create' && isDamage(code))) {
			const many = damaged > 1 ? `${damaged} backups of ${name} are` : `A backup of ${name} is`;
			return makeMessage('suspect', `${many} damaged`, text, about);
		}

		return makeMessage('failed', `${what} of ${name} failed`, text, about);
	}

	if (outcome === 'partial') {
		const skipped = isRecord(result) && Array.isArray(result.skipped) ? result.skipped.length : 0;
		const backup = isRecord(result) && isRecord(result.backup) ? textOf(result.backup.key) : '';
		const missing = `${plural(skipped, 'file')} could not be taken in${backup === '' ? '' : ` by ${backup}`}.`;
		return makeMessage(
			'partial',
			`${what} of ${name} is not complete`,
			job === 'create'
				? `${missing} See which: printkeep show${backup === '' ? '' : ` ${backup}`}`
				: `${plural(skipped, 'file')} could not be put back. The log says which.`,
			{...about, code: 'partial'},
		);
	}

	const problems = outcome === 'done' && isRecord(result) ? result.pluginProblems : undefined;
	return Array.isArray(problems) && problems.length > 0
		? makeMessage(
				'partial',
				`A plugin failed around the backup of ${name}`,
				`${problems.map(problem => sentence(textOf(problem))).join(' ')} The backup itself is complete.`,
				{...about, code: 'plugin-failed'},
			)
		: null;
};

/** What is said when the last good backup is too old. @param ageMilliseconds null when there is none. */
export const messageOfOverdue = (ageMilliseconds: number | null, {name}: PluginInstance): Message =>
	makeMessage(
		'overdue',
		`${name} needs a backup`,
		`${
			ageMilliseconds === null
				? 'There is no good backup yet.'
				: `The last good backup is ${formatDuration(ageMilliseconds)} old.`
		} Make one: printkeep backup --instance ${name}`,
		{instance: name, code: 'overdue'},
	);

/** What is said when the first good backup is made after something was wrong. */
export const messageOfRecovery = (payload: PluginRecordData, {name}: PluginInstance): Message => {
	const {result, at} = payload;
	const backup = isRecord(result) && isRecord(result.backup) ? textOf(result.backup.key) : '';
	return makeMessage(
		'recovered',
		`Backups of ${name} work again`,
		`${backup === '' ? 'A new one' : backup} is there and verified. Nothing is to be done.`,
		{instance: name, at: typeof at === 'number' ? at : null, job: 'create'},
	);
};

export const testMessage = (instance: string): Message =>
	makeMessage('test', 'A test message of printkeep', 'Messages of this kind come when a backup fails.', {instance});
