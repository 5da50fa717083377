import {formatAge} from './duration.js';

const justNowMilliseconds = 60_000;

/**
 * When something was or will be, seen from now: `just now`, `5 min ago`, `3 h ago`, `12 d ago`, `in 2 h`.
 * Changes once a minute at most.
 * @param at and `now` in milliseconds since the epoch.
 */
export const relativeTime = (at: number, now: number): string => {
	if (!Number.isFinite(at)) {
		return 'unknown';
	}

	const difference = now - at;
	if (Math.abs(difference) < justNowMilliseconds) {
		return 'just now';
	}

	return difference > 0 ? `${formatAge(difference)} ago` : `in ${formatAge(-difference)}`;
};
