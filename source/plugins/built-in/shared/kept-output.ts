import type {Readable} from 'node:stream';

/** Keeps the beginning and the end of what comes out of streams, together, in the order in which it comes. @param maximumBytes of all that is kept. */
export const createKeptOutput = (
	maximumBytes: number,
): {
	readonly follow: (stream: Readable) => void;
	/** What was kept, with a line that says how much was not. */
	readonly text: () => string;
} => {
	const headBytes = Math.floor(maximumBytes / 4);
	const tailBytes = maximumBytes - headBytes;
	const head: Uint8Array[] = [];
	let inHead = 0;
	let tail: Uint8Array[] = [];
	let inTail = 0;
	let dropped = 0;
	const add = (chunk: Buffer): void => {
		const first = chunk.subarray(0, headBytes - inHead);
		if (first.length > 0) {
			head.push(first);
			inHead += first.length;
		}

		const rest = chunk.subarray(first.length);
		if (rest.length > 0) {
			tail.push(rest);
			inTail += rest.length;
			// Joined now and then, not for every piece.
			if (inTail > 2 * tailBytes) {
				shorten();
			}
		}
	};

	const shorten = (): void => {
		const joined = Buffer.concat(tail);
		const kept = joined.subarray(-tailBytes);
		dropped += joined.length - kept.length;
		tail = [kept];
		inTail = kept.length;
	};

	return {
		follow(stream) {
			stream.on('data', add);
			// What the other side does to its pipe is no failure of ours.
			stream.on('error', () => undefined);
		},
		text() {
			shorten();
			const gap = dropped === 0 ? '' : `\n… ${dropped} bytes are left out here …\n`;
			return `${Buffer.concat(head).toString('utf8')}${gap}${Buffer.concat(tail).toString('utf8')}`;
		},
	};
};
