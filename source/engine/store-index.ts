/**
 * `.printkeep.json` in a store: what is known about its backups beyond their own bytes (which are pinned, which were read in full and when). Losing it
 * loses no backup; a damaged one counts as empty and is replaced at the next change.
 */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as v from 'valibot';
import type {ErrorCode} from '../errors.js';
import type {Disk} from './disk.js';
import {replaceFile} from './durable-file.js';

export const storeIndexName = '.printkeep.json';

/** What a check can find wrong with an archive itself, and not only with the disk or the rights on it. */
export const damageCodes = [
	'not-a-zip',
	'archive-truncated',
	'archive-damaged',
	'archive-refused',
] as const satisfies readonly ErrorCode[];

const verifiedSchema = v.object({
	at: v.number(),
	bytes: v.number(),
	/** Nanoseconds since the epoch, as decimal digits. */
	modified: v.string(),
	/** Set when the file was found damaged; missing when every byte was right. */
	problem: v.optional(v.object({code: v.picklist(damageCodes), message: v.string(), hint: v.string()})),
});

const schema = v.object({
	format: v.literal(1),
	pinned: v.array(v.string()),
	verified: v.record(v.string(), verifiedSchema),
	/** Highest sequence number ever given here; deleted backups never give theirs back. */
	sequence: v.number(),
});

export type VerifiedMark = v.InferOutput<typeof verifiedSchema>;

export type StoreIndex = {
	readonly pinned: ReadonlySet<string>;
	/** By `<origin>/<key>`. */
	readonly verified: ReadonlyMap<string, VerifiedMark>;
	readonly sequence: number;
};

export const emptyStoreIndex: StoreIndex = {pinned: new Set(), verified: new Map(), sequence: 0};

/** Reads a store's index; empty when there is none or it cannot be understood. */
export const readStoreIndex = (store: string): StoreIndex => {
	try {
		const parsed = v.parse(schema, JSON.parse(readFileSync(join(store, storeIndexName), 'utf8')));
		return {
			pinned: new Set(parsed.pinned),
			verified: new Map(Object.entries(parsed.verified)),
			sequence: parsed.sequence,
		};
	} catch {
		return emptyStoreIndex;
	}
};

/**
 * Changes a store's index. The store's lock must be held, since two writers would lose one change.
 * @returns the index as it is now.
 */
export const updateStoreIndex = async (
	disk: Disk,
	store: string,
	randomHex: string,
	change: (index: StoreIndex) => StoreIndex,
): Promise<StoreIndex> => {
	const next = change(readStoreIndex(store));
	const text = JSON.stringify({
		format: 1,
		pinned: [...next.pinned].sort(),
		verified: Object.fromEntries([...next.verified].sort(([a], [b]) => (a < b ? -1 : 1))),
		sequence: next.sequence,
	} satisfies v.InferInput<typeof schema>);
	await replaceFile(disk, join(store, storeIndexName), Buffer.from(`${text}\n`), {randomHex});
	return next;
};
