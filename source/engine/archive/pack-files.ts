/**
 * Makes entries of small files, a batch at a time: read, checked for changes, hashed, compressed, and laid out as they will lie in the archive. Only the
 * position of the batch is missing.
 */

import {hash} from 'node:crypto';
import {closeSync, constants, openSync, readSync} from 'node:fs';
import {crc32} from 'node:zlib';
import {toPrintkeepError} from '../../errors.js';
import {isSqlite} from '../sqlite/header.js';
import {deflateSmaller, seemsCompressible} from './compress.js';
import {isUnchanged, stateOf, statsOf} from './file-stats.js';
import {manifestLine, secondsText} from './manifest-line.js';
import {buildCentralHeader, buildLocalHeader, prepareMember} from './member-headers.js';
import {newPieceMemory} from './pack-piece.js';
import {giveBack, makeRoom} from './room.js';
import {methodDeflated, methodStored} from './zip-format.js';

/** A file of a batch. */
export type PackFile = {
	/** Absolute path; bytes when it is no UTF-8. */
	readonly source: string | Uint8Array;
	/** Entry name. */
	readonly name: string;
	readonly rawPath?: string;
};

export type PackFilesInput = {
	readonly files: readonly PackFile[];
	/** Name of the part all of them belong to. */
	readonly part: string;
	/** Of deflate, 1 to 9. */
	readonly level: number;
	/** Larger files are left to the caller. */
	readonly maximumBytes: number;
	/** See stateOf. */
	readonly settledBefore: bigint | null;
	/** For what comes of it: from `newPieceMemory`, or of a batch that came back and is done with. */
	readonly memory?: ArrayBuffer;
};

/** What became of a file that is not simply in the batch. */
export type PackException = {
	/** Position in the batch. */
	readonly index: number;
	/** `deferred`: a database, or larger than expected. `changing`: it is in the batch, and may be torn. */
	readonly type: 'vanished' | 'deferred' | 'unreadable' | 'changing';
	/** In words; for `unreadable`. */
	readonly reason: string;
};

/** All bytes of it lie in one memory. */
export type PackFilesOutput = {
	/** Local headers and data, one after the other. */
	readonly entries: Uint8Array<ArrayBuffer>;
	/** Records of the central directory; their offsets count from the start of `entries`. */
	readonly records: Uint8Array<ArrayBuffer>;
	/** Lines of the manifest, each ended by a comma and a line feed. */
	readonly lines: Uint8Array<ArrayBuffer>;
	readonly count: number;
	/** Of content. */
	readonly bytes: number;
	readonly exceptions: readonly PackException[];
};

const attempts = 3;
const databaseHeaderBytes = 16;

/** A growing buffer. */
class Gathered {
	#buffer: Buffer<ArrayBuffer>;
	length = 0;

	constructor(memory: ArrayBuffer) {
		this.#buffer = Buffer.from(memory);
	}

	get memory(): ArrayBuffer {
		return this.#buffer.buffer;
	}

	#reserve(bytes: number): void {
		if (this.length + bytes > this.#buffer.length) {
			const larger = makeRoom(Math.max(this.length + bytes, this.#buffer.length * 2));
			larger.set(this.#buffer.subarray(0, this.length));
			giveBack(this.#buffer);
			this.#buffer = larger;
		}
	}

	add(bytes: Uint8Array): void {
		this.#reserve(bytes.length);
		this.#buffer.set(bytes, this.length);
		this.length += bytes.length;
	}

	addText(text: string): void {
		// Three bytes hold any UTF-16 unit.
		this.#reserve(text.length * 3);
		this.length += this.#buffer.write(text, this.length);
	}

	/** What was gathered from a position on; valid until more comes. */
	from(start: number): Uint8Array<ArrayBuffer> {
		return this.#buffer.subarray(start, this.length);
	}
}

let scratch: Buffer | null = null;

/** Of the batch at hand; the next one uses them again. */
const records = new Gathered(new ArrayBuffer(32 * 1024));
const lines = new Gathered(new ArrayBuffer(64 * 1024));

/** At most that many bytes from the start of a file, in a buffer that the next call uses again. */
const readStart = (descriptor: number, bytes: number): Buffer => {
	if (!scratch || scratch.length < bytes) {
		scratch = Buffer.allocUnsafeSlow(bytes);
	}

	let done = 0;
	while (done < bytes) {
		const count = readSync(descriptor, scratch, done, bytes - done, done);
		if (count === 0) {
			break;
		}

		done += count;
	}

	return scratch.subarray(0, done);
};

type Read =
	| {
			readonly type: 'read';
			readonly stats: ReturnType<typeof statsOf>;
			readonly content: Buffer;
			readonly isStill: boolean;
	  }
	| Omit<PackException, 'index'>;

const unreadable = (error: unknown): Read => ({
	type: 'unreadable',
	reason: toPrintkeepError(error, 'It could not be read').message,
});

const readStill = (descriptor: number, maximumBytes: number): Read => {
	for (let attempt = 1; ; attempt++) {
		const stats = statsOf(descriptor);
		if (!stats.isFile()) {
			return {type: 'unreadable', reason: 'It is no ordinary file any more.'};
		}

		if (stats.size > maximumBytes) {
			return {type: 'deferred', reason: ''};
		}

		const bytes = Number(stats.size);
		const content = readStart(descriptor, bytes);
		if (content.length >= databaseHeaderBytes && isSqlite(content)) {
			return {type: 'deferred', reason: ''};
		}

		const isStill = content.length === bytes && isUnchanged(stats, statsOf(descriptor));
		if (isStill || attempt === attempts) {
			return {type: 'read', stats, content, isStill};
		}
	}
};

const readFile = (source: string | Uint8Array, maximumBytes: number): Read => {
	let descriptor: number;
	try {
		// O_NONBLOCK: a pipe that took the file's place since the scan must not hang the backup.
		descriptor = openSync(
			typeof source === 'string' ? source : Buffer.from(source),
			constants.O_RDONLY | constants.O_NONBLOCK,
		);
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		return code === 'ENOENT' || code === 'ENOTDIR' ? {type: 'vanished', reason: ''} : unreadable(error);
	}

	try {
		return readStill(descriptor, maximumBytes);
	} catch (error) {
		return unreadable(error);
	} finally {
		closeSync(descriptor);
	}
};

/** Reads and packs a batch. Trouble with a file is told, and never ends the batch. */
export const packFiles = ({
	files,
	part,
	level,
	maximumBytes,
	settledBefore,
	memory,
}: PackFilesInput): {readonly output: PackFilesOutput; readonly transfer: readonly ArrayBuffer[]} => {
	const entries = new Gathered(memory ?? newPieceMemory());
	records.length = 0;
	lines.length = 0;
	const exceptions: PackException[] = [];
	let count = 0;
	let bytes = 0;
	for (const [index, {source, name, rawPath}] of files.entries()) {
		const read = readFile(source, maximumBytes);
		if (read.type !== 'read') {
			exceptions.push({index, type: read.type, reason: read.reason});
			continue;
		}

		const {stats, content, isStill} = read;
		if (!isStill) {
			exceptions.push({index, type: 'changing', reason: ''});
		}

		const mode = Number(stats.mode);
		const uid = Number(stats.uid);
		const gid = Number(stats.gid);
		const member = prepareMember({name, mode, modifiedAt: Number(stats.mtimeNs / 1_000_000n), uid, gid});
		const isWorthIt = seemsCompressible(content.length, (position, length) =>
			content.subarray(position, position + length),
		);
		const deflated = isWorthIt ? deflateSmaller(content, level) : null;
		const data = deflated ?? content;
		const memberContent = {
			method: deflated ? methodDeflated : methodStored,
			crc32: crc32(content),
			compressedBytes: data.length,
			bytes: content.length,
		} as const;
		records.add(buildCentralHeader(member, memberContent, entries.length, false));
		entries.add(buildLocalHeader(member, memberContent, false));
		entries.add(data);
		lines.addText(
			`${manifestLine({
				path: name,
				part,
				bytes: content.length,
				mode,
				modified: secondsText(stats.mtimeNs),
				uid,
				gid,
				...(rawPath === undefined ? {} : {rawPath}),
				...(isStill ? stateOf(stats, settledBefore) : {}),
				sha256: hash('sha256', content),
			})},\n`,
		);
		count++;
		bytes += content.length;
	}

	const recordsStart = entries.length;
	entries.add(records.from(0));
	const linesStart = entries.length;
	entries.add(lines.from(0));
	const all = entries.from(0);
	const output = {
		entries: all.subarray(0, recordsStart),
		records: all.subarray(recordsStart, linesStart),
		lines: all.subarray(linesStart),
		count,
		bytes,
		exceptions,
	};
	return {output, transfer: [entries.memory]};
};
