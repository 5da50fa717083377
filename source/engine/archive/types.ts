/** What the jobs know of archives. docs/archive-format.md says what the bytes mean. */
import type {ServerKind, SkippedFile, Trigger, VersionSource} from '../../client/protocol.js';

/** One record of an archive's central directory, checked against its local header. */
export type ArchiveEntry = {
	/** Full entry name, `basedir/uploads/a.gcode`; folders end with `/`. */
	readonly name: string;
	readonly type: 'file' | 'directory';
	readonly method: 0 | 8;
	readonly crc32: number;
	readonly compressedBytes: number;
	readonly bytes: number;
	/** Position of the local header, and of the entry's data. */
	readonly headerOffset: number;
	/** st_mode from the external attributes; 0 when the writer was no Unix. */
	readonly mode: number;
	/** Milliseconds since the epoch; from the UT extra field when there is one, else the DOS time read as local time. */
	readonly modifiedAt: number;
};

export type ManifestFile = {
	/** Full entry name in the archive. */
	readonly path: string;
	readonly part: string;
	readonly bytes: number;
	/** st_mode, permission bits and type. */
	readonly mode: number;
	/** Seconds and nanoseconds, "1700000000.123456789". */
	readonly modified: string;
	readonly uid: number;
	readonly gid: number;
	/** Base64 of the name's bytes relative to the data folder, when the entry name had to be changed. */
	readonly rawPath?: string;
	/** Number of the inode, decimal: with `changed`, what a later backup knows an unchanged file by. Missing where that could not be relied on. */
	readonly inode?: string;
	/** When the inode was last changed: seconds and nanoseconds. */
	readonly changed?: string;
	/** Size of the file itself, where the archive holds a copy made of it and not its bytes: databases. */
	readonly sourceBytes?: number;
	/** Hex SHA-256 of the content in the archive. */
	readonly sha256: string;
	/** Set for SQLite databases stored as consistent copies: rows per table. */
	readonly tables?: Readonly<Record<string, number>>;
};

export type ManifestFolder = {
	/** Full entry name, ending with `/`. */
	readonly path: string;
	readonly mode: number;
	readonly modified: string;
	readonly uid: number;
	readonly gid: number;
	/** Base64 of the name's bytes relative to the data folder, when the entry name had to be changed. */
	readonly rawPath?: string;
};

export type ManifestLink = {
	/** Full entry name of the link, without a trailing `/`. */
	readonly path: string;
	readonly target: string;
	readonly type: 'file' | 'directory' | 'dangling';
	/** Base64 of the name's bytes relative to the data folder, when the entry name had to be changed. */
	readonly rawPath?: string;
};

export type ManifestPart = {
	readonly name: string;
	readonly title: string;
	readonly state: 'included' | 'excluded' | 'never';
	readonly reason: string;
	readonly files: number;
	readonly bytes: number;
	readonly externalSource?: string;
	/** Only of kinds of servers that plugins know: the paths inside the data folder that belong to it. */
	readonly paths?: readonly string[];
};

export type ManifestPlugin = {
	readonly key: string;
	readonly name: string;
	readonly url: string | null;
	readonly version: string | null;
};

/** What a plugin wanted left out, and was there. */
export type ManifestLeftOut = {
	/** Path inside the data folder, as an entry would be called; a folder stands for all below it. */
	readonly path: string;
	/** Identifier of the plugin. */
	readonly plugin: string;
	/** For a person. */
	readonly reason: string;
};

/** `printkeep.json` without the lists of files. Small, whatever the data. */
export type ManifestHeader = {
	readonly format: 1;
	readonly printkeep: string;
	/** Random UUID of this backup. */
	readonly id: string;
	/** Order among the backups of a store; the clock is not trusted for that. */
	readonly sequence: number;
	/** ISO 8601, UTC. */
	readonly created: string;
	readonly host: string;
	readonly kind: ServerKind;
	readonly instance: string;
	readonly trigger: Trigger;
	readonly note: string;
	readonly server: {readonly version: string | null; readonly versionSource: VersionSource};
	readonly dataFolder: string;
	readonly configFile?: string;
	/** Prefix of the data's entry names: `basedir/`. */
	readonly prefix: string;
	readonly parts: readonly ManifestPart[];
	/** Names of the parts left out. */
	readonly excludes: readonly string[];
	/** Only there when a plugin left something out. */
	readonly leftOut?: readonly ManifestLeftOut[];
	readonly plugins: readonly ManifestPlugin[];
	/** What printkeep's own plugins have to say of where the backup was made, by their ids. */
	readonly facts?: Readonly<Record<string, unknown>>;
	readonly status: 'complete' | 'partial';
	readonly skipped: readonly SkippedFile[];
	readonly notes: readonly string[];
	/** Totals of the data, without printkeep's and the server's own members. */
	readonly totals: {readonly files: number; readonly bytes: number};
};

export type Manifest = ManifestHeader & {
	readonly folders: readonly ManifestFolder[];
	readonly links: readonly ManifestLink[];
	readonly files: readonly ManifestFile[];
};

/** What the ZIP comment of a printkeep archive says: the header's summary and the hash of all bytes before the end record. */
export type ArchiveComment = {
	readonly printkeep: 1;
	readonly sha256: string;
	readonly id: string;
	readonly sequence: number;
	readonly created: string;
	readonly host: string;
	readonly kind: ServerKind;
	readonly instance: string;
	readonly version: string | null;
	readonly trigger: Trigger;
	readonly status: 'complete' | 'partial';
	readonly files: number;
	readonly bytes: number;
	readonly skipped: number;
	readonly excludes: readonly string[];
	/** At most 200 characters; the manifest has all of it. */
	readonly note: string;
};
