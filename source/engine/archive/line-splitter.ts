import {damaged} from './errors.js';

/** Characters a line may have: the lines of a real manifest are short, and a longer one would only fill the memory. */
const mostCharacters = 16 * 1024 * 1024;

/**
 * Splits a manifest's bytes, which come in chunks, into lines. What it is given may throw.
 * @throws archive-damaged when they are no UTF-8, or a line is too long
 */
export const createLineSplitter = (
	onLine: (line: string) => void,
): {readonly push: (chunk: Buffer) => void; readonly end: () => void} => {
	const decoder = new TextDecoder('utf-8', {fatal: true});
	/** What there is of the line that has not ended yet. Joined only at its end: joining at every chunk takes time by the square of its length. */
	let parts: string[] = [];
	let characters = 0;
	const decode = (chunk?: Buffer): string => {
		try {
			return decoder.decode(chunk, {stream: chunk !== undefined});
		} catch {
			throw damaged('The manifest of the archive cannot be understood: it is not valid UTF-8.');
		}
	};
	const gather = (part: string): void => {
		characters += part.length;
		if (characters > mostCharacters) {
			throw damaged('The manifest of the archive cannot be understood: a line is too long.');
		}

		if (part !== '') {
			parts.push(part);
		}
	};
	const join = (): string => {
		const line = parts.join('');
		parts = [];
		characters = 0;
		return line;
	};
	const take = (text: string): void => {
		let start = 0;
		for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
			gather(text.slice(start, end));
			start = end + 1;
			onLine(join());
		}

		gather(text.slice(start));
	};

	return {
		push(chunk) {
			take(decode(chunk));
		},
		end() {
			take(decode());
			if (characters > 0) {
				onLine(join());
			}
		},
	};
};
