/** What is kept beside a deleted backup, so that it comes back as it was. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as v from 'valibot';
import {verifiedSchema} from './store-index.js';

/** Name of the record in an item's folder. No backup can be called this: their names end in `.zip`. */
export const trashRecordName = 'item.json';

const schema = v.object({
	format: v.literal(1),
	/** Its place among the deletions of this store; the clock tells no order. */
	number: v.number(),
	/** The name it had in the store and gets again. */
	key: v.string(),
	deletedAt: v.number(),
	bytes: v.number(),
	createdAt: v.nullable(v.number()),
	note: v.string(),
	sequence: v.nullable(v.number()),
	instance: v.nullable(v.string()),
	pinned: v.boolean(),
	verified: v.nullable(verifiedSchema),
	/** When a job first found it past its time; missing as long as none has. */
	seenExpiredAt: v.optional(v.number()),
});

export type TrashRecord = v.InferOutput<typeof schema>;

/** Reads the record in an item's folder; null when there is none, or none that can be understood. */
export const readTrashRecord = (folder: string): TrashRecord | null => {
	try {
		const {success, output} = v.safeParse(schema, JSON.parse(readFileSync(join(folder, trashRecordName), 'utf8')));
		return success ? output : null;
	} catch {
		return null;
	}
};

/** The bytes of a record. */
export const trashRecordBytes = (record: Omit<TrashRecord, 'format'>): Uint8Array =>
	Buffer.from(`${JSON.stringify({format: 1, ...record} satisfies TrashRecord)}\n`);
