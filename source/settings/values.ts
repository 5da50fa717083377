import {PrintkeepError} from '../errors.js';

const invalid = (message: string): PrintkeepError => new PrintkeepError('invalid-setting', message);

/** Reads yes/no in the spellings people use. Error: `invalid-setting`. */
export const parseBoolean = (text: string): boolean => {
	switch (text.trim().toLowerCase()) {
		case 'yes':
		case 'y':
		case 'true':
		case 'on':
		case '1':
			return true;
		case 'no':
		case 'n':
		case 'false':
		case 'off':
		case '0':
			return false;
		default:
			throw invalid(`“${text}” is neither yes nor no.`);
	}
};

/** The choice of that name, whatever its case. Error: `invalid-setting`. */
export const choiceOf = <Choice extends string>(choices: readonly Choice[], text: string): Choice => {
	const found = choices.find(choice => choice === text.toLowerCase());
	if (found === undefined) {
		throw invalid(`“${text}” is none of: ${choices.join(', ')}.`);
	}

	return found;
};

/** Names separated by commas or blanks, without repeats. */
export const parseList = (text: string): readonly string[] => [
	...new Set(text.split(/[\s,]+/u).filter(name => name !== '')),
];

const hoursPerUnit = {h: 1, d: 24, w: 7 * 24} as const;

/** A duration as people write it, `36h`, `7 days`, `2w`; a bare number is hours. Returns hours, 1 to 87,600 (ten years). Error: `invalid-setting`. */
export const parseHours = (text: string): number => {
	const match = /^(\d{1,6}(?:\.\d{1,3})?)\s*(h|hours?|d|days?|w|weeks?)?$/iu.exec(text.trim());
	const unit = (match?.[2] ?? 'h').charAt(0).toLowerCase() as keyof typeof hoursPerUnit;
	const hours = Number(match?.[1]) * hoursPerUnit[unit];
	if (!(hours >= 1 && hours <= 87_600)) {
		throw invalid(`“${text}” is not a duration from 1 hour to 10 years, like 36h, 7d or 2w.`);
	}

	return hours;
};

/** The shortest way to write a number of hours that `parseHours` reads back. */
export const formatHours = (hours: number): string => (hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`);

const megabytesPerUnit = {m: 1, g: 1000, t: 1_000_000} as const;

/** A size as people write it, `500`, `500 MB`, `2GB`; a bare number is megabytes of 10⁶ bytes. Returns megabytes. Error: `invalid-setting`. */
export const parseMegabytes = (text: string): number => {
	const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*([mgt])?b?$/iu.exec(text.trim());
	const unit = (match?.[2] ?? 'm').toLowerCase() as keyof typeof megabytesPerUnit;
	if (!match) {
		throw invalid(`“${text}” is not a size like 500 MB or 2 GB.`);
	}

	return Number(match[1]) * megabytesPerUnit[unit];
};

/** Days as people write them, `7`, `7d`, `2 weeks`, `0`; whole days up to ten years. Error: `invalid-setting`. */
export const parseDays = (text: string): number => {
	const match = /^(\d{1,4})\s*(d|days?|w|weeks?)?$/iu.exec(text.trim());
	const days = Number(match?.[1]) * (match?.[2]?.toLowerCase().startsWith('w') ? 7 : 1);
	if (!(days <= 3650)) {
		throw invalid(`“${text}” is not a number of days from 0 to 3650, like 7 or 2w.`);
	}

	return days;
};

/** The shortest way to write a number of days that `parseDays` reads back. */
export const formatDays = (days: number): string => `${days}d`;

/** A whole number between bounds, written with or without commas. Error: `invalid-setting`. */
export const parseCount = (text: string, minimum: number, maximum: number): number => {
	const count = /^\d{1,3}(?:,\d{3})+$|^\d{1,15}$/u.test(text.trim()) ? Number(text.replaceAll(',', '')) : Number.NaN;
	if (!(count >= minimum && count <= maximum)) {
		throw invalid(`“${text}” is not a whole number from ${minimum} to ${maximum}.`);
	}

	return count;
};
