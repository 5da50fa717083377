const two = (value: number): string => String(value).padStart(2, '0');

/** The day in this machine's time zone: `2026-11-21`. @param at milliseconds since the epoch; `unknown` for what is no time. */
export const formatDate = (at: number): string => {
	const date = new Date(at);
	return Number.isNaN(date.getTime())
		? 'unknown'
		: `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** The time of day in this machine's time zone: `09:30:12`. @param at milliseconds since the epoch. */
export const formatTime = (at: number): string => {
	const date = new Date(at);
	return Number.isNaN(date.getTime())
		? '??:??:??'
		: `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** Day and time in this machine's time zone: `2026-11-21 09:30`. @param at milliseconds since the epoch; `unknown` for what is no time. */
export const formatDateTime = (at: number): string => {
	const date = formatDate(at);
	return date === 'unknown' ? date : `${date} ${formatTime(at).slice(0, 5)}`;
};
