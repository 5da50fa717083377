/**
 * The ZIP comment of printkeep's archives: a line of ASCII JSON that lists of thousands of backups can be read from without opening the
 * archives further, and that seals all bytes before it with a hash. Its first field and the hash stand at a fixed place, so that the hash can be
 * patched in after the archive has been read back.
 */
import {fstatSync, readSync} from 'node:fs';
import * as v from 'valibot';
import type {ServerKind} from '../../client/protocol.js';
import {isServerKind} from '../../client/server-kind.js';
import {PrintkeepError} from '../../errors.js';
import type {Disk} from '../disk.js';
import {findEndRecord} from './end-record-search.js';
import {damaged} from './errors.js';
import type {ArchiveComment, ManifestHeader} from './types.js';
import {endRecordBytes} from './zip-format.js';

const opening = '{"printkeep":1,"sha256":"';
const hashDigits = 64;
const maximumCommentBytes = 4000;

/** What stands where the hash will be, until the archive has been read back. */
export const unsealedHash = '0'.repeat(hashDigits);

/** Position of the hash's first digit, from the start of the end record. */
export const hashOffset = endRecordBytes + opening.length;

export type UnsealedComment = Omit<ArchiveComment, 'sha256'>;

/** ASCII JSON: everything else as `\u` escapes, so that no tool's idea of the comment's encoding can change it. */
const asciiJson = (value: unknown): string =>
	JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const ordered = (comment: UnsealedComment, sha256: string): ArchiveComment => ({
	printkeep: 1,
	sha256,
	id: comment.id,
	sequence: comment.sequence,
	created: comment.created,
	host: comment.host,
	kind: comment.kind,
	instance: comment.instance,
	version: comment.version,
	trigger: comment.trigger,
	status: comment.status,
	files: comment.files,
	bytes: comment.bytes,
	skipped: comment.skipped,
	excludes: comment.excludes,
	note: comment.note,
});

/** The comment's bytes, at most 4,000, with the given hash or the placeholder. */
export const encodeComment = (comment: UnsealedComment, sha256: string = unsealedHash): Buffer =>
	Buffer.from(asciiJson(ordered(comment, sha256)), 'latin1');

/** Cuts a text to a number of UTF-16 units, never through a surrogate pair. */
const cut = (text: string, units: number): string =>
	text.length <= units ? text : text.slice(0, units).replace(/[\ud800-\udbff]$/, '');

/**
 * The comment of a manifest's header. The same header always gives the same comment, so that reading an archive can tell any changed
 * byte in it. What does not fit is cut; the manifest has all of it.
 */
export const commentOf = (header: ManifestHeader): UnsealedComment => {
	const make = (noteUnits: number, excludes: number): UnsealedComment => ({
		printkeep: 1,
		id: cut(header.id, 64),
		sequence: header.sequence,
		created: cut(header.created, 40),
		host: cut(header.host, 80),
		kind: header.kind,
		instance: cut(header.instance, 80),
		version: header.server.version === null ? null : cut(header.server.version, 60),
		trigger: header.trigger,
		status: header.status,
		files: header.totals.files,
		bytes: header.totals.bytes,
		skipped: header.skipped.length,
		excludes: header.excludes.slice(0, excludes).map(name => cut(name, 60)),
		note: cut(header.note, noteUnits),
	});
	for (const [noteUnits, excludes] of [
		[200, 40],
		[60, 40],
		[0, 20],
	] as const) {
		const comment = make(noteUnits, excludes);
		if (encodeComment(comment).length <= maximumCommentBytes) {
			return comment;
		}
	}

	return make(0, 0);
};

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const schema = v.object({
	printkeep: v.literal(1),
	sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
	id: v.string(),
	sequence: count,
	created: v.pipe(
		v.string(),
		v.check(text => !Number.isNaN(Date.parse(text))),
	),
	host: v.string(),
	kind: v.custom<ServerKind>(isServerKind),
	instance: v.string(),
	version: v.nullable(v.string()),
	trigger: v.picklist(['manual', 'auto', 'preupgrade', 'prerestore', 'import']),
	status: v.picklist(['complete', 'partial']),
	files: count,
	bytes: count,
	skipped: count,
	excludes: v.array(v.string()),
	note: v.string(),
});

/**
 * Reads a comment.
 * @returns null when it is not printkeep's, or not as printkeep writes it.
 * @throws archive-too-new when a newer printkeep wrote it.
 */
export const parseComment = (bytes: Buffer): ArchiveComment | null => {
	const text = bytes.toString('latin1');
	const format = /^\{"printkeep":(\d{1,6}),/.exec(text)?.[1];
	if (format === undefined) {
		return null;
	}

	if (Number(format) > 1) {
		throw new PrintkeepError('archive-too-new', 'This backup was written by a newer printkeep.', {
			hint: 'Update printkeep on this machine, then try again.',
		});
	}

	if (!text.startsWith(opening)) {
		return null;
	}

	try {
		const result = v.safeParse(schema, JSON.parse(text));
		return result.success ? ordered(result.output, result.output.sha256) : null;
	} catch {
		return null;
	}
};

/**
 * Puts the hash of all bytes before the end record into the comment of an archive that was just written and read back.
 * @throws archive-damaged when there is no comment that waits for it.
 */
export const sealArchive = ({
	disk,
	descriptor,
	sha256,
}: {
	readonly disk: Disk;
	readonly descriptor: number;
	/** 64 lower-case hex digits. */
	readonly sha256: string;
}): void => {
	const end = findEndRecord(descriptor, fstatSync(descriptor).size);
	const found = Buffer.alloc(opening.length + hashDigits);
	readSync(descriptor, found, 0, found.length, end.offset + endRecordBytes);
	if (found.toString('latin1') !== opening + unsealedHash || !/^[0-9a-f]{64}$/.test(sha256)) {
		throw damaged('The archive has no place for its seal.');
	}

	disk.write(descriptor, Buffer.from(sha256, 'latin1'), end.offset + hashOffset);
};
