import {createHash, type Hash, hash} from 'node:crypto';
import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs';
import {crc32} from 'node:zlib';
import type {DiskPath} from '../disk.js';
import {isSqlite} from '../sqlite/header.js';
import {type BytePath, toDiskPath} from './byte-path.js';
import {liveOf} from './places.js';
import {type Digest, rememberDigest, rememberedDigest} from './remembered-digests.js';
import type {Survey} from './survey-result.js';
import type {WantedFile} from './wanted-tree.js';

const chunkBytes = 256 * 1024;

/** Taken by whoever reads a file and put back after it: a new one for each of many files would be a lot of memory before it is collected. */
let spare: Buffer | null = null;

export type DigestOptions = {
	readonly breathe: () => Promise<void>;
	readonly onBytes?: (bytes: number) => void;
	/** Called with what the system said when the file could not be read. */
	readonly onUnreadable?: (error: unknown) => void;
	/** False leaves the CRC-32 out: it is 0 then. */
	readonly needsChecksum?: boolean;
	/** What knows a file that was read before, by what is another one as soon as the file is, and takes in what was read. Missing: the file is read anew. */
	readonly memory?: DigestMemory;
};

export type DigestMemory = {
	readonly find: (stamp: string) => Digest | undefined;
	readonly keep: (stamp: string, digest: Digest) => void;
};

export type DigestedFile = Digest & {
	/** True when it begins like a database. Nobody knows it of what was remembered. */
	readonly isDatabase: boolean;
};

/** Remembers the file at a path for whoever compares it after this. */
const memoryOf = (path: BytePath): DigestMemory => ({
	find: stamp => rememberedDigest(path, stamp),
	keep: (stamp, digest) => rememberDigest(path, stamp, digest),
});

/**
 * Hashes a file with bounded memory.
 * @returns null when it is no ordinary file (any more) or cannot be read.
 */
export const digestFile = async (
	path: DiskPath,
	{breathe, onBytes, onUnreadable, needsChecksum = true, memory}: DigestOptions,
): Promise<DigestedFile | null> => {
	let descriptor: number;
	try {
		descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (error) {
		onUnreadable?.(error);
		return null;
	}

	const buffer = spare ?? Buffer.allocUnsafeSlow(chunkBytes);
	spare = null;
	try {
		const stats = fstatSync(descriptor, {bigint: true});
		if (!stats.isFile()) {
			return null;
		}

		const stamp = memory ? `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}` : '';
		const known = memory?.find(stamp);
		if (known) {
			onBytes?.(known.bytes);
			return {...known, isDatabase: false};
		}

		// One that takes in piece after piece costs more than anything else that is done with a small file.
		let hasher: Hash | null = null;
		let sha256 = '';
		let checksum = 0;
		let position = 0;
		let isDatabase = false;
		for (let isWhole = false; !isWhole; ) {
			let count = readSync(descriptor, buffer, 0, buffer.length, position);
			if (position === 0 && count < buffer.length) {
				const more = readSync(descriptor, buffer, count, buffer.length - count, count);
				isWhole = more === 0;
				count += more;
			} else if (count === 0) {
				break;
			}

			const chunk = buffer.subarray(0, count);
			if (isWhole) {
				sha256 = hash('sha256', chunk);
			} else {
				hasher ??= createHash('sha256');
				hasher.update(chunk);
			}

			checksum = needsChecksum ? crc32(chunk, checksum) : 0;
			isDatabase ||= position === 0 && isSqlite(chunk);
			position += count;
			onBytes?.(count);
			await breathe();
		}

		const digest = {
			sha256: hasher?.digest('hex') ?? sha256,
			crc32: checksum,
			bytes: position,
			changedAt: Number(stats.ctimeNs),
		};
		memory?.keep(stamp, digest);
		return {...digest, isDatabase};
	} catch (error) {
		// Cancelling comes through here too; only what the disk says means that the file cannot be compared.
		if ((error as NodeJS.ErrnoException).syscall === undefined) {
			throw error;
		}

		onUnreadable?.(error);
		return null;
	} finally {
		spare = buffer;
		closeSync(descriptor);
	}
};

/** True when a digest is that of the wanted content: by SHA-256 where the backup has one, else by the ZIP's CRC-32 and size. */
export const isContentOf = (digest: Digest | null, wanted: WantedFile): boolean =>
	digest !== null &&
	digest.bytes === wanted.bytes &&
	(wanted.sha256 === null ? digest.crc32 === wanted.entry.crc32 : digest.sha256 === wanted.sha256);

export type Comparison = {
	readonly kept: readonly WantedFile[];
	readonly changed: readonly WantedFile[];
	/** Files whose link is there as it was and leads to the same content. */
	readonly sameLinks: ReadonlySet<WantedFile>;
	/** Files that are the same byte for byte. */
	readonly sameBytes: readonly WantedFile[];
	/** The `changedAt` of what was read for each of them. */
	readonly changedAt: readonly number[];
	/** Those of `changed` of which nobody knows what is in them, with what the system said. */
	readonly unreadable: ReadonlyMap<WantedFile, unknown>;
};

/** Compares contents; modification times tell nothing here. A file is not read again that seems not to have changed since. */
export const comparePairs = async (
	{pairs, linkedPairs, places}: Pick<Survey, 'pairs' | 'linkedPairs' | 'places'>,
	{onFile, ...options}: Pick<DigestOptions, 'breathe' | 'onBytes'> & {readonly onFile?: (name: string) => void},
): Promise<Comparison> => {
	const kept: WantedFile[] = [];
	const changed: WantedFile[] = [];
	const sameLinks = new Set<WantedFile>();
	const changedAt: number[] = [];
	const unreadable = new Map<WantedFile, unknown>();
	for (const wanted of pairs) {
		onFile?.(wanted.name);
		const path = liveOf(places, wanted);
		const digest = await digestFile(toDiskPath(path), {
			...options,
			memory: memoryOf(path),
			onUnreadable: error => unreadable.set(wanted, error),
		});
		if (digest && isContentOf(digest, wanted)) {
			kept.push(wanted);
			changedAt.push(digest.changedAt);
			if (linkedPairs.has(wanted)) {
				sameLinks.add(wanted);
			}
		} else {
			changed.push(wanted);
		}
	}

	return {kept, changed, sameLinks, sameBytes: kept, changedAt, unreadable};
};
