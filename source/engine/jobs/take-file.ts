import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs';
import {join} from 'node:path';
import type {SkippedFile} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import type {ManifestFile} from '../archive/types.js';
import type {ArchiveWriter, WrittenMember} from '../archive/writer.js';
import type {ScannedFile} from '../scan.js';
import {isSqlite, snapshotDatabase} from '../sqlite.js';
import type {JobContext} from './context.js';

const attempts = 3;

/** What became of one file. */
export type TakenFile =
	| {readonly type: 'taken'; readonly file: ManifestFile; readonly skipped: SkippedFile | null}
	| {readonly type: 'skipped'; readonly skipped: SkippedFile}
	| {readonly type: 'vanished'};

type Stats = ReturnType<typeof statsOf>;

const statsOf = (descriptor: number) => fstatSync(descriptor, {bigint: true});

const unchanged = (a: Stats, b: Stats): boolean =>
	a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;

/** "1700000000.123456789" of nanoseconds since the epoch, also before 1970. */
export const secondsText = (nanoseconds: bigint): string => {
	const billion = 1_000_000_000n;
	const fraction = ((nanoseconds % billion) + billion) % billion;
	const seconds = (nanoseconds - fraction) / billion;
	return `${seconds}.${String(fraction).padStart(9, '0')}`;
};

const startsLikeSqlite = (descriptor: number): boolean => {
	const first = Buffer.alloc(16);
	return readSync(descriptor, first, 0, 16, 0) === 16 && isSqlite(first);
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
	{databaseFolder, onBytes}: {readonly databaseFolder: string; readonly onBytes: (bytes: number) => void},
): Promise<TakenFile> => {
	const skip = (reason: string): TakenFile => ({type: 'skipped', skipped: {path: item.target, reason}});
	let descriptor: number;
	try {
		// O_NONBLOCK: a pipe that took the file's place since the scan must not hang the backup.
		descriptor = openSync(item.source, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		return code === 'ENOENT' || code === 'ENOTDIR'
			? {type: 'vanished'}
			: skip(toPrintkeepError(error, 'It could not be read').message);
	}

	const manifestFile = (
		written: WrittenMember,
		stats: Stats,
		tables?: Readonly<Record<string, number>>,
	): ManifestFile => ({
		path: item.entryName,
		part: item.part,
		bytes: written.bytes,
		mode: Number(stats.mode),
		modified: secondsText(stats.mtimeNs),
		uid: Number(stats.uid),
		gid: Number(stats.gid),
		sha256: written.sha256,
		...(item.rawPath === undefined ? {} : {rawPath: item.rawPath}),
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
	const takeDatabase = async (stats: Stats): Promise<TakenFile | string> => {
		const copy = join(databaseFolder, `${ports.randomHex(8)}.sqlite`);
		let tables: Readonly<Record<string, number>>;
		try {
			const snapshot = await snapshotDatabase({source: item.source, destination: copy, signal});
			if (snapshot.problems.length > 0) {
				return `it is damaged (${snapshot.problems[0]})`;
			}

			({tables} = snapshot);
		} catch (error) {
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
				const written = await writer.addFile(
					memberOf(stats),
					{descriptor: copyDescriptor, bytes: fstatSync(copyDescriptor).size},
					onBytes,
				);
				return {type: 'taken', file: manifestFile(written, stats, tables), skipped: null};
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
			const before = statsOf(descriptor);
			if (!before.isFile()) {
				return skip('It is no ordinary file any more.');
			}

			if (databaseProblem === '' && startsLikeSqlite(descriptor)) {
				const taken = await takeDatabase(before);
				if (typeof taken !== 'string') {
					return taken;
				}

				databaseProblem = `It was copied as it lay, since ${taken.replace(/^[A-Z]/, letter => letter.toLowerCase())}`;
			}

			await breathe();
			const mark = writer.mark();
			let written: WrittenMember;
			try {
				written = await writer.addFile(memberOf(before), {descriptor, bytes: Number(before.size)}, onBytes);
			} catch (error) {
				const {syscall} = error as NodeJS.ErrnoException;
				if (syscall !== 'read') {
					throw error;
				}

				writer.rollback(mark);
				return skip(toPrintkeepError(error, 'It could not be read').message);
			}

			const after = statsOf(descriptor);
			const isStill = unchanged(before, after) && written.bytes === Number(before.size);
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
				file: manifestFile(written, before),
				skipped: reason === '' ? null : {path: item.target, reason},
			};
		}
	} finally {
		closeSync(descriptor);
	}
};
