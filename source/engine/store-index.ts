/**
 * `.printkeep.json` in a store: what is known about its backups beyond their own bytes (which are pinned, which were read in full and when). Losing it
 * loses no backup; a damaged one counts as empty and is replaced at the next change. One that cannot be read, or that a newer printkeep wrote, is left alone.
 */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as v from 'valibot';
import {archiveFaults, PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {Disk} from './disk.js';
import {replaceFile} from './durable-file.js';

export const storeIndexName = '.printkeep.json';

/** What is remembered of a backup that was read in full. */
export const verifiedSchema = v.object({
	at: v.number(),
	bytes: v.number(),
	/** Nanoseconds since the epoch, as decimal digits. */
	modified: v.string(),
	/** Set when the file was found damaged; missing when every byte was right. */
	problem: v.optional(v.object({code: v.picklist(archiveFaults), message: v.string(), hint: v.string()})),
});

const schema = v.object({
	format: v.number(),
	pinned: v.fallback(v.array(v.string()), []),
	verified: v.fallback(v.record(v.string(), verifiedSchema), {}),
	/** Highest sequence number ever given here; deleted backups never give theirs back. */
	sequence: v.fallback(v.number(), 0),
});

export type VerifiedMark = v.InferOutput<typeof verifiedSchema>;

export type StoreIndex = {
	readonly pinned: ReadonlySet<string>;
	/** By `<origin>/<key>`. */
	readonly verified: ReadonlyMap<string, VerifiedMark>;
	readonly sequence: number;
};

export const emptyStoreIndex: StoreIndex = {pinned: new Set(), verified: new Map(), sequence: 0};

/**
 * Reads a store's index; empty when there is none or it says nothing.
 * @throws store-unwritable when it is there and cannot be read, or a newer printkeep wrote it: what is pinned is not known then.
 */
export const requireStoreIndex = (store: string): StoreIndex => {
	const path = join(store, storeIndexName);
	const unknown = (why: string, cause?: unknown): PrintkeepError =>
		new PrintkeepError('store-unwritable', `What is known about the backups of this store ${why}.`, {
			hint: `Nothing was changed. Look at ${safeText(path)}; if nobody needs what is in it (pins, for the most part), delete it.`,
			cause,
		});
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) {
			return emptyStoreIndex;
		}

		throw unknown('cannot be read', error);
	}

	const {success, output} = v.safeParse(schema, parseJson(text));
	if (!success) {
		return emptyStoreIndex;
	}

	if (output.format !== 1) {
		throw unknown('was written by a newer printkeep');
	}

	return {
		pinned: new Set(output.pinned),
		verified: new Map(Object.entries(output.verified)),
		sequence: output.sequence,
	};
};

const parseJson = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

/** Reads a store's index for those who only look; empty when it cannot be read. */
export const readStoreIndex = (store: string): StoreIndex => {
	try {
		return requireStoreIndex(store);
	} catch {
		return emptyStoreIndex;
	}
};

/**
 * Changes a store's index. The store's lock must be held, since two writers would lose one change.
 * @returns the index as it is now.
 * @throws like requireStoreIndex, and what the disk throws.
 */
export const updateStoreIndex = async (
	disk: Disk,
	store: string,
	randomHex: string,
	change: (index: StoreIndex) => StoreIndex,
): Promise<StoreIndex> => {
	const next = change(requireStoreIndex(store));
	const text = JSON.stringify({
		format: 1,
		pinned: [...next.pinned].sort(),
		verified: Object.fromEntries([...next.verified].sort(([a], [b]) => (a < b ? -1 : 1))),
		sequence: next.sequence,
	} satisfies v.InferInput<typeof schema>);
	await replaceFile(disk, join(store, storeIndexName), Buffer.from(`${text}\n`), {randomHex});
	return next;
};
