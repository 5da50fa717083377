/**
 * What the engine's helper threads can be asked to do. Inputs and outputs are plain data that crosses between threads; large buffers are moved, not copied.
 * A task does its work in one go and knows nothing of jobs: order, progress, cancelling and every decision stay with the thread that asks.
 */
import type {CheckEntriesInput, CheckEntriesOutput} from '../archive/check-entries.js';
import type {PackFilesInput, PackFilesOutput} from '../archive/pack-files.js';
import type {PackPieceInput, PackPieceOutput} from '../archive/pack-piece.js';
import type {Disk} from '../disk.js';
import type {DigestFilesInput, DigestFilesOutput} from '../restore/digest-files.js';
import type {UnpackFilesInput, UnpackFilesOutput} from '../restore/unpack-files.js';
import type {UnpackLargeInput} from '../restore/unpack-large.js';
import type {LoadPreviousInput, LoadPreviousOutput} from '../reuse/load-previous.js';

type Task<Input, Output> = {readonly input: Input; readonly output: Output};

/** Every task by its name. */
export type Tasks = {
	/** Unpacks and checks a run of entries. */
	readonly 'check-entries': Task<CheckEntriesInput, CheckEntriesOutput>;
	/** The same for a run of one large entry. */
	readonly 'check-large': Task<CheckEntriesInput, CheckEntriesOutput>;
	/** Reads a batch of small files and makes them into entries. */
	readonly 'pack-files': Task<PackFilesInput, PackFilesOutput>;
	/** Reads and compresses a piece of a large file. */
	readonly 'pack-piece': Task<PackPieceInput, PackPieceOutput>;
	/** Unpacks a batch of small files. */
	readonly 'unpack-files': Task<UnpackFilesInput, UnpackFilesOutput>;
	/** Unpacks a large file. */
	readonly 'unpack-large': Task<UnpackLargeInput, UnpackFilesOutput>;
	/** Hashes files that were restored. */
	readonly 'digest-files': Task<DigestFilesInput, DigestFilesOutput>;
	/** Reads what an earlier backup says about its files. */
	readonly 'load-previous': Task<LoadPreviousInput, LoadPreviousOutput>;
};

export type TaskName = keyof Tasks;
export type TaskInput<Name extends TaskName> = Tasks[Name]['input'];
export type TaskOutput<Name extends TaskName> = Tasks[Name]['output'];

/** What a task gives back, and which of its buffers are moved rather than copied. */
export type TaskResult<Name extends TaskName> = {
	readonly output: TaskOutput<Name>;
	readonly transfer: readonly ArrayBuffer[];
};

/** Whatever a task changes on disk goes through the disk it is given. */
export type TaskHandlers = {
	readonly [Name in TaskName]: (input: TaskInput<Name>, disk: Disk) => TaskResult<Name> | Promise<TaskResult<Name>>;
};
