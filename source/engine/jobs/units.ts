/** What is read ahead, in the order in which it goes into the archive. */
import type {PackFilesOutput} from '../archive/pack-files.js';
import type {PreviousEntry} from '../reuse/previous-entries.js';
import type {ScannedFile} from '../scan.js';
import type {OpenedFile} from './take-file.js';

/** What goes into the archive in one go. */
export type Unit =
	| {readonly type: 'batch'; readonly items: readonly ScannedFile[]; readonly packed: Promise<PackFilesOutput>}
	| {readonly type: 'large'; readonly item: ScannedFile; readonly opened: OpenedFile}
	/** Taken when its turn comes. */
	| {readonly type: 'single'; readonly item: ScannedFile}
	/** Files that an earlier backup holds already, one after the other there as here. */
	| {
			readonly type: 'unchanged';
			readonly run: PreviousEntry;
			readonly part: string;
			/** Path of the last of them inside the data folder. */
			readonly target: string;
			readonly count: number;
	  };

export type ReadAhead = {
	/** Waits until there is room to go on. @returns false when nothing more is wanted */
	readonly add: (item: ScannedFile) => Promise<boolean>;
	/** Takes a file that an earlier backup holds already; a promise only where it has to be waited. @returns false when nothing more is wanted */
	readonly addUnchanged: (part: string, target: string, entry: PreviousEntry) => boolean | Promise<boolean>;
	/** Starts what waits for a batch to be full. */
	readonly flush: () => Promise<void>;
	/** After the last file, or after a failure, which the taker of units gets in its turn. */
	readonly end: (error?: unknown) => void;
	readonly units: AsyncIterable<Unit>;
	/** A batch is in the archive, and nobody looks at its bytes any more. */
	readonly free: (packed: PackFilesOutput) => void;
	/** A unit is in the archive. */
	readonly done: (unit: Unit) => void;
	/** Starts nothing any more. */
	readonly stop: () => void;
	/** Waits until nothing is being read, and closes what is open. */
	readonly settle: () => Promise<void>;
};
