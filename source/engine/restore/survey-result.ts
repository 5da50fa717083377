import type {BytePath} from './byte-path.js';
import type {Move, SwapRecord} from './journal.js';
import type {SwapPlace} from './places.js';
import type {WantedFile, WantedLink} from './wanted-tree.js';

export type RemovedFile = {readonly target: BytePath; readonly part: string; readonly bytes: number};

export type Survey = {
	readonly places: readonly SwapPlace[];
	readonly moves: readonly Move[];
	readonly folders: SwapRecord['folders'];
	readonly added: readonly (WantedFile | WantedLink)[];
	/** Surely different: another type or size. */
	readonly changed: readonly (WantedFile | WantedLink)[];
	/** Files whose content has to be compared with what is there. */
	readonly pairs: readonly WantedFile[];
	/** Those of them in whose place is the same symbolic link now as was then. */
	readonly linkedPairs: ReadonlySet<WantedFile>;
	/** Links that are there as they were. */
	readonly sameLinks: readonly WantedLink[];
	readonly removed: readonly RemovedFile[];
	/** Journals of restored databases that leave where nothing else is removed. */
	readonly databaseJournals: number;
	/** Paths that the archive has and that are left alone, because backups or private files are kept there now. */
	readonly avoided: ReadonlySet<BytePath>;
	/** Size of everything that leaves. */
	readonly rollbackBytes: number;
};
