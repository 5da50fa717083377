const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes for a person, in powers of 1000, one decimal below ten: `0 B`, `1.2 kB`, `12 MB`. */
export const formatBytes = (bytes: number): string => {
	let value = Math.max(0, bytes);
	let unit = 0;
	// 999.5 of a unit would round to 1000 of it.
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1000;
		unit++;
	}

	const digits = unit === 0 || value >= 9.95 ? value.toFixed(0) : value.toFixed(1);
	return `${digits} ${units[unit]}`;
};
