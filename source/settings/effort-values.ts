/** Reading and writing how much of the machine jobs may take. Errors: `invalid-setting`. */
import {type Profile, profiles} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {parseCount, parseMegabytes} from './values.js';

const mostJobs = 32;
/** One thread with its buffers. */
const leastMemoryMegabytes = 16;
const mostMemoryMegabytes = 65_536;
/** A slower one would make a backup of a full card a matter of days. */
const leastBytesPerSecond = 500_000;
const mostBytesPerSecond = 100_000_000_000;

/** A profile by its name. */
export const parseProfile = (text: string): Profile => {
	const found = profiles.find(profile => profile === text.trim().toLowerCase());
	if (found === undefined) {
		throw new PrintkeepError('invalid-setting', `“${text}” is none of: ${profiles.join(', ')}.`);
	}

	return found;
};

/** A number of threads. */
export const parseJobs = (text: string): number => parseCount(text, 1, mostJobs);

/** Megabytes (10⁶ bytes) of memory for the threads of a job. */
export const parseMemory = (text: string): number => {
	const megabytes = parseMegabytes(text);
	if (megabytes < leastMemoryMegabytes || megabytes > mostMemoryMegabytes) {
		throw new PrintkeepError(
			'invalid-setting',
			megabytes < leastMemoryMegabytes
				? `“${text}” is too little memory to work with.`
				: `“${text}” is more memory than a job can use.`,
			{hint: `From ${leastMemoryMegabytes} MB, which is enough for one thread, to ${mostMemoryMegabytes} MB.`},
		);
	}

	return megabytes;
};

const bytesPerUnit = {k: 1000, m: 1_000_000, g: 1_000_000_000} as const;

/** Bytes a second, written as people write them: `20 MB/s`, `20MB`, `800 kB/s`; a bare number is megabytes. */
export const parseRate = (text: string): number => {
	const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*([kmg])?b?(?:\/s|ps)?$/iu.exec(text.trim());
	if (!match) {
		throw new PrintkeepError('invalid-setting', `“${text}” is not a rate like 20 MB/s or 800 kB/s.`);
	}

	const bytes = Math.round(
		Number(match[1]) * bytesPerUnit[(match[2] ?? 'm').toLowerCase() as keyof typeof bytesPerUnit],
	);
	if (bytes < leastBytesPerSecond || bytes > mostBytesPerSecond) {
		throw new PrintkeepError(
			'invalid-setting',
			bytes < leastBytesPerSecond ? `“${text}” is too slow for a backup.` : `“${text}” is faster than any disk.`,
			{hint: `From ${formatRateValue(leastBytesPerSecond)} to ${formatRateValue(mostBytesPerSecond)}.`},
		);
	}

	return bytes;
};

/** The shortest way to write a rate that `parseRate` reads back. */
export const formatRateValue = (bytesPerSecond: number): string =>
	bytesPerSecond % 1_000_000 === 0 ? `${bytesPerSecond / 1_000_000} MB/s` : `${bytesPerSecond / 1000} kB/s`;
