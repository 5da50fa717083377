const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/**
 * A size for a person, in powers of 1000: `999 B`, `9.5 kB`, `12 MB`, `1.2 GB`.
 * @param bytes anything below zero or not a number is shown as `?`.
 */
export const formatBytes = (bytes: number): string => {
	if (!(bytes >= 0) || bytes === Number.POSITIVE_INFINITY) {
		return '?';
	}

	let value = Math.round(bytes);
	let unit = 0;
	// 999,500 B would round to `1000 kB`, so what counts is the rounded value.
	while (unit < units.length - 1 && Math.round(value) >= 1000) {
		value /= 1000;
		unit++;
	}

	const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
	return `${digits} ${units[unit]}`;
};
