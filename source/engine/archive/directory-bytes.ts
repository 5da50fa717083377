/**
 * The bytes of a list of contents: in memory where there are few, read from the archive again and again where there are many. Hundreds of thousands of records
 * take tens of megabytes, of which nobody ever needs more than a few at a time.
 */
import {hash} from 'node:crypto';
import {archiveFault} from './errors.js';
import {readFully} from './pread.js';

/** Where bytes that were asked for are, until the next time any are asked for. */
export type DirectoryView = {
	readonly bytes: Buffer;
	/** Where they begin in it; what follows them there is valid as well. */
	readonly start: number;
};

export type DirectoryBytes = {
	/** Of all of it. */
	readonly length: number;
	/**
	 * Shows bytes; what it returns may be the same object each time.
	 * @param start counted from the beginning of the list.
	 * @param bytes how many; beyond the end of the list there are none.
	 * @throws zip-changed when the archive is not any more what it was; the disk's system errors
	 */
	readonly at: (start: number, bytes: number) => DirectoryView;
};

/** A list that is in memory, which must not be of the kind that can be given back: each look at a byte of that takes several times as long. */
export const heldDirectory = (bytes: Buffer): DirectoryBytes => ({
	length: bytes.length,
	at: start => ({bytes, start}),
});

/** Lists up to this size are kept in memory: those of some thousand files. */
const mostHeldBytes = 1024 * 1024;
/** Each is hashed when it is first read. */
const blockBytes = 16 * 1024;
/** What is read in one go where one look follows the other. */
const aheadBytes = 8 * blockBytes;
/** Several go through a list side by side: one compares it with the manifest, one hands records to the threads. */
const windowCount = 4;
const hashBytes = 32;

type Window = {
	memory: Buffer;
	/** What is in it, by its place in the list. */
	start: number;
	end: number;
	usedAt: number;
};

/**
 * A list that stays in the archive. What is read of it a second time is what was read the first time, or is refused: names were judged by then.
 * @param position of the list in the open archive.
 */
const windowedDirectory = (descriptor: number, position: number, length: number): DirectoryBytes => {
	const hashes = Buffer.alloc(Math.ceil(length / blockBytes) * hashBytes);
	const isKnown = new Uint8Array(Math.ceil(length / blockBytes));
	const windows: Window[] = [];
	const view: {bytes: Buffer; start: number} = {bytes: Buffer.alloc(0), start: 0};
	let looks = 0;
	let current: Window | null = null;

	const check = (block: number, bytes: Buffer): void => {
		const found = hash('sha256', bytes, 'buffer');
		if (isKnown[block] === 0) {
			isKnown[block] = 1;
			found.copy(hashes, block * hashBytes);
		} else if (found.compare(hashes, block * hashBytes, (block + 1) * hashBytes) !== 0) {
			throw archiveFault('zip-changed', 'The archive’s list of contents was changed while it was read.');
		}
	};

	const fill = (window: Window, from: number, to: number): void => {
		const start = Math.floor(from / blockBytes) * blockBytes;
		const end = Math.min(length, Math.ceil(to / blockBytes) * blockBytes);
		if (window.memory.length < end - start) {
			window.memory = Buffer.allocUnsafeSlow(Math.max(aheadBytes, end - start));
		}

		// Should reading fail, nothing stale must be taken for the list.
		window.start = start;
		window.end = start;
		readFully(descriptor, window.memory.subarray(0, end - start), position + start);
		for (let block = start; block < end; block += blockBytes) {
			check(block / blockBytes, window.memory.subarray(block - start, Math.min(block + blockBytes, end) - start));
		}

		window.end = end;
	};

	const holds = (window: Window, start: number, end: number): boolean => start >= window.start && end <= window.end;

	const windowFor = (start: number, end: number): Window => {
		const holding = windows.find(window => holds(window, start, end));
		if (holding) {
			return holding;
		}

		const followed = windows.find(window => start >= window.start && start <= window.end);
		if (followed) {
			fill(followed, start, Math.max(end, start + aheadBytes - blockBytes));
			return followed;
		}

		const made: Window | null =
			windows.length < windowCount ? {memory: Buffer.alloc(0), start: 0, end: 0, usedAt: 0} : null;
		if (made) {
			windows.push(made);
		}

		const window = made ?? windows.reduce((oldest, each) => (each.usedAt < oldest.usedAt ? each : oldest));
		fill(window, start, end);
		return window;
	};

	return {
		length,
		at(start, bytes) {
			const end = Math.min(start + bytes, length);
			if (!current || !holds(current, start, end)) {
				current = windowFor(start, end);
				looks++;
				current.usedAt = looks;
				view.bytes = current.memory.subarray(0, current.end - current.start);
			}

			view.start = start - current.start;
			return view;
		},
	};
};

/**
 * The list of contents of an open archive.
 * @param position where it begins in the archive.
 * @param mostBytes up to this size it is kept in memory.
 * @throws zip-changed when the archive ends before; the disk's system errors
 */
export const openDirectory = (
	descriptor: number,
	position: number,
	length: number,
	mostBytes = mostHeldBytes,
): DirectoryBytes => {
	if (length > mostBytes) {
		return windowedDirectory(descriptor, position, length);
	}

	const bytes = Buffer.allocUnsafeSlow(length);
	readFully(descriptor, bytes, position);
	return heldDirectory(bytes);
};
