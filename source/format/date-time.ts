const two = (value: number): string => String(value).padStart(2, '0');

/** Local date and time to the minute: `2026-11-21 09:30`. */
export const formatDateTime = (at: number): string => {
	const date = new Date(at);
	if (Number.isNaN(date.getTime())) {
		return 'unknown time';
	}

	return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
};
