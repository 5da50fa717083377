/** What a line of a manifest must be, in valibot's words: the reference for the checks that are written by hand. */
import * as v from 'valibot';
import type {ManifestFile, ManifestFolder, ManifestLink} from '../../source/engine/archive/types.js';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const id = v.pipe(v.number(), v.safeInteger());
const text = v.string();
const seconds = v.pipe(text, v.regex(/^-?\d{1,15}\.\d{9}$/));

export const folderSchema = v.object({
	path: text,
	mode: count,
	modified: seconds,
	uid: id,
	gid: id,
	rawPath: v.exactOptional(text),
}) satisfies v.GenericSchema<unknown, ManifestFolder>;

export const linkSchema = v.object({
	path: text,
	target: text,
	type: v.picklist(['file', 'directory', 'dangling']),
	rawPath: v.exactOptional(text),
}) satisfies v.GenericSchema<unknown, ManifestLink>;

type Tables = Readonly<Record<string, number>>;

const isTables = (value: unknown): value is Tables =>
	typeof value === 'object' &&
	value !== null &&
	!Array.isArray(value) &&
	Object.values(value).every(rows => Number.isSafeInteger(rows) && rows >= 0);

/**
 * Rows per table, in an object without a prototype: a table may be called `__proto__` or `constructor`, which is why valibot's own record, that drops
 * such names, is not used.
 */
const tables = v.pipe(
	v.custom<Tables>(isTables),
	v.transform((record): Tables => {
		const copy: Record<string, number> = Object.create(null);
		for (const [name, rows] of Object.entries(record)) {
			copy[name] = rows;
		}

		return copy;
	}),
);

export const fileSchema = v.object({
	path: text,
	part: text,
	bytes: count,
	mode: count,
	modified: seconds,
	uid: id,
	gid: id,
	rawPath: v.exactOptional(text),
	inode: v.exactOptional(v.pipe(text, v.regex(/^\d{1,20}$/))),
	changed: v.exactOptional(seconds),
	sourceBytes: v.exactOptional(count),
	sha256: v.pipe(text, v.regex(/^[0-9a-f]{64}$/)),
	tables: v.exactOptional(tables),
}) satisfies v.GenericSchema<unknown, ManifestFile>;
