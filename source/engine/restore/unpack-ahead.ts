/**
 * Unpacks the files of a backup side by side: runs of small ones, and each large one by itself. The thread that asks makes the folders, counts, and
 * waits for the medium.
 */
import {describeEntries, isNextTo, numberOf} from '../archive/entry-batch.js';
import {inflatedBytes} from '../archive/inflater.js';
import type {OpenArchive} from '../archive/reader.js';
import type {JobContext} from '../jobs/context.js';
import {followTask} from '../pool/follow.js';
import {createGauge, type Gauge, stopTask} from '../pool/gauge.js';
import {createTurnstile} from '../pool/turnstile.js';
import {type BytePath, toDiskPath} from './byte-path.js';
import type {OpenedBackup} from './opened-backup.js';
import type {Owner} from './owners.js';
import type {FileSyncer} from './sync-batch.js';
import {closeAll, dress, type UnpackFile, type UnpackFilesOutput} from './unpack-files.js';
import type {Appearance, WantedFile} from './wanted-tree.js';

/** Larger files are never in memory as a whole. Up to here their content fits into memory that is used again. */
const smallBytes = inflatedBytes - 1;
/** A batch is about that much content or packed data, whichever is more, or that many files. */
const batchBytes = 1024 * 1024;
const batchFiles = 48;

export type StagedFile = {
	readonly file: WantedFile;
	readonly path: BytePath;
	readonly appearance: Appearance;
	readonly owner: Owner | null;
};

/** A file with the number of its entry's record, and what that says of it. */
type PlannedFile = {
	readonly file: UnpackFile;
	readonly number: number;
	readonly bytes: number;
	/** Of content or packed data, whichever there is more of: both are in memory. */
	readonly weight: number;
	readonly isSmall: boolean;
};

export type UnpackAhead = {
	/** Has a file unpacked; its folder is there. A promise only where it has to be waited. @throws what went wrong with any file so far; cancelled */
	readonly add: (staged: StagedFile) => Promise<void> | undefined;
	/** Waits until all files are handed to the syncer. @throws what went wrong with any of them */
	readonly flush: () => Promise<void>;
	/** After a failure: stops what is running, and waits until nothing is written any more. */
	readonly settle: () => Promise<void>;
};

/** The open files a task has made. @throws what the system said */
const descriptorsOf = (output: UnpackFilesOutput): readonly number[] => {
	if (output.type === 'failed') {
		const {message, code, syscall} = output;
		throw Object.assign(new Error(message), {code, syscall});
	}

	return output.descriptors;
};

const plan = (
	{internals: {directory}}: OpenArchive,
	number: number,
	{file, path, appearance, owner}: StagedFile,
): PlannedFile => {
	const bytes = directory.sizes[number] ?? 0;
	const packedBytes = directory.packedSizes[number] ?? 0;
	const {mode, modifiedSeconds} = appearance;
	return {
		file: {path: toDiskPath(path), sha256: file.sha256, name: file.name, mode, modifiedSeconds, owner},
		number,
		bytes,
		weight: Math.max(bytes, packedBytes),
		isSmall: bytes <= smallBytes && packedBytes <= batchBytes,
	};
};

/** @param syncer takes over the files that are complete. */
export const createUnpackAhead = (
	context: JobContext,
	{backup, syncer}: {readonly backup: OpenedBackup; readonly syncer: FileSyncer},
): UnpackAhead => {
	const {report, signal} = context;
	const {disk} = context.ports;
	const pool = context.pool();
	const isAlone = pool.size === 1;
	// One more than the threads can take at once, so that none of them waits for this one.
	const batches = createTurnstile(isAlone ? 1 : pool.size + 2);
	const large = createTurnstile(pool.size);
	const running = new Set<Promise<void>>();
	/** Of the large files that are being unpacked. */
	const gauges = new Set<Gauge>();
	let failure: {readonly error: unknown} | null = null;
	let batch: PlannedFile[] = [];
	let bytesInBatch = 0;
	/** What the batch takes in memory, about: an entry may claim much packed data and no content. */
	let weightOfBatch = 0;

	const throwIfFailed = (): void => {
		if (failure) {
			throw failure.error;
		}
	};

	/** Gigabytes more would be written for nothing otherwise. */
	const stopLarge = (): void => {
		for (const gauge of gauges) {
			stopTask(gauge);
		}
	};

	/** Runs something beside everything else; what goes wrong is thrown by the next call from outside. */
	const start = async (work: () => Promise<void>): Promise<void> => {
		const done = work()
			.catch((error: unknown) => {
				// What stops because of it fails as cancelled, and comes later.
				failure ??= {error};
				stopLarge();
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

	const unpackBatch = async (staged: readonly PlannedFile[], bytes: number): Promise<void> => {
		try {
			const output = await pool.run('unpack-files', {
				entries: describeEntries(
					backup.archive,
					staged.map(({number}) => number),
				),
				files: staged.map(({file}) => file),
				staysOpen: syncer.needsOpen,
			});
			const descriptors = descriptorsOf(output);
			report.advance(bytes, staged.length);
			await syncer.add(descriptors, bytes);
		} finally {
			batches.leave();
		}
	};

	const unpackLarge = async ({file, number, bytes: size}: PlannedFile): Promise<void> => {
		const gauge = createGauge();
		gauges.add(gauge);
		try {
			const task = pool.run('unpack-large', {
				entry: describeEntries(backup.archive, [number]),
				file,
				gauge,
			});
			const descriptors = descriptorsOf(await followTask(task, gauge, bytes => report.advance(bytes, 0), signal));
			report.advance(0, 1);
			await syncer.add(descriptors, size);
		} finally {
			gauges.delete(gauge);
			large.leave();
		}
	};

	/** What is not as it is in the archive. */
	const writeContent = async ({path, appearance, owner}: StagedFile, content: Buffer): Promise<void> => {
		const descriptor = disk.create(toDiskPath(path), 0o600);
		try {
			disk.write(descriptor, content, 0);
			dress(disk, descriptor, {...appearance, owner});
		} catch (error) {
			closeAll(disk, [descriptor]);
			throw error;
		}

		report.advance(content.length, 1);
		await syncer.add([descriptor], content.length);
	};

	const flushBatch = async (): Promise<void> => {
		const staged = batch;
		const bytes = bytesInBatch;
		if (staged.length === 0) {
			return;
		}

		batch = [];
		bytesInBatch = 0;
		weightOfBatch = 0;
		await batches.enter();
		throwIfFailed();
		await start(async () => unpackBatch(staged, bytes));
	};

	const addLarge = async (planned: PlannedFile): Promise<void> => {
		if (isAlone) {
			await flushBatch();
		}

		await large.enter();
		throwIfFailed();
		await start(async () => unpackLarge(planned));
	};

	const gather = (planned: PlannedFile): void => {
		batch.push(planned);
		bytesInBatch += planned.bytes;
		weightOfBatch += planned.weight;
	};

	const gatherAnew = async (planned: PlannedFile): Promise<void> => {
		await flushBatch();
		gather(planned);
	};

	return {
		add(staged) {
			throwIfFailed();
			const {file} = staged;
			if (file.content) {
				return writeContent(staged, file.content);
			}

			const {archive} = backup;
			const planned = plan(archive, file.number ?? numberOf(archive, file.entry), staged);
			if (!planned.isSmall) {
				return addLarge(planned);
			}

			const last = batch.at(-1);
			if (
				last &&
				(batch.length >= batchFiles ||
					weightOfBatch + planned.weight > batchBytes ||
					!isNextTo(archive, last.number, planned.number))
			) {
				return gatherAnew(planned);
			}

			gather(planned);
			return undefined;
		},
		async flush() {
			await flushBatch();
			await Promise.all(running);
			throwIfFailed();
		},
		async settle() {
			stopLarge();
			await Promise.all(running);
		},
	};
};
