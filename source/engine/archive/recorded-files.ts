/** What a manifest says of the files, by the numbers of the archive's records: some fifty bytes a file, where objects would take ten times as much. */
import {hashBytes} from './check-entries.js';
import type {PlainLine} from './plain-line.js';
import {makeIntegers, makeNumbers, makeRoom} from './room.js';
import type {ManifestFile} from './types.js';

export type RecordedOwner = {readonly uid: number; readonly gid: number};

export type RecordedFiles = {
	/** Tells whether the manifest lists a record. The others tell something only of those it does. */
	readonly has: (number: number) => boolean;
	/** Permission bits, and those above them up to the type. */
	readonly mode: (number: number) => number;
	readonly modifiedSeconds: (number: number) => number;
	/** The same object for all files of an owner. */
	readonly owner: (number: number) => RecordedOwner;
	/** Hex. */
	readonly sha256: (number: number) => string;
	/** Base64; undefined when the name's bytes are those of the entry's name. */
	readonly rawPath: (number: number) => string | undefined;
	/** Rows per table of a database; null for other files. */
	readonly tables: (number: number) => Readonly<Record<string, number>> | null;
};

/**
 * An empty record of files, and what takes one in; of two for one record the later counts.
 * @param count numbers go from 0 up to this, exclusive.
 */
export const createRecordedFiles = (
	count: number,
): {
	readonly files: RecordedFiles;
	readonly add: (number: number, file: ManifestFile) => void;
	readonly addPlain: (number: number, file: PlainLine) => void;
} => {
	const isThere = new Uint8Array(count);
	const modes = new Uint16Array(count);
	const modified = makeNumbers(count);
	const ownerNumbers = makeIntegers(count);
	// Looked at only where a listed file has put its own.
	const hashes = makeRoom(count * hashBytes);
	const owners: RecordedOwner[] = [];
	const ownersByKey = new Map<string, number>();
	const rawPaths = new Map<number, string>();
	const tables = new Map<number, Readonly<Record<string, number>>>();

	let lastOwner: {readonly uid: number; readonly gid: number; readonly number: number} | null = null;
	const ownerNumber = (uid: number, gid: number): number => {
		if (lastOwner?.uid !== uid || lastOwner.gid !== gid) {
			lastOwner = {uid, gid, number: findOwner(uid, gid)};
		}

		return lastOwner.number;
	};

	const findOwner = (uid: number, gid: number): number => {
		const key = `${uid}:${gid}`;
		const known = ownersByKey.get(key) ?? owners.push({uid, gid}) - 1;
		ownersByKey.set(key, known);
		return known;
	};

	const setOrForget = <Value>(map: Map<number, Value>, number: number, value: Value | undefined): void => {
		if (value === undefined) {
			if (map.size > 0) {
				map.delete(number);
			}
		} else {
			map.set(number, value);
		}
	};

	return {
		files: {
			has: number => isThere[number] === 1,
			mode: number => modes[number] ?? 0,
			modifiedSeconds: number => modified[number] ?? 0,
			owner: number => owners[ownerNumbers[number] ?? 0] ?? {uid: 0, gid: 0},
			sha256: number => hashes.toString('hex', number * hashBytes, (number + 1) * hashBytes),
			rawPath: number => rawPaths.get(number),
			tables: number => tables.get(number) ?? null,
		},
		add(number, file) {
			isThere[number] = 1;
			modes[number] = file.mode;
			modified[number] = Number(file.modified);
			ownerNumbers[number] = ownerNumber(file.uid, file.gid);
			hashes.write(file.sha256, number * hashBytes, 'hex');
			setOrForget(rawPaths, number, file.rawPath);
			setOrForget(tables, number, file.tables);
		},
		addPlain(number, {bytes, mode, modifiedStart, modifiedEnd, uid, gid, hashStart}) {
			isThere[number] = 1;
			modes[number] = mode;
			modified[number] = Number(bytes.toString('latin1', modifiedStart, modifiedEnd));
			ownerNumbers[number] = ownerNumber(uid, gid);
			hashes.write(bytes.toString('latin1', hashStart, hashStart + hashBytes * 2), number * hashBytes, 'hex');
			setOrForget(rawPaths, number, undefined);
			setOrForget(tables, number, undefined);
		},
	};
};
