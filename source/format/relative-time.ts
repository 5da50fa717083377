const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * An age in one unit, rounded down, that changes once a minute at most: `just now`, `5 min`, `3 h`, `12 d`, `4 months`, `2 years`.
 * @param milliseconds anything below a minute is `just now`.
 */
export const formatAge = (milliseconds: number): string => {
	if (milliseconds < minute) {
		return 'just now';
	}

	if (milliseconds < hour) {
		return `${Math.floor(milliseconds / minute)} min`;
	}

	if (milliseconds < 2 * day) {
		return `${Math.floor(milliseconds / hour)} h`;
	}

	const days = Math.floor(milliseconds / day);
	if (days < 61) {
		return `${days} d`;
	}

	return days < 731 ? `${Math.floor(days / 30.44)} months` : `${Math.floor(days / 365.25)} years`;
};

/**
 * When something was or will be, seen from now: `just now`, `5 min ago`, `3 h ago`, `12 d ago`, `in 2 h`.
 * @param at and `now` in milliseconds since the epoch.
 */
export const relativeTime = (at: number, now: number): string => {
	if (!Number.isFinite(at)) {
		return 'unknown';
	}

	const age = formatAge(Math.abs(now - at));
	return age === 'just now' ? age : now > at ? `${age} ago` : `in ${age}`;
};
