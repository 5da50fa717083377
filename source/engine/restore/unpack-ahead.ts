/**
 * Unpacks the files of a backup side by side: runs of small ones by the helper threads, large ones chunk by chunk on this thread while zlib's own
 * threads inflate them.
 */
import {describeEntries, isNextTo} from '../archive/entry-batch.js';
import type {JobContext} from '../jobs/context.js';
import {createTurnstile} from '../pool/turnstile.js';
import {type BytePath, toDiskPath} from './byte-path.js';
import type {OpenedBackup} from './opened-backup.js';
import type {Owner} from './owners.js';
import type {FileSyncer} from './sync-batch.js';
import {unpack} from './unpack.js';
import {closeAll, dress, type UnpackFile} from './unpack-files.js';
import type {WantedFile} from './wanted-tree.js';

/** Larger files, packed or unpacked, are never in memory as a whole. */
const smallBytes = 2 * 1024 * 1024;
/** A batch is about that much content, or that many files. */
const batchBytes = 1024 * 1024;
const batchFiles = 48;
/** Large files that are unpacked at the same time, where there are threads to do it. */
const largeAtOnce = 2;

export type StagedFile = {readonly file: WantedFile; readonly path: BytePath; readonly owner: Owner | null};

export type UnpackAhead = {
	/** Has a file unpacked; its folder is there. @throws what went wrong with any file so far; cancelled */
	readonly add: (staged: StagedFile) => Promise<void>;
	/** Waits until all files are handed to the syncer. @throws what went wrong with any of them */
	readonly flush: () => Promise<void>;
	/** After a failure: waits until nothing is written any more. */
	readonly settle: () => Promise<void>;
};

const systemError = ({message, ...rest}: {readonly message: string}): Error => Object.assign(new Error(message), rest);

const isSmall = ({entry, content}: WantedFile): boolean =>
	content === undefined && entry.bytes <= smallBytes && entry.compressedBytes <= smallBytes;

const dressOf = ({file: {appearance}, owner}: StagedFile): Pick<UnpackFile, 'mode' | 'modifiedSeconds' | 'owner'> => ({
	mode: appearance.mode,
	modifiedSeconds: appearance.modifiedSeconds,
	owner,
});

/** @param syncer takes over the files that are complete. */
export const createUnpackAhead = (
	context: JobContext,
	{backup, syncer}: {readonly backup: OpenedBackup; readonly syncer: FileSyncer},
): UnpackAhead => {
	const {report} = context;
	const {disk} = context.ports;
	const pool = context.pool();
	const isAlone = pool.size === 1;
	// One more than the threads can take at once, so that none of them waits for this one.
	const batches = createTurnstile(isAlone ? 1 : pool.size + 2);
	const large = createTurnstile(isAlone ? 1 : largeAtOnce);
	const running = new Set<Promise<void>>();
	let failure: {readonly error: unknown} | null = null;
	let batch: StagedFile[] = [];
	let bytesInBatch = 0;

	const throwIfFailed = (): void => {
		if (failure) {
			throw failure.error;
		}
	};

	/** Runs something beside everything else; what goes wrong is thrown by the next call from outside. */
	const start = async (work: () => Promise<void>): Promise<void> => {
		const done = work()
			.catch((error: unknown) => {
				failure ??= {error};
			})
			.then(() => {
				running.delete(done);
			});
		running.add(done);
		if (isAlone) {
			await done;
			throwIfFailed();
		}
	};

	const unpackBatch = async (staged: readonly StagedFile[], bytes: number): Promise<void> => {
		try {
			const output = await pool.run('unpack-files', {
				entries: describeEntries(
					backup.archive,
					staged.map(({file}) => file.entry),
				),
				files: staged.map(each => ({
					...dressOf(each),
					path: toDiskPath(each.path),
					sha256: each.file.sha256,
					name: each.file.name,
				})),
			});
			if (output.type === 'failed') {
				throw systemError(output);
			}

			report.advance(bytes, staged.length);
			await syncer.add(output.descriptors, bytes);
		} finally {
			batches.leave();
		}
	};

	const unpackLarge = async (staged: StagedFile): Promise<void> => {
		const {file, path} = staged;
		try {
			const descriptor = await unpack(context, {backup}, file, path);
			try {
				dress(disk, toDiskPath(path), dressOf(staged));
			} catch (error) {
				closeAll(disk, [descriptor]);
				throw error;
			}

			report.advance(0, 1);
			await syncer.add([descriptor], file.entry.bytes);
		} finally {
			large.leave();
		}
	};

	const flushBatch = async (): Promise<void> => {
		const staged = batch;
		const bytes = bytesInBatch;
		if (staged.length === 0) {
			return;
		}

		batch = [];
		bytesInBatch = 0;
		await batches.enter();
		throwIfFailed();
		await start(async () => unpackBatch(staged, bytes));
	};

	return {
		async add(staged) {
			throwIfFailed();
			const {file} = staged;
			if (!isSmall(file)) {
				if (isAlone) {
					await flushBatch();
				}

				await large.enter();
				throwIfFailed();
				await start(async () => unpackLarge(staged));
				return;
			}

			const last = batch.at(-1);
			if (
				last &&
				(batch.length >= batchFiles ||
					bytesInBatch + file.entry.bytes > batchBytes ||
					!isNextTo(backup.archive, last.file.entry, file.entry))
			) {
				await flushBatch();
			}

			batch.push(staged);
			bytesInBatch += file.entry.bytes;
		},
		async flush() {
			await flushBatch();
			await Promise.all(running);
			throwIfFailed();
		},
		async settle() {
			await Promise.all(running);
		},
	};
};
