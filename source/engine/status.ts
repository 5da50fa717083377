import type {BackupSummary, DayState, HistoryRecord, StatusReport} from '../client/protocol.js';

const dayMilliseconds = 24 * 60 * 60 * 1000;

/** A backup that can be relied on: complete, readable, made by a backup run of the server's or printkeep's. */
export const isGood = ({health}: BackupSummary): boolean => health.type === 'verified' || health.type === 'unverified';

/** When all there was is known to have been in a backup that is good and still there: when it was made, and whenever nothing had changed since. */
const coveredTimes = (backups: readonly BackupSummary[], history: readonly HistoryRecord[]): readonly number[] => {
	const good = backups.filter(isGood);
	const keys = new Set(good.map(({key}) => key));
	return [
		...good.map(({createdAt}) => createdAt),
		...history
			.filter(({unchanged, outcome, key}) => unchanged && outcome === 'done' && key !== null && keys.has(key))
			.map(({at}) => at),
	];
};

/** `2026-11-21` in local time. */
const localDate = (at: number): string => {
	const date = new Date(at);
	return [
		date.getFullYear(),
		String(date.getMonth() + 1).padStart(2, '0'),
		String(date.getDate()).padStart(2, '0'),
	].join('-');
};

/**
 * Fourteen local days ending today, oldest first, each with the best that can be said: a good backup made that day or still all there was, only a partial or bad one, only failed
 * tries, or nothing; a day with nothing is overdue when the last good backup before its end was too old by then.
 */
export const dayStates = (
	backups: readonly BackupSummary[],
	history: readonly HistoryRecord[],
	{now, overdueAfterMilliseconds}: {readonly now: number; readonly overdueAfterMilliseconds: number},
): StatusReport['days'] => {
	const goodTimes = coveredTimes(backups, history);
	const good = new Set(goodTimes.map(at => localDate(at)));
	const doubtful = new Set(backups.filter(backup => !isGood(backup)).map(({createdAt}) => localDate(createdAt)));
	const failed = new Set(
		history.filter(({job, outcome}) => job === 'create' && outcome === 'failed').map(({at}) => localDate(at)),
	);
	const today = new Date(now);
	return Array.from({length: 14}, (_, index) => {
		// Noon of a calendar day is on that day in every time zone and over every change of clocks.
		const noon = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 13 + index, 12).getTime();
		const date = localDate(noon);
		const end = Math.min(noon + dayMilliseconds / 2, now);
		const lastGood = goodTimes.reduce(
			(latest, at) => (at <= end ? Math.max(latest, at) : latest),
			Number.NEGATIVE_INFINITY,
		);
		const state: DayState = good.has(date)
			? 'ok'
			: failed.has(date)
				? 'failed'
				: doubtful.has(date)
					? 'warning'
					: Number.isFinite(lastGood) && end - lastGood > overdueAfterMilliseconds
						? 'overdue'
						: 'none';
		return {date, state};
	});
};

/** The newest backup that can be relied on, and whether it is too old. No backup at all is overdue. */
export const lastGoodOf = (
	ordered: readonly BackupSummary[],
	history: readonly HistoryRecord[],
	{now, overdueAfterMilliseconds}: {readonly now: number; readonly overdueAfterMilliseconds: number},
): Pick<StatusReport, 'lastGood' | 'ageMilliseconds' | 'overdue'> => {
	const lastGood = ordered.find(isGood) ?? null;
	const ageMilliseconds = lastGood
		? Math.max(0, now - Math.max(lastGood.createdAt, ...coveredTimes([lastGood], history)))
		: null;
	return {lastGood, ageMilliseconds, overdue: ageMilliseconds === null || ageMilliseconds > overdueAfterMilliseconds};
};
