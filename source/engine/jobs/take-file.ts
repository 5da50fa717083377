import {type BigIntStats, closeSync, constants, fstatSync, openSync, readSync} from 'node:fs';
import {join} from 'node:path';
import type {SkippedFile} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {isUnchanged, stateOf, statsOf} from '../archive/file-stats.js';
import {secondsText} from '../archive/manifest-line.js';
import type {ManifestFile} from '../archive/types.js';
import type {ArchiveWriter, FileSource, WrittenMember} from '../archive/writer.js';
import type {Disk} from '../disk.js';
import type {SettledBefore} from '../scan/settled.js';
import type {ScannedFile} from '../scan.js';
import {hasSidecars, isSqlite, sidecarsOf, snapshotDatabase} from '../sqlite.js';
import type {JobContext} from './context.js';

const attempts = 3;

/** What became of one file. */
export type TakenFile =
	| {readonly type: 'taken'; readonly file: ManifestFile; readonly skipped: SkippedFile | null}
	| {readonly type: 'skipped'; readonly skipped: SkippedFile}
	| {readonly type: 'vanished'};

type Stats = BigIntStats;

/** A large file that is being read already. */
export type OpenedFile = {
	readonly descriptor: number;
	/** Taken before the reading began. */
	readonly stats: Stats;
	/** See stateOf; from before the reading began. */
	readonly settled: bigint | null;
	/** Lets nothing more be read, and waits until nothing is: only then may the descriptor be closed. */
	readonly idle: () => Promise<void>;
	readonly started: NonNullable<FileSource['started']>;
};

/** Opens a file to be read. O_NONBLOCK: a pipe that took the file's place since the scan must not hang the backup. */
export const openForBackup = (source: string | Buffer): number =>
	openSync(source, constants.O_RDONLY | constants.O_NONBLOCK);

export const startsLikeSqlite = (descriptor: number): boolean => {
	const first = Buffer.alloc(16);
	return readSync(descriptor, first, 0, 16, 0) === 16 && isSqlite(first);
};

/** Removes what became of a copy that cannot be used: it would take room beside the archive until the end. */
const removeCopy = (disk: Disk, copy: string): void => {
	for (const path of [copy, ...sidecarsOf(copy)]) {
		try {
			disk.unlink(path);
		} catch {
			// It may never have been made; what is left goes with its folder.
		}
	}
};

/** True when a copy of a database failed for want of space; SQLite has a code of its own for that, 13 (SQLITE_FULL). */
const isOutOfSpace = (error: unknown): boolean =>
	error instanceof Error &&
	(('code' in error && ['ENOSPC', 'EDQUOT'].includes(String(error.code))) ||
		('errcode' in error && Number(error.errcode) % 256 === 13));

/**
 * Puts one scanned file into the archive. A file that changes while it is read is read again, twice; then it is kept as it was read last, and
 * reported. SQLite databases go in as consistent copies made in `databaseFolder`.
 * @throws what the archive's own disk throws; what the file throws becomes a skipped file.
 */
export const takeFile = async (
	{ports, breathe, signal}: JobContext,
	writer: ArchiveWriter,
	item: ScannedFile,
	{
		databaseFolder,
		settledBefore,
		opened,
		onBytes,
	}: {
		readonly databaseFolder: string;
		readonly settledBefore: SettledBefore;
		/** The descriptor is closed here. */
		readonly opened?: OpenedFile | undefined;
		readonly onBytes: (bytes: number) => void;
	},
): Promise<TakenFile> => {
	const skip = (reason: string): TakenFile => ({type: 'skipped', skipped: {path: item.target, reason}});
	const unreadable = (error: unknown): TakenFile => skip(toPrintkeepError(error, 'It could not be read').message);
	let descriptor: number;
	try {
		descriptor = opened?.descriptor ?? openForBackup(item.source);
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		return code === 'ENOENT' || code === 'ENOTDIR' ? {type: 'vanished'} : unreadable(error);
	}

	const manifestFile = (
		written: WrittenMember,
		stats: Stats,
		/** See stateOf; null also when the archive does not hold what the file's times stand for. */
		settled: bigint | null,
		tables?: Readonly<Record<string, number>>,
	): ManifestFile => ({
		path: item.entryName,
		part: item.part,
		bytes: written.bytes,
		mode: Number(stats.mode),
		modified: secondsText(stats.mtimeNs),
		uid: Number(stats.uid),
		gid: Number(stats.gid),
		...(item.rawPath === undefined ? {} : {rawPath: item.rawPath}),
		...stateOf(stats, settled),
		...(tables === undefined ? {} : {sourceBytes: Number(stats.size)}),
		sha256: written.sha256,
		...(tables === undefined ? {} : {tables}),
	});
	const memberOf = (stats: Stats) => ({
		name: item.entryName,
		mode: Number(stats.mode),
		modifiedAt: Number(stats.mtimeNs / 1_000_000n),
		uid: Number(stats.uid),
		gid: Number(stats.gid),
	});

	/** The consistent copy of a database, or the reason why there is none. */
	const takeDatabase = async (stats: Stats, settled: bigint | null): Promise<TakenFile | string> => {
		const copy = join(databaseFolder, `${ports.randomHex(8)}.sqlite`);
		let tables: Readonly<Record<string, number>>;
		try {
			const snapshot = await snapshotDatabase({source: item.source, destination: copy, signal});
			if (snapshot.problems.length > 0) {
				removeCopy(ports.disk, copy);
				return `it is damaged (${snapshot.problems[0]})`;
			}

			({tables} = snapshot);
		} catch (error) {
			removeCopy(ports.disk, copy);
			// What the place for the archive lacks is no fault of the file: a raw copy instead would pass for a backup of the database.
			if (isOutOfSpace(error)) {
				throw new PrintkeepError('no-space', 'There is no room beside the new archive for the copy of a database.', {
					hint: 'Delete old backups, or choose a store on another disk with: printkeep config set store DIR',
					detail: item.target,
					cause: error,
				});
			}

			return toPrintkeepError(error, 'no consistent copy could be made').message;
		}

		try {
			const copyDescriptor = openSync(copy, constants.O_RDONLY);
			try {
				// With a log beside it, the file's own times do not tell what is in it.
				const isStill = !hasSidecars(item.source) && isUnchanged(stats, statsOf(descriptor));
				const written = await writer.addFile(
					memberOf(stats),
					{descriptor: copyDescriptor, bytes: fstatSync(copyDescriptor).size},
					onBytes,
				);
				return {type: 'taken', file: manifestFile(written, stats, isStill ? settled : null, tables), skipped: null};
			} finally {
				closeSync(copyDescriptor);
			}
		} finally {
			ports.disk.unlink(copy);
		}
	};

	try {
		let databaseProblem = '';
		for (let attempt = 1; ; attempt++) {
			const ahead = attempt === 1 ? opened : undefined;
			const settled = ahead ? ahead.settled : settledBefore(item);
			let before: Stats;
			let isDatabase: boolean;
			try {
				before = ahead?.stats ?? statsOf(descriptor);
				isDatabase = before.isFile() && databaseProblem === '' && !ahead && startsLikeSqlite(descriptor);
			} catch (error) {
				return unreadable(error);
			}

			if (!before.isFile()) {
				return skip('It is no ordinary file any more.');
			}

			if (isDatabase) {
				const taken = await takeDatabase(before, settled);
				if (typeof taken !== 'string') {
					return taken;
				}

				databaseProblem = `It was copied as it lay, since ${taken.replace(/^[A-Z]/, letter => letter.toLowerCase())}`;
			}

			await breathe();
			const mark = writer.mark();
			let written: WrittenMember;
			try {
				written = await writer.addFile(
					memberOf(before),
					{
						descriptor,
						bytes: Number(before.size),
						...(ahead ? {started: ahead.started} : {}),
					},
					onBytes,
				);
			} catch (error) {
				const {syscall} = error as NodeJS.ErrnoException;
				if (syscall !== 'read') {
					throw error;
				}

				writer.rollback(mark);
				return unreadable(error);
			}

			let after: Stats;
			try {
				after = statsOf(descriptor);
			} catch (error) {
				writer.rollback(mark);
				return unreadable(error);
			}

			const isStill = isUnchanged(before, after) && written.bytes === Number(before.size);
			if (!isStill && attempt < attempts) {
				writer.rollback(mark);
				continue;
			}

			const reason =
				databaseProblem === ''
					? isStill
						? ''
						: 'It kept changing while it was read; it may be torn.'
					: `${databaseProblem.replace(/\.$/, '')}.`;
			return {
				type: 'taken',
				// A database copied as it lay is read anew each time: its times say nothing of the log beside it, nor that it is whole.
				file: manifestFile(written, before, isStill && databaseProblem === '' ? settled : null),
				skipped: reason === '' ? null : {path: item.target, reason},
			};
		}
	} finally {
		await opened?.idle();
		closeSync(descriptor);
	}
};
