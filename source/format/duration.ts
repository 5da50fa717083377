const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const twoUnits = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
	small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;

/**
 * A length of time for a person, two units at most: `0.4 s`, `42 s`, `3 min 5 s`, `1 h 12 min`, `2 d 3 h`.
 * @param milliseconds anything below zero counts as zero; what is not a number is shown as `?`.
 */
export const formatDuration = (milliseconds: number): string => {
	if (!Number.isFinite(milliseconds)) {
		return '?';
	}

	const length = Math.max(0, milliseconds);
	if (length < 9950) {
		return `${(length / second).toFixed(1)} s`;
	}

	const seconds = Math.round(length / second);
	if (seconds < 60) {
		return `${seconds} s`;
	}

	if (seconds < 3600) {
		return twoUnits(Math.floor(seconds / 60), 'min', seconds % 60, 's');
	}

	const minutes = Math.round(length / minute);
	if (minutes < 24 * 60) {
		return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
	}

	const hours = Math.round(length / hour);
	return twoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
};

/** A running time that keeps its width while it counts: `0:42`, `12:05`, `1:02:05`. @param milliseconds anything below zero counts as zero. */
export const formatClock = (milliseconds: number): string => {
	const seconds = Math.floor(Math.max(0, milliseconds) / second);
	const two = (value: number): string => String(value).padStart(2, '0');
	const hours = Math.floor(seconds / 3600);
	const minutes = Math.floor(seconds / 60) % 60;
	return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`;
};
