/** Instances of print servers and what their data consists of, as the protocol tells of them. */

/** Kinds of servers printkeep knows itself. */
export type BuiltInKind = 'octoprint';

/** Kinds of servers that a plugin knows: `plugin-` and what the plugin calls it. */
export type PluginKind = `plugin-${string}`;

export type ServerKind = BuiltInKind | PluginKind;

/** Enough to find one instance's data again; what a job is given. */
export type InstanceRef = {
	/** Unique name among the instances of this host: `[a-z0-9_-]+`. */
	readonly name: string;
	readonly kind: ServerKind;
	/** Absolute path of the data folder (OctoPrint: basedir). */
	readonly dataFolder: string;
	/** Absolute path of the server's active configuration file when it is not the usual one in the data folder. */
	readonly configFile?: string;
	/** Absolute path of the server's Python interpreter or environment, when known. */
	readonly python?: string;
};

export type VersionSource = 'environment' | 'log' | 'unknown';

export type Instance = InstanceRef & {
	/** The server's version, or null when nothing tells it. */
	readonly version: string | null;
	readonly versionSource: VersionSource;
	/** Why printkeep thinks there is an instance here, in words ("process 812", "unit octoprint.service"). */
	readonly foundBy: string;
	readonly serviceUnit?: string;
	/** What this kind of server is called, where only a plugin knows it. */
	readonly kindTitle?: string;
	/** Where the server itself keeps its backups; empty when it keeps none. */
	readonly nativeBackupFolder: string;
	/** True when a process of the server is running on this data folder; null when that cannot be known. */
	readonly running: boolean | null;
	/** Things a person should know, in words: leftovers of an interrupted restore, an unreadable folder… */
	readonly problems: readonly string[];
};

/** A folder that looked like an instance but cannot be used, and why. */
export type UnusableInstance = {readonly dataFolder: string; readonly reason: string; readonly hint: string};

/**
 * - `required`: always in (the configuration)
 * - `included` / `excluded`: the default of a part a person can toggle
 * - `never`: always left out; `reason` says why
 */
export type Inclusion = 'required' | 'included' | 'excluded' | 'never';

export type Part = {
	readonly name: string;
	/** For a person: "G-code files and models". */
	readonly title: string;
	readonly inclusion: Inclusion;
	/** Why it is never in, or excluded by default; empty otherwise. */
	readonly reason: string;
	/** Absolute folders or files this part is read from. */
	readonly sources: readonly string[];
	/** True when it lies outside the data folder (another disk, a symbolic link). */
	readonly external: boolean;
	/** Things inside it that are left out, each with why ("data/octolapse/tmp", "kept by the Octolapse plugin …"). */
	readonly leftOut: readonly {readonly path: string; readonly reason: string}[];
};

/** What is left out of a part. */
export type PartLeftOut = Pick<Part, 'name' | 'leftOut'> & {
	/** What there is to say of how plugins were asked, in sentences. */
	readonly notes: readonly string[];
};

export type PartSize = {
	readonly name: string;
	readonly bytes: number;
	readonly files: number;
	/** Expected size inside an archive, from the kinds of files. */
	readonly estimatedBytes: number;
};
