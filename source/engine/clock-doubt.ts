import {formatDateTime} from '../format/date-time.js';

/** Nothing of printkeep is older than this; a clock before it has not been set. */
export const builtAt = Date.UTC(2026, 0, 1);

/** A clock may be a little behind the one that dated a backup, as on another host. */
const tolerableMilliseconds = 60_000;

/**
 * Why the clock cannot be believed, in a sentence; empty when nothing speaks against it. Boards without a battery for their clock start in 1970, or at
 * the time they were last switched off, until the network tells them better.
 * @param known times that have been, such as those of backups.
 */
export const clockDoubt = (now: number, known: readonly number[]): string => {
	if (!(now >= builtAt)) {
		return `The clock says ${formatDateTime(now)}, which cannot be.`;
	}

	return known.some(at => at > now + tolerableMilliseconds)
		? `The clock says ${formatDateTime(now)}, and there is a backup from after that: it is wrong now, or was then.`
		: '';
};
