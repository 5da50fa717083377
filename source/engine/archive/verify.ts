/**
 * Verifying: every byte of the archive is read once, in order, and compared with everything that is known of it. Problems are collected, so that
 * a person sees the extent of the damage.
 */
import {createHash, hash} from 'node:crypto';
import type {Proof} from '../../client/protocol.js';
import {type ErrorData, isPrintkeepError, toErrorData} from '../../errors.js';
import {cancelledError} from '../breathe.js';
import {createBodyHash} from './body-hash.js';
import {byPosition} from './checks.js';
import {crossCheck} from './cross-check.js';
import {createDatabaseCopy, type DatabaseChecks, type DatabaseCopy, startsLikeDatabase} from './database-copies.js';
import type {DirectoryRecord} from './directory.js';
import {damaged, quoteEntry} from './errors.js';
import {manifestName} from './manifest.js';
import {readLocalHeader, readRecord} from './read-record.js';
import type {OpenArchive} from './reader.js';
import {checkAfter, checkStart} from './structure.js';
import {checkSeal, compareNames} from './verify-manifest.js';

export type {DatabaseChecks} from './database-copies.js';

export type VerifyOptions = {
	readonly signal: AbortSignal;
	readonly breathe: () => Promise<void>;
	/** False for an archive that was just written and has no seal yet. */
	readonly sealed?: boolean;
	/**
	 * False reads every byte of a sealed archive and checks it against the seal, and unpacks nothing: enough before a use that unpacks and hashes each
	 * file anyway. Archives without a seal are always unpacked.
	 */
	readonly unpack?: boolean;
	/** Told how many more bytes of content and files of the data were read, and what is being read. */
	readonly onProgress?: (bytes: number, files: number, name: string) => void;
	/** Gets every SQLite database of the archive, unpacked. */
	readonly databases?: DatabaseChecks;
};

export type VerifyReport = {
	readonly entries: number;
	readonly files: number;
	/** Bytes of content of all files. */
	readonly bytes: number;
	/** Hex SHA-256 of all bytes before the end record. */
	readonly sha256OfBody: string;
	/** At most 100, in the order they were found; empty when the archive is intact. */
	readonly problems: readonly ErrorData[];
	readonly proof: Proof;
	readonly databases: number;
};

const maximumProblems = 100;

/** A failure that is no fault of the archive: the disk for unpacked databases is full. */
class OutsideFailure extends Error {
	constructor(override readonly cause: unknown) {
		super('failure outside of the archive');
	}
}

const outside = <Value>(work: () => Value): Value => {
	try {
		return work();
	} catch (error) {
		throw new OutsideFailure(error);
	}
};

/** Reads one entry, its database copy included. Returns the hash of its content and the position after its data. */
const readContent = async (
	archive: OpenArchive,
	record: DirectoryRecord,
	{
		options: {signal, breathe, databases},
		onRaw,
		onBytes,
		number,
		tables,
	}: {
		readonly options: VerifyOptions;
		readonly onRaw: (position: number, bytes: Buffer) => void;
		readonly onBytes: (bytes: number) => void;
		readonly number: number;
		readonly tables: Readonly<Record<string, number>> | null;
	},
): Promise<{readonly sha256: string; readonly end: number; readonly copy: DatabaseCopy | null}> => {
	let digest = '';
	let running: ReturnType<typeof createHash> | null = null;
	let copy: DatabaseCopy | null = null;
	let isFirst = true;
	try {
		const end = await readRecord(
			archive.internals.source,
			record,
			chunk => {
				if (isFirst && databases && (tables || startsLikeDatabase(chunk))) {
					copy = outside(() => createDatabaseCopy(databases, record, number, tables));
				}

				isFirst = false;
				if (chunk.length === record.bytes) {
					digest = hash('sha256', chunk);
				} else {
					running ??= createHash('sha256');
					running.update(chunk);
				}

				outside(() => copy?.write(chunk));
				onBytes(chunk.length);
			},
			{signal, breathe, onRaw},
		);
		const rest = running as ReturnType<typeof createHash> | null;
		return {sha256: rest ? rest.digest('hex') : digest || hash('sha256', ''), end, copy};
	} catch (error) {
		(copy as DatabaseCopy | null)?.discard();
		throw error;
	}
};

/**
 * Verifies an open archive. Whatever is wrong with it is in the report's problems.
 * @throws cancelled, and what the database checks throw
 */
export const verifyArchive = async (archive: OpenArchive, options: VerifyOptions): Promise<VerifyReport> => {
	const {signal, breathe, sealed = true, unpack = true, onProgress, databases} = options;
	const {records, source, descriptor} = archive.internals;
	const problems: ErrorData[] = [];
	const note = (error: unknown): void => {
		if (error instanceof OutsideFailure) {
			throw error.cause;
		}

		if (signal.aborted || (isPrintkeepError(error) && error.code === 'cancelled')) {
			throw error;
		}

		if (problems.length < maximumProblems) {
			problems.push(toErrorData(error, 'The archive could not be read'));
		}
	};
	const attempt = async <Value>(work: () => Value | Promise<Value>): Promise<Value | null> => {
		try {
			return await work();
		} catch (error) {
			note(error);
			return null;
		}
	};

	if (signal.aborted) {
		throw cancelledError();
	}

	const isOurs = archive.comment !== null || archive.has(manifestName);
	const manifest = isOurs ? await attempt(archive.manifest) : null;
	const files = new Map(manifest?.files.map(file => [file.path, file]));
	if (manifest) {
		for (const problem of compareNames(archive, manifest, files)) {
			note(problem);
		}
	}

	if (!isOurs) {
		await attempt(() => crossCheck(archive, breathe));
	}

	const body = createBodyHash(descriptor);
	const ordered = byPosition(records);
	await attempt(() => checkStart(source, ordered));
	let databaseCount = 0;
	for (const [index, record] of ordered.entries()) {
		await attempt(() => body.advanceTo(record.headerOffset, breathe));
		const listed = files.get(record.name);
		// Progress counts the data; the members about the data do not belong to its totals.
		const isCounted = record.type === 'file' && (!manifest || listed !== undefined);
		const content = await attempt(async () => {
			if (!unpack && isOurs) {
				const end = readLocalHeader(source, record, body.take) + record.compressedBytes;
				await body.advanceTo(end, breathe);
				if (isCounted) {
					onProgress?.(record.bytes, 0, record.name);
				}

				return {sha256: listed?.sha256 ?? '', end, copy: null};
			}

			return readContent(archive, record, {
				options,
				onRaw: body.take,
				onBytes(bytes) {
					if (isCounted) {
						onProgress?.(bytes, 0, record.name);
					}
				},
				number: index,
				tables: listed?.tables ?? null,
			});
		});
		if (content) {
			await attempt(() =>
				checkAfter(source, record, content.end, ordered[index + 1]?.headerOffset ?? source.directoryOffset),
			);
			if (listed && (listed.bytes !== record.bytes || listed.sha256 !== content.sha256)) {
				note(damaged(`The file ${quoteEntry(record.name)} is not the one that was backed up.`));
			}

			if (content.copy) {
				databaseCount++;
				try {
					await content.copy.check();
				} finally {
					content.copy.discard();
				}
			}
		}

		if (isCounted) {
			onProgress?.(0, 1, record.name);
		}
	}

	await attempt(() => body.advanceTo(archive.endRecordOffset, breathe));
	const sha256OfBody = body.digest();
	if (isOurs) {
		for (const problem of checkSeal(archive, manifest, sha256OfBody, sealed)) {
			note(problem);
		}
	}

	await attempt(archive.assertUnchanged);
	const fileEntries = archive.entries.filter(({type}) => type === 'file');
	return {
		entries: archive.entries.length,
		files: fileEntries.length,
		bytes: fileEntries.reduce((sum, {bytes}) => sum + bytes, 0),
		sha256OfBody,
		problems,
		proof: isOurs ? 'sha256' : 'crc32',
		databases: databases ? databaseCount : 0,
	};
};
