/**
 * The wanted files of a backup. There can be hundreds of thousands of them, and what is to be said of each stands in the archive's list of contents and its
 * manifest already, both of which are held as bytes: so a file is a number, and is asked for the rest when somebody looks at it.
 */
import type {OpenArchive} from '../archive/reader.js';
import type {RecordedFiles} from '../archive/recorded-files.js';
import type {ArchiveEntry} from '../archive/types.js';
import type {BytePath} from './byte-path.js';
import type {Appearance, WantedFile} from './wanted-tree.js';

/** Permission bits as recorded, without set-id and sticky bits; readable for the owner. */
const fileMode = (mode: number): number => ((mode & 0o777) === 0 ? 0o644 : (mode & 0o777) | 0o400);

/** What all files of a backup have in common. */
export type FileSource = {
	readonly archive: Pick<OpenArchive, 'entryAt' | 'nameAt' | 'bytesAt'>;
	/** Null in archives of other programs. */
	readonly recorded: RecordedFiles | null;
	/** Path inside the data folder of an entry, as text. */
	readonly targetOf: (entryName: string) => string;
	/** The true bytes of that path. @throws archive-refused */
	readonly bytesOf: (item: {readonly rawPath?: string | undefined}, target: string) => BytePath;
	readonly partOf: (name: string) => string;
	/** Targets of followed links, by entry name. */
	readonly linkTargets: ReadonlyMap<string, string>;
	/** Files that nobody else may read, by their paths. */
	readonly secrets: ReadonlySet<string>;
};

/** Names of what was asked for last: of one file, several things are asked for one after the other. */
class LastNames {
	readonly #source: FileSource;
	#number = -1;
	#entryName = '';
	#name = '';

	constructor(source: FileSource) {
		this.#source = source;
	}

	/** Name of the entry. */
	entryNameAt(number: number): string {
		this.#look(number);
		return this.#entryName;
	}

	/** Path inside the data folder, as text. */
	nameAt(number: number): string {
		this.#look(number);
		return this.#name;
	}

	#look(number: number): void {
		if (number !== this.#number) {
			this.#entryName = this.#source.archive.nameAt(number);
			this.#name = this.#source.targetOf(this.#entryName);
			this.#number = number;
		}
	}
}

/** Makes the wanted files of a backup, by the numbers of the archive's records. */
export const createArchivedFiles = (source: FileSource): ((number: number) => WantedFile) => {
	const names = new LastNames(source);
	return number => new ArchivedFile(source, names, number);
};

class ArchivedFile implements WantedFile {
	readonly #source: FileSource;
	readonly #names: LastNames;
	readonly number: number;

	constructor(source: FileSource, names: LastNames, number: number) {
		this.#source = source;
		this.#names = names;
		this.number = number;
	}

	get type(): 'file' {
		return 'file';
	}

	get name(): string {
		return this.#names.nameAt(this.number);
	}

	get target(): BytePath {
		return this.#source.bytesOf({rawPath: this.#recorded?.rawPath(this.number)}, this.name);
	}

	get part(): string {
		return this.#source.partOf(this.name);
	}

	get entry(): ArchiveEntry {
		return this.#source.archive.entryAt(this.number);
	}

	get bytes(): number {
		return this.#source.archive.bytesAt(this.number);
	}

	get appearance(): Appearance {
		const recorded = this.#recorded;
		const {mode, modifiedSeconds, owner} = recorded
			? {
					mode: recorded.mode(this.number),
					modifiedSeconds: recorded.modifiedSeconds(this.number),
					owner: recorded.owner(this.number),
				}
			: {mode: this.entry.mode, modifiedSeconds: this.entry.modifiedAt / 1000, owner: null};
		return {mode: this.#source.secrets.has(this.name) ? 0o600 : fileMode(mode), modifiedSeconds, owner};
	}

	get sha256(): string | null {
		return this.#recorded?.sha256(this.number) ?? null;
	}

	get tables(): Readonly<Record<string, number>> | null {
		return this.#recorded?.tables(this.number) ?? null;
	}

	get linkTarget(): string | null {
		const {linkTargets} = this.#source;
		return linkTargets.size === 0 ? null : (linkTargets.get(this.#entryName) ?? null);
	}

	get #entryName(): string {
		return this.#names.entryNameAt(this.number);
	}

	/** What the manifest says; null when it says nothing of this file. */
	get #recorded(): RecordedFiles | null {
		const {recorded} = this.#source;
		return recorded?.has(this.number) ? recorded : null;
	}
}
