/** Puts what plugins throw into words that help whoever writes them. */
import {basename} from 'node:path';
import {fileURLToPath} from 'node:url';

const maximumWords = 2000;

/** Where printkeep's own code lies: what it throws says all there is to say. */
const ownFolder = new URL('.', import.meta.url).href;

/** What stands there may be anything: a plugin can have put it there. */
const stackOf = (error: Error): string => String(error.stack).slice(0, 10_000);

/** File and line of a slip in a plugin's code, as ` (hello.mjs:12)`; empty for what was thrown on purpose, and where it cannot be told. */
const placeOfSlip = (error: Error, code: string): string => {
	if (code !== '' || !(error instanceof TypeError || error instanceof ReferenceError)) {
		return '';
	}

	const [frame = ''] = stackOf(error)
		.split('\n')
		.filter(line => /^ +at .*\bfile:/u.test(line));
	const [, file = '', line = ''] = /(file:\/\/.*?):(\d+)(?::\d+)?\)?$/u.exec(frame) ?? [];
	return file === '' || file.startsWith(ownFolder) ? '' : ` (${basename(fileURLToPath(file))}:${line})`;
};

/** What was thrown, in words: message and code of an error, with the place where it is a slip. Never throws. */
export const wordsOf = (error: unknown): {readonly message: string; readonly code: string} => {
	try {
		if (error instanceof Error) {
			const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
			return {
				message: `${String(error.message).slice(0, maximumWords)}${placeOfSlip(error, code).slice(0, 200)}`,
				code: code.slice(0, 50),
			};
		}

		return {message: String(error).slice(0, maximumWords), code: ''};
	} catch {
		return {message: 'It threw something that cannot be put into words.', code: ''};
	}
};

/** What Node says of the place of a mistake in a file it cannot read: only of TypeScript a line. Never throws. */
export const whereIsIt = (error: SyntaxError, path: string): string => {
	const elsewhere = `. Where, is told by: node --check ${path}`;
	try {
		const [, line] = /^\S.*:(\d+)\n/u.exec(stackOf(error)) ?? [];
		return line === undefined ? elsewhere : ` (line ${line})`;
	} catch {
		return elsewhere;
	}
};
