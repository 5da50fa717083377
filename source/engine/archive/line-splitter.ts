import {damaged} from './errors.js';

/** Splits a manifest's bytes, which come in chunks, into lines. What it is given may throw. @throws archive-damaged when they are no UTF-8 */
export const createLineSplitter = (
	onLine: (line: string) => void,
): {readonly push: (chunk: Buffer) => void; readonly end: () => void} => {
	const decoder = new TextDecoder('utf-8', {fatal: true});
	let rest = '';
	const decode = (chunk?: Buffer): string => {
		try {
			return decoder.decode(chunk, {stream: chunk !== undefined});
		} catch {
			throw damaged('The manifest of the archive cannot be understood: it is not valid UTF-8.');
		}
	};
	const take = (text: string): void => {
		const parts = (rest + text).split('\n');
		rest = parts.pop() ?? '';
		for (const part of parts) {
			onLine(part);
		}
	};

	return {
		push(chunk) {
			take(decode(chunk));
		},
		end() {
			take(decode());
			if (rest !== '') {
				onLine(rest);
			}
		},
	};
};
