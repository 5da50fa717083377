/**
 * The records that make a restore survive anything: the journal while it runs, `rollback.json` for as long as it can be undone. Both lie in the data
 * folder's private folder, so that recovery needs no store. Paths in them are BytePaths.
 */
import {readFileSync} from 'node:fs';
import * as v from 'valibot';
import {PrintkeepError} from '../../errors.js';
import type {Disk} from '../disk.js';
import {replaceFile} from '../durable-file.js';
import {
	type BytePath,
	fromStored,
	joinPath,
	lookAt,
	parentPath,
	showPath,
	toBytePath,
	toDiskPath,
	toText,
} from './byte-path.js';
import {strangerIn} from './record-trust.js';
import {diskFor, isTrustedWorkFolder, isWorkFolderOf} from './work-folder.js';

const bytePath = v.pipe(
	v.string(),
	v.check(text => !text.includes('\0')),
	v.transform(fromStored),
);
const relativePath = v.pipe(
	bytePath,
	v.check(path => path !== '' && path.split('/').every(name => name !== '' && name !== '.' && name !== '..')),
);
const absolutePath = v.pipe(
	bytePath,
	v.check(path => path.startsWith('/')),
);
const ownName = v.pipe(v.string(), v.regex(/^(stage|rollback)-[0-9a-f]+$/), v.transform(fromStored));

const attributes = v.nullable(
	v.object({mode: v.number(), modifiedSeconds: v.number(), uid: v.number(), gid: v.number()}),
);

const placeSchema = v.pipe(
	v.object({
		/** The live folder whose content is exchanged; itself it is never moved. */
		live: absolutePath,
		/** The private folder on the same file system. */
		work: absolutePath,
		/** True when the live folder did not exist before. */
		made: v.boolean(),
		/** Identity of the stage, where moves may be exchanged: another one means that all of this is a copy, in which identities tell nothing. */
		anchor: v.exactOptional(v.pipe(v.string(), v.regex(/^\d+$/))),
	}),
	v.check(({live, work}) => isWorkFolderOf(work, live)),
);

const moveSchema = v.object({
	/** Index into `places`. */
	place: v.pipe(v.number(), v.integer(), v.minValue(0)),
	/** The same below the live folder, the stage and the rollback copy. */
	path: relativePath,
	/** There is something live that goes to the rollback copy. */
	out: v.boolean(),
	/** There is something staged that becomes live. */
	in: v.boolean(),
	/** Permission bits of a folder its owner may not write, live and staged: it has to be made writable for the moment in which it is moved. */
	outMode: v.exactOptional(v.number()),
	inMode: v.exactOptional(v.number()),
	/**
	 * Identity of the staged thing, for a move that may be made by exchanging it with the live one in a single step. Whatever else is found in its place
	 * later is the old thing.
	 */
	staged: v.exactOptional(v.pipe(v.string(), v.regex(/^\d+$/))),
});

const recordEntries = {
	/** 2: some moves may have been made by an exchange, which a printkeep that knows only 1 would take for not made. */
	format: v.picklist([1, 2]),
	/** Random hexadecimal id of this swap. */
	id: v.pipe(v.string(), v.regex(/^[0-9a-f]+$/)),
	job: v.picklist(['restore', 'undo']),
	/** Milliseconds since the epoch. */
	startedAt: v.number(),
	/** File name of the backup. */
	key: v.string(),
	places: v.array(placeSchema),
	moves: v.array(moveSchema),
	/** Folders that stay and have things moved in and out of them, with the attributes they get in either direction. */
	folders: v.array(
		v.object({
			place: v.number(),
			path: v.union([v.pipe(v.string(), v.maxLength(0), v.transform(fromStored)), relativePath]),
			before: attributes,
			after: attributes,
		}),
	),
	/** Name of the folder with the new things, and of the one for the old things, in each place's private folder. */
	stageName: ownName,
	rollbackName: ownName,
	/** Bytes that go to the rollback copy. */
	rollbackBytes: v.number(),
};

const swapRecordSchema = v.pipe(
	v.object(recordEntries),
	v.check(({places, moves, folders}) => [...moves, ...folders].every(({place}) => place < places.length)),
);

const journalSchema = v.pipe(
	v.object({
		...recordEntries,
		/**
		 * - `staging`: nothing live has been touched
		 * - `forward`: moving; an interruption is finished forward, since everything staged is complete and on the medium
		 * - `back`: something failed, moving back
		 * - `swapped`: the new tree is in place; only tidying is left
		 */
		phase: v.picklist(['staging', 'forward', 'back', 'swapped']),
		/** The rollback copy this swap makes obsolete once it has succeeded. */
		replaced: v.nullable(swapRecordSchema),
	}),
	v.check(({places, moves, folders}) => [...moves, ...folders].every(({place}) => place < places.length)),
);

export type FolderAttributes = NonNullable<v.InferOutput<typeof attributes>>;
export type Place = v.InferOutput<typeof placeSchema>;
export type Move = v.InferOutput<typeof moveSchema>;
export type SwapRecord = v.InferOutput<typeof swapRecordSchema>;
export type Journal = v.InferOutput<typeof journalSchema>;

const journalName = toBytePath('journal.json');
const rollbackRecordName = toBytePath('rollback.json');

/** Path of the journal in a data folder's private folder. */
export const journalPath = (work: BytePath): BytePath => joinPath(work, journalName);

const readJson = <Output>(path: BytePath, schema: v.GenericSchema<unknown, Output>): Output | null => {
	let text: string;
	try {
		text = readFileSync(toDiskPath(path), 'utf8');
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ENOTDIR') {
			return null;
		}

		throw error;
	}

	try {
		return v.parse(schema, JSON.parse(text));
	} catch (cause) {
		throw new PrintkeepError('needs-recovery', `${showPath(path)} cannot be understood.`, {
			hint: `A newer printkeep may have written it: use that one. Nothing has been touched; the old and the new data are in ${showPath(parentPath(path))}.`,
			cause,
		});
	}
};

/** A record is followed only while everything it names is this user's own, or was its author's to name. @throws needs-recovery */
const requireTrusted = <Record extends SwapRecord>(work: BytePath, record: Record | null): Record | null => {
	const own = record?.places.find(place => place.work === work);
	const stranger = record && own ? (isTrustedWorkFolder(work, own.live) ? strangerIn(work, record) : work) : undefined;
	if (record && (own === undefined || stranger !== undefined)) {
		throw new PrintkeepError(
			'needs-recovery',
			own === undefined
				? `${showPath(work)} holds the journal of other folders, so that nothing in it is followed.`
				: `${showPath(stranger ?? work)} belongs to another user or is a link, so that nothing in ${showPath(work)} is followed.`,
			{hint: 'Find out who made it. If nobody needs it, delete it.'},
		);
	}

	return record;
};

/**
 * The journal of a restore that has not ended, or null.
 * @throws needs-recovery when it cannot be understood or is not this user's; the system error when it cannot be read.
 */
export const readJournal = (work: BytePath): Journal | null =>
	requireTrusted(work, readJson(journalPath(work), journalSchema));

/** What the last finished restore left for undo, or null. @throws like readJournal */
export const readRollbackRecord = (work: BytePath): SwapRecord | null =>
	requireTrusted(work, readJson(joinPath(work, rollbackRecordName), swapRecordSchema));

/** Writes a small file of a private folder so that it is the old or the new one, and waits until it is on the medium. */
export const writeRecord = async (disk: Disk, path: BytePath, value: unknown, randomHex: string): Promise<void> => {
	// The data folder's path came as text, so that nothing is lost by making it text again.
	await replaceFile(diskFor(disk, parentPath(path)), toText(path), Buffer.from(`${JSON.stringify(value)}\n`), {
		randomHex,
	});
};

/** Writes the journal so that it is the old or the new one, and waits until it is on the medium. */
export const writeJournal = async (disk: Disk, work: BytePath, journal: Journal, randomHex: string): Promise<void> =>
	writeRecord(disk, journalPath(work), journal, randomHex);

/** Writes what undo needs, in the same way. */
export const writeRollbackRecord = async (
	disk: Disk,
	work: BytePath,
	{id, job, startedAt, key, places, moves, folders, stageName, rollbackName, rollbackBytes}: SwapRecord,
	randomHex: string,
): Promise<void> =>
	writeRecord(
		disk,
		joinPath(work, rollbackRecordName),
		{
			format: 1,
			id,
			job,
			startedAt,
			key,
			places: places.map(({anchor: _anchor, ...place}) => place),
			moves: moves.map(({staged: _staged, ...move}) => move),
			folders,
			stageName,
			rollbackName,
			rollbackBytes,
		} satisfies SwapRecord,
		randomHex,
	);

/** Removes a small file of a private folder, if it is there, and waits until its name is gone from the medium. */
export const removeFile = async (disk: Disk, work: BytePath, name: BytePath): Promise<void> => {
	const path = joinPath(work, name);
	if (lookAt(path)) {
		disk.unlink(toDiskPath(path));
		await disk.syncDirectory(toDiskPath(work));
	}
};

/** Ends a journal: from here on nothing is pending. */
export const removeJournal = async (disk: Disk, work: BytePath): Promise<void> => removeFile(disk, work, journalName);

/** Forgets the rollback copy. */
export const removeRollbackRecord = async (disk: Disk, work: BytePath): Promise<void> =>
	removeFile(disk, work, rollbackRecordName);
