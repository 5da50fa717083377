const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const amount = (milliseconds: number): string => {
	if (milliseconds < hour) {
		return `${Math.floor(milliseconds / minute)} min`;
	}

	if (milliseconds < 2 * day) {
		return `${Math.floor(milliseconds / hour)} h`;
	}

	if (milliseconds < 60 * day) {
		return `${Math.floor(milliseconds / day)} days`;
	}

	return milliseconds < 730 * day
		? `${Math.floor(milliseconds / (30 * day))} months`
		: `${Math.floor(milliseconds / (365 * day))} years`;
};

/** How long ago (or how far ahead) a moment is, to the minute at best: `just now`, `3 h ago`, `in 2 days`. */
export const relativeTime = (at: number, now: number): string => {
	const difference = now - at;
	if (Math.abs(difference) < minute) {
		return 'just now';
	}

	return difference > 0 ? `${amount(difference)} ago` : `in ${amount(-difference)}`;
};

/** An age for a person: `3 h`, `12 days`. */
export const formatAge = (milliseconds: number): string =>
	milliseconds < minute ? 'less than a minute' : amount(milliseconds);
