/** Secrets lie in files of their own, which nobody else can read; what is said about them never has them in it. */
import {closeSync, constants, fstatSync, openSync, readFileSync} from 'node:fs';
import {whyUntrusted} from '../../trusted-path.js';

export type Secret =
	| {readonly type: 'secret'; readonly value: string}
	| {readonly type: 'refused'; readonly why: string};

const maximumBytes = 4096;

/**
 * Reads a secret: one line of printable ASCII in a file of this user or root, with no rights for anybody else, in folders nobody else can change.
 * @returns the secret, or why there is none, in a sentence with the file's path.
 */
export const readSecret = (file: string): Secret => {
	const refused = (why: string): Secret => ({type: 'refused', why});
	if (!file.startsWith('/')) {
		return refused(`The path ${file} of the private file does not start with /.`);
	}

	let descriptor: number;
	try {
		// A pipe would wait for somebody to write into it.
		descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch {
		return refused(`The private file ${file} does not exist or cannot be read.`);
	}

	try {
		const stats = fstatSync(descriptor);
		if (!stats.isFile() || stats.size > maximumBytes) {
			return refused(`${file} is no file that holds a secret.`);
		}

		if ((stats.mode & 0o077) !== 0) {
			return refused(`${file} can be read by others. Make it private: chmod 600 ${file}`);
		}

		const untrusted = whyUntrusted(file, process.getuid?.() ?? 0);
		if (untrusted !== '') {
			return refused(`The private file ${file} is not used: ${untrusted}.`);
		}

		const value = readFileSync(descriptor, 'utf8').trim();
		return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/u.test(value)
			? {type: 'secret', value}
			: refused(`${file} does not hold one line with a secret.`);
	} catch {
		return refused(`The private file ${file} cannot be read.`);
	} finally {
		closeSync(descriptor);
	}
};
