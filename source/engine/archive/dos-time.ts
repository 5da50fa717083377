/** MS-DOS date and time: local time, two seconds apart, 1980 to 2107. */

export type DosTime = {readonly date: number; readonly time: number};

const first: DosTime = {date: (1 << 5) | 1, time: 0};
/** 32-bit print servers overflow beyond January 2038. */
const last: DosTime = {date: ((2037 - 1980) << 9) | (12 << 5) | 31, time: (23 << 11) | (59 << 5) | 29};

/** The local time of a moment in milliseconds since the epoch, clamped to 1980…2037, as OctoPrint's Python can write and read it. */
export const toDosTime = (at: number): DosTime => {
	const local = new Date(at);
	const year = local.getFullYear();
	if (Number.isNaN(year) || year < 1980) {
		return first;
	}

	if (year > 2037) {
		return last;
	}

	return {
		date: ((year - 1980) << 9) | ((local.getMonth() + 1) << 5) | local.getDate(),
		time: (local.getHours() << 11) | (local.getMinutes() << 5) | (local.getSeconds() >> 1),
	};
};

/** Milliseconds since the epoch of a DOS date read as local time. Impossible fields (month 13, day 0) are clamped: a date is no reason to refuse. */
export const fromDosTime = ({date, time}: DosTime): number => {
	const month = Math.min(Math.max((date >> 5) & 15, 1), 12);
	const day = Math.max(date & 31, 1);
	return new Date(
		1980 + (date >> 9),
		month - 1,
		day,
		Math.min(time >> 11, 23),
		Math.min((time >> 5) & 63, 59),
		Math.min((time & 31) * 2, 59),
	).getTime();
};
