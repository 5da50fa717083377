/**
 * Verifying: every byte of the archive is read and compared with everything that is known of it. The entries are unpacked side by side by the helper
 * threads, while this one hashes the archive as it lies there; what they find is told in the order of the archive. Problems are collected, so that a
 * person sees the extent of the damage.
 */
import type {Proof} from '../../client/protocol.js';
import {type ErrorData, isPrintkeepError, toErrorData} from '../../errors.js';
import {cancelledError} from '../breathe.js';
import {inlinePool, type Pool} from '../pool/pool.js';
import {createBodyHash} from './body-hash.js';
import {type CheckUnit, createCheckAhead} from './check-ahead.js';
import {hashBytes} from './check-entries.js';
import {byPosition} from './checks.js';
import {crossCheck} from './cross-check.js';
import type {DatabaseChecks} from './database-copies.js';
import {damaged, quoteEntry} from './errors.js';
import {manifestName} from './manifest.js';
import type {OpenArchive} from './reader.js';
import {checkAfter, checkStart} from './structure.js';
import {checkSeal, type ManifestList, readManifestList} from './verify-manifest.js';
import {OutsideFailure, readSingle} from './verify-single.js';

export type {DatabaseChecks} from './database-copies.js';

export type VerifyOptions = {
	readonly signal: AbortSignal;
	readonly breathe: () => Promise<void>;
	/** Who unpacks; this thread when missing. */
	readonly pool?: Pool;
	/** False for an archive that was just written and has no seal yet. */
	readonly sealed?: boolean;
	/**
	 * False reads every byte of a sealed archive and checks it against the seal, and unpacks nothing: enough before a use that unpacks and hashes each
	 * file anyway. Archives without a seal are always unpacked.
	 */
	readonly unpack?: boolean;
	/** Told how many more bytes of content and files of the data were checked, and the last of them. */
	readonly onProgress?: (bytes: number, files: number, name: string) => void;
	/** Told how many more bytes of the archive were read, each of them once. */
	readonly onRead?: ((bytes: number) => void) | undefined;
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

/**
 * Verifies an open archive. Whatever is wrong with it is in the report's problems.
 * @throws cancelled, engine-crashed, and what the database checks throw
 */
export const verifyArchive = async (archive: OpenArchive, options: VerifyOptions): Promise<VerifyReport> => {
	const {signal, breathe, pool = inlinePool, sealed = true, unpack = true} = options;
	const {onProgress, databases} = options;
	const {directory, source, descriptor, index} = archive.internals;
	const {nameOf, isFolder, sizes} = directory;
	const problems: ErrorData[] = [];
	const note = (problem: ErrorData): void => {
		if (problems.length < maximumProblems) {
			problems.push(problem);
		}
	};
	const noteError = (error: unknown): void => {
		if (error instanceof OutsideFailure) {
			throw error.cause;
		}

		if (signal.aborted || (isPrintkeepError(error) && error.code === 'cancelled')) {
			throw error;
		}

		note(toErrorData(error, 'The archive could not be read'));
	};
	const attempt = async <Value>(work: () => Value | Promise<Value>): Promise<Value | null> => {
		try {
			return await work();
		} catch (error) {
			noteError(error);
			return null;
		}
	};
	const throwIfCancelled = (): void => {
		if (signal.aborted) {
			throw cancelledError();
		}
	};

	throwIfCancelled();
	const isOurs = archive.comment !== null || archive.has(manifestName);
	const order = byPosition(directory);
	// The threads are at it while this one reads the manifest.
	const ahead = createCheckAhead({
		archive,
		order,
		pool,
		unpack: unpack || !isOurs,
		leaveDatabases: databases !== undefined,
	});
	if (pool.size > 1) {
		ahead.start();
	}

	let list: ManifestList | null = null;
	const readList = async (): Promise<ManifestList | null> => {
		if (!isOurs) {
			await attempt(() => crossCheck(archive, breathe));
			return null;
		}

		const read = await attempt(() => readManifestList(archive));
		for (const problem of read?.problems ?? []) {
			noteError(problem);
		}

		return read;
	};

	const body = createBodyHash(descriptor, archive.bytes, options.onRead);
	let databaseCount = 0;
	// Progress counts the data; the members about the data do not belong to its totals.
	const isCounted = (number: number): boolean => (list ? list.isListed(number) : !isFolder(number));
	const compare = (number: number, sha256: Uint8Array | null): void => {
		if (list?.isListed(number) && !list.isSame(number, sizes[number] ?? 0, sha256)) {
			note(toErrorData(damaged(`The file ${quoteEntry(nameOf(number))} is not the one that was backed up.`)));
		}
	};

	const takeSingle = async (first: number, end: number): Promise<void> => {
		const number = order[first] ?? 0;
		const record = directory.record(number);
		const counts = isCounted(number);
		await attempt(() => body.advanceTo(record.headerOffset, breathe));
		const content = await attempt(() =>
			readSingle(source, record, {
				signal,
				breathe,
				body,
				databases,
				number: first,
				tables: list?.tables(number) ?? null,
				onBytes(bytes) {
					if (counts) {
						onProgress?.(bytes, 0, record.name);
					}
				},
			}),
		);
		if (content) {
			const {copy} = content;
			try {
				await attempt(() => checkAfter(source, record, content.end, end));
				compare(number, content.sha256);
				if (copy) {
					databaseCount++;
					await copy.check();
				}
			} finally {
				copy?.discard();
			}
		}

		if (counts) {
			onProgress?.(0, 1, record.name);
		}
	};

	const takeRun = async ({first, count, end, checked}: Extract<CheckUnit, {type: 'run'}>): Promise<void> => {
		// While the threads unpack.
		await attempt(() => body.advanceTo(end, breathe));
		const found = await checked;
		const faults = new Map(found.faults.map(fault => [fault.index, fault]));
		const left = new Set(found.databases);
		let bytes = 0;
		let files = 0;
		let last = -1;
		for (let position = 0; position < count; position++) {
			const number = order[first + position] ?? 0;
			// What the manifest alone calls a database is to be opened as well.
			if (left.has(position) || (databases && unpack && list && list.tables(number) !== null)) {
				await takeSingle(first + position, directory.headerOffsets[order[first + position + 1] ?? -1] ?? end);
				continue;
			}

			const fault = faults.get(position);
			if (fault) {
				note(fault.error);
			}

			if (!fault || fault.isRead) {
				const start = position * hashBytes;
				compare(number, unpack || !isOurs ? found.hashes.subarray(start, start + hashBytes) : null);
			}

			if (isCounted(number)) {
				bytes += sizes[number] ?? 0;
				files++;
				last = number;
			}
		}

		if (files > 0) {
			onProgress?.(bytes, files, nameOf(last));
		}
	};

	try {
		list = await readList();
		await attempt(() => checkStart(directory.headerOffsets[order[0] ?? -1] ?? source.directoryOffset));
		for (let unit = ahead.next(); unit; unit = ahead.next()) {
			await breathe();
			throwIfCancelled();
			if (unit.type === 'single') {
				await takeSingle(unit.first, unit.end);
			} else {
				await takeRun(unit);
			}
		}
	} catch (error) {
		// A long list of contents is read again from the archive; what is wrong with one that was changed by then is told as any other.
		if (!isPrintkeepError(error) || error.code !== 'zip-changed') {
			throw error;
		}

		noteError(error);
	} finally {
		await ahead.settle();
		list?.giveBack();
	}

	throwIfCancelled();
	await attempt(() => body.advanceTo(archive.endRecordOffset, breathe));
	const sha256OfBody = body.digest();
	if (isOurs) {
		for (const problem of checkSeal(archive, list?.header ?? null, sha256OfBody, sealed)) {
			noteError(problem);
		}
	}

	await attempt(archive.assertUnchanged);
	let files = 0;
	let bytes = 0;
	for (const number of index.numbers()) {
		if (!isFolder(number)) {
			files++;
			bytes += sizes[number] ?? 0;
		}
	}

	return {
		entries: archive.entryCount,
		files,
		bytes,
		sha256OfBody,
		problems,
		proof: isOurs ? 'sha256' : 'crc32',
		databases: databases ? databaseCount : 0,
	};
};
