import {damaged} from './errors.js';

/** Bytes a line may have: the lines of a real manifest are short, and a longer one would only fill the memory. */
const mostBytes = 16 * 1024 * 1024;
const lineFeed = 0x0a;

export type LineSplitter = {readonly push: (chunk: Buffer) => void; readonly end: () => void};

/** Looks at a line's bytes, without its line feed, which are valid until it returns. @returns false to get the line as text after all */
export type TakeBytes = (bytes: Buffer, start: number, end: number) => boolean;

/**
 * Splits a manifest's bytes, which come in chunks, into lines. What it is given may throw.
 * @throws archive-damaged when they are no UTF-8, or a line is too long
 */
export const createLineSplitter = (
	onLine: (line: string) => void,
	takeBytes: TakeBytes = () => false,
): LineSplitter => {
	// The mark of the byte order may stand at the start of all, and nowhere else.
	let decoder = new TextDecoder('utf-8', {fatal: true});
	let isFirst = true;
	/** What there is of the line that has not ended yet. Joined only at its end: joining at every chunk takes time by the square of its length. */
	let parts: Buffer[] = [];
	let gathered = 0;
	const decode = (bytes: Buffer): string => {
		try {
			return decoder.decode(bytes);
		} catch {
			throw damaged('The manifest of the archive cannot be understood: it is not valid UTF-8.');
		}
	};
	const take = (bytes: Buffer, start: number, end: number): void => {
		if (!takeBytes(bytes, start, end)) {
			onLine(decode(bytes.subarray(start, end)));
		}

		if (isFirst) {
			isFirst = false;
			decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});
		}
	};
	const gather = (bytes: Buffer): void => {
		gathered += bytes.length;
		if (gathered > mostBytes) {
			throw damaged('The manifest of the archive cannot be understood: a line is too long.');
		}

		if (bytes.length > 0) {
			parts.push(Buffer.from(bytes));
		}
	};
	const takeGathered = (): void => {
		const line = Buffer.concat(parts);
		parts = [];
		gathered = 0;
		take(line, 0, line.length);
	};

	return {
		push(chunk) {
			let start = 0;
			for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
				if (gathered > 0) {
					gather(chunk.subarray(start, end));
					takeGathered();
				} else {
					take(chunk, start, end);
				}

				start = end + 1;
			}

			gather(chunk.subarray(start));
		},
		end() {
			if (gathered > 0) {
				takeGathered();
			}
		},
	};
};
