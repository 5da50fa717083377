/** Whom something was told, so that nobody is told the same again and again, and whoever was told hears when it is over. Pure. */
import type {PluginRecordData} from '../../api.js';
import {isRecord} from '../shared/read-settings.js';
import type {Message} from './message.js';

/** What was last wrong with backups of an instance, and to which targets that was told when. */
export type Told = {
	readonly problem: {
		/** Equal for what is not worth telling again. */
		readonly sign: string;
		/** By target: when it was told. */
		readonly targets: Readonly<Record<string, number>>;
	} | null;
	readonly overdue: {
		/** How old the last good backup was then; null when there was none. */
		readonly ageMilliseconds: number | null;
		readonly targets: readonly string[];
	} | null;
};

export const nothingTold: Told = {problem: null, overdue: null};

/** Reads what was written of it; whatever is not understood counts as nothing told. */
export const readTold = ({problem, overdue}: PluginRecordData): Told => ({
	problem:
		isRecord(problem) && typeof problem.sign === 'string' && isRecord(problem.targets)
			? {
					sign: problem.sign,
					targets: Object.fromEntries(
						Object.entries(problem.targets).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
					),
				}
			: null,
	overdue:
		isRecord(overdue) && Array.isArray(overdue.targets)
			? {
					ageMilliseconds: typeof overdue.ageMilliseconds === 'number' ? overdue.ageMilliseconds : null,
					targets: overdue.targets.filter((item): item is string => typeof item === 'string'),
				}
			: null,
});

const signOf = ({kind, job, code}: Message): string => `${kind} ${job} ${code}`;

/** Targets that are to hear of a problem: those that were not told the same within the time given. */
export const whomToTell = (
	{problem}: Told,
	message: Message,
	targets: readonly string[],
	repeatMilliseconds: number,
): readonly string[] => {
	if (problem === null || problem.sign !== signOf(message)) {
		return targets;
	}

	return targets.filter(target => {
		const toldAt = Object.hasOwn(problem.targets, target) ? problem.targets[target] : undefined;
		const age = toldAt === undefined || message.at === null ? null : message.at - toldAt;
		// A clock that was set back says nothing.
		return age === null || age < 0 || age >= repeatMilliseconds;
	});
};

/** @param reached the targets that were told. */
export const problemTold = (told: Told, message: Message, reached: readonly string[]): Told => {
	const sign = signOf(message);
	const before = told.problem?.sign === sign ? told.problem.targets : {};
	const now = Object.fromEntries(reached.map(target => [target, message.at ?? 0]));
	// Whoever heard of another problem before is still to hear when all is well.
	const earlier =
		told.problem?.sign === sign
			? {}
			: Object.fromEntries(Object.keys(told.problem?.targets ?? {}).map(target => [target, 0]));
	return {...told, problem: {sign, targets: {...earlier, ...before, ...now}}};
};

/** Targets that are to hear that a backup is overdue: once for every period, which ends with a good backup. */
export const whomToRemind = (
	{overdue}: Told,
	ageMilliseconds: number | null,
	targets: readonly string[],
): readonly string[] => {
	// Without any good backup its age is without end.
	const isSamePeriod =
		overdue !== null &&
		(ageMilliseconds ?? Number.POSITIVE_INFINITY) >= (overdue.ageMilliseconds ?? Number.POSITIVE_INFINITY);
	return isSamePeriod ? targets.filter(target => !overdue.targets.includes(target)) : targets;
};

export const overdueTold = (
	told: Told,
	ageMilliseconds: number | null,
	{
		asked,
		targets,
		reached,
	}: {readonly asked: readonly string[]; readonly targets: readonly string[]; readonly reached: readonly string[]},
): Told => ({
	...told,
	overdue: {
		ageMilliseconds,
		targets: [...targets.filter(target => !asked.includes(target)), ...reached],
	},
});

/** Targets that have heard of something wrong. */
export const whoKnows = ({problem, overdue}: Told, targets: readonly string[]): readonly string[] =>
	targets.filter(target => Object.hasOwn(problem?.targets ?? {}, target) || overdue?.targets.includes(target) === true);

/** All is well; who could not be told keeps what it knows, and hears with the next good backup. */
export const recoveryTold = ({problem, overdue}: Told, failed: readonly string[]): Told => {
	if (failed.length === 0) {
		return nothingTold;
	}

	const left = Object.fromEntries(Object.entries(problem?.targets ?? {}).filter(([target]) => failed.includes(target)));
	const late = (overdue?.targets ?? []).filter(target => failed.includes(target));
	// A sign of its own: the same problem, should it come back, is a new one.
	return {
		problem: {sign: 'over', targets: {...Object.fromEntries(late.map(target => [target, 0])), ...left}},
		overdue: null,
	};
};
