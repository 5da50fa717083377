import {aJob, jobName} from '../../client/job-names.js';
import type {DayState, Result, StatusReport} from '../../client/protocol.js';
import {isPrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {relativeTime} from '../../format/relative-time.js';
import {safeText} from '../../format/safe-text.js';
import type {CommandContext} from '../context.js';
import {serverTitle} from '../describe.js';
import {pairLines} from '../printers/table.js';
import {defineCommand, noOperands} from '../spec.js';

const dayMarks = {ok: '+', warning: '!', failed: 'x', none: '.', overdue: 'o'} as const satisfies Record<
	DayState,
	string
>;

const lastGoodText = ({lastGood, overdue}: StatusReport, now: number): string => {
	const age = lastGood
		? `${relativeTime(lastGood.createdAt, now)} (${formatDateTime(lastGood.createdAt)}, ${formatBytes(lastGood.bytes)})`
		: 'none yet';
	return overdue ? `${age} — OVERDUE` : age;
};

const storeText = ({store, total, totalBytes, bad}: StatusReport): string =>
	[
		safeText(store.path),
		plural(total, 'backup'),
		formatBytes(totalBytes),
		...(bad > 0 ? [`${bad} bad`] : []),
		...(store.freeBytes === null ? [] : [`${formatBytes(store.freeBytes)} free`]),
	].join(', ');

/** What speaks against relying on the backups, although the last good one is young enough. */
const suspicions = ({bad, lastJob, clockProblem}: StatusReport): readonly string[] => [
	...(clockProblem === undefined ? [] : [`${clockProblem} How old the backups are cannot be told.`]),
	...(bad > 0 ? [`${plural(bad, 'backup')} cannot be used: see \`printkeep list\`.`] : []),
	...(lastJob?.job === 'create' && lastJob.outcome === 'failed' ? ['The last backup failed.'] : []),
];

type Trash = Result<'trash.list'>;

/**
 * The report in words.
 * @param options.isDefaultStore nobody chose the store, so that nobody misses it before the first backup.
 */
export const statusLines = (
	report: StatusReport,
	{now, isDefaultStore, trash}: {readonly now: number; readonly isDefaultStore: boolean; readonly trash: Trash | null},
): readonly string[] => {
	const {instance, store, days, lastJob, leftovers, holder, undo, restoreDisabled} = report;
	return [
		...pairLines([
			['Instance', `${instance.name}, ${serverTitle(instance)}, ${safeText(instance.dataFolder)}`],
			['Last good backup', lastGoodText(report, now)],
			['Store', storeText(report)],
			[
				'Trash',
				trash && trash.items.length > 0
					? `${plural(trash.items.length, 'deleted backup')}, ${formatBytes(trash.bytes)}: see \`printkeep trash\``
					: '',
			],
			[
				'Last 14 days',
				`${days.map(({state}) => dayMarks[state]).join('')}  (+ ok, ! warning, x failed, . none, o overdue)`,
			],
			[
				'Last job',
				lastJob
					? [`${jobName(lastJob.job)} ${lastJob.outcome} ${relativeTime(lastJob.at, now)}`, safeText(lastJob.message)]
							.filter(Boolean)
							.join(': ')
					: '',
			],
			['Undo', undo ? `\`printkeep undo\` takes back the ${undo.takesBack} of ${formatDateTime(undo.restoredAt)}` : ''],
			['Restore', restoreDisabled === null ? '' : safeText(restoreDisabled)],
			[
				'Running',
				holder
					? `${safeText(aJob(holder.job))} by process ${holder.pid} on ${safeText(holder.host)} since ${formatDateTime(holder.since)}`
					: '',
			],
		]),
		...(store.problem === '' ? [] : [`Store: ${safeText(store.problem)}`]),
		...(store.exists || isDefaultStore
			? []
			: [
					'The store does not exist. If it is on another disk, see that it is mounted; if it is new, a backup makes it.',
				]),
		...(store.sameDevice ? ['The store is on the same disk as the data: if that disk dies, both are gone.'] : []),
		...suspicions(report),
		...instance.problems.map(problem => safeText(problem)),
		...(leftovers.length === 0
			? []
			: [`${plural(leftovers.length, 'leftover')} of interrupted jobs: see \`printkeep recover\`.`]),
	];
};

const nextSteps = [
	'',
	'Next:',
	'  printkeep backup     make a backup now',
	'  printkeep list       see the backups',
	'  printkeep help       everything else',
	'On a terminal, `printkeep` alone opens the dashboard.',
];

/** What a pipe, a timer or a dumb terminal gets instead of the dashboard. Never fails for the lack of an instance. */
const withoutInstance = (context: CommandContext, error: unknown) => {
	if (!isPrintkeepError(error) || !['no-instance', 'ambiguous-instance', 'missing-folder'].includes(error.code)) {
		throw error;
	}

	const {code, message, hint} = error;
	context.print(
		message,
		...(hint === '' ? [] : [hint]),
		'',
		'Next:',
		'  printkeep instances             what is on this host',
		'  printkeep --basedir DIR status  the state of one instance, by its data folder',
		'  printkeep demo                  the dashboard on made-up data',
		'  printkeep help                  everything else',
	);
	return {exit: 0, json: {error: {code, message, hint}}};
};

/** Prints the state; shared by `printkeep status` and `printkeep` without a terminal. */
export const showStatus = async (
	context: CommandContext,
	{check, overview}: {readonly check: boolean; readonly overview: boolean},
) => {
	try {
		const {target, settings} = await context.resolve();
		const client = await context.client();
		const report = await client.request('status.report', {
			target,
			overdueAfterMilliseconds: settings.overdueAfterHours * 3_600_000,
		});
		// A trash that cannot be read is for `printkeep trash` to complain about.
		const trash = await client.request('trash.list', {target}).catch(() => null);
		const isDefaultStore = context.shared.store === undefined && settings.store === undefined;
		context.print(
			...statusLines(report, {now: context.system.clock.now(), isDefaultStore, trash}),
			...(overview ? nextSteps : []),
		);
		const suspect = suspicions(report);
		return {
			exit: check && (report.overdue || suspect.length > 0) ? 15 : 0,
			json: {...report, suspicions: suspect, trash: trash && {backups: trash.items.length, bytes: trash.bytes}},
		};
	} catch (error) {
		if (!overview) {
			throw error;
		}

		return withoutInstance(context, error);
	}
};

export const statusCommand = defineCommand({
	name: 'status',
	summary: 'Show the age of the last good backup and the state of the store',
	details: [
		'With --check the exit code is 15 when the last good backup is too old or missing, when there are damaged ones, or when the last attempt failed; for timers and monitoring. How old it may be is the setting `overdue-after`.',
	],
	operands: noOperands,
	options: {
		check: {type: 'boolean', description: 'Exit with 15 when backups are overdue or suspect.'},
	},
	examples: [{command: 'printkeep status --check || notify-send "No backup"', meaning: 'From a timer.'}],
	output: 'document',
	run: async (context, {options}) => showStatus(context, {check: options.check, overview: false}),
});

/** What `printkeep` alone does where no dashboard can be shown; no command of its own. */
export const overviewCommand = defineCommand({
	...statusCommand,
	options: {},
	run: async context => showStatus(context, {check: false, overview: true}),
});
