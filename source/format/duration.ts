/** A duration for a person: `0.4 s`, `42 s`, `3:07 min`, `1:02:03 h`. */
export const formatDuration = (milliseconds: number): string => {
	const seconds = Math.max(0, milliseconds) / 1000;
	if (seconds < 9.95) {
		return `${seconds.toFixed(1)} s`;
	}

	const whole = Math.round(seconds);
	if (whole < 60) {
		return `${whole} s`;
	}

	const two = (value: number): string => String(value).padStart(2, '0');
	const minutes = Math.floor(whole / 60);
	return minutes < 60
		? `${minutes}:${two(whole % 60)} min`
		: `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)} h`;
};

/** A duration as a clock, for the time left: `0:42`, `12:05`, `1:02:03`. */
export const formatClock = (milliseconds: number): string => {
	const whole = Math.ceil(Math.max(0, milliseconds) / 1000);
	const two = (value: number): string => String(value).padStart(2, '0');
	const hours = Math.floor(whole / 3600);
	const minutes = Math.floor(whole / 60) % 60;
	return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};
