/**
 * The contract between the engine and the code that knows one kind of server. The engine asks; an adapter never touches
 * archives, locks or stages, and never writes to the data folder. Why one long file: both sides are read against it.
 */
import type {
	Inclusion,
	Instance,
	InstanceRef,
	MachineSetting,
	PluginRecord,
	ReinstalledPlugin,
	ServerActivity,
	ServerKind,
	ServiceSettings,
	UnusableInstance,
	VersionSource,
} from '../client/protocol.js';
import type {BoundedProgram, BoundedResult} from './bounded-program.js';
import type {DownloadOptions, DownloadResult} from './download.js';

/** Everything an adapter may ask of the machine, as ports, so that tests own it. */
export type ServerPorts = {
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly homeDirectories: () => readonly string[];
	/** Runs a program without a shell; resolves with its output, or null when it is missing, fails or takes too long. */
	readonly run: (file: string, args: readonly string[], timeoutMilliseconds: number) => Promise<string | null>;
	/** Runs a program in the same way, and tells how it ended. */
	readonly execute: (file: string, args: readonly string[], timeoutMilliseconds: number) => Promise<ProgramResult>;
	/** Runs a program on its own, which is ended with everything it has started. Never throws. */
	readonly runAlone: (program: LoneProgram) => Promise<LoneResult>;
	/** Runs a program that may take long, in a process group of its own, as another user where root says so. Never throws. */
	readonly runBounded: (program: BoundedProgram) => Promise<BoundedResult>;
	/**
	 * Fetches a file, and tries again after each of the pauses when what went wrong may pass.
	 * @throws the system error of a disk that cannot take it.
	 */
	readonly download: (
		options: DownloadOptions,
		pausesMilliseconds: readonly number[],
	) => Promise<{readonly result: DownloadResult; readonly tries: number}>;
	/** Asks an HTTP server by GET. Follows no redirection, and never throws. */
	readonly request: (url: string, options: HttpOptions) => Promise<HttpAnswer>;
	/** Folder with one entry per process, `/proc`. */
	readonly processFolder: string;
};

export type ProgramResult = {
	/** Null when it could not be started, was killed or took too long. */
	readonly exitCode: number | null;
	readonly output: string;
	/** What it wrote to stderr, or why it could not be started. */
	readonly errors: string;
};

/** A program that gets nothing from its caller but what stands here. */
export type LoneProgram = {
	/** Absolute path. */
	readonly file: string;
	readonly args: readonly string[];
	/** All that it can read from stdin. */
	readonly input: string;
	/** All of its environment variables. */
	readonly environment: Readonly<Record<string, string>>;
	readonly workingFolder: string;
	/** Whose process it is, without any further groups; the caller's own when missing. */
	readonly user?: {readonly uid: number; readonly gid: number};
	/** For everything. */
	readonly timeoutMilliseconds: number;
	/** Of its answer; a longer one is a failure. */
	readonly maximumBytes: number;
	/** Ends it. */
	readonly signal: AbortSignal;
};

export type LoneResult =
	| {
			readonly type: 'ended';
			/** Null when it was killed. */
			readonly exitCode: number | null;
			/** What it wrote to its descriptor 3. */
			readonly answer: string;
			/** The end of what it wrote to stderr; stdout is thrown away. */
			readonly errors: string;
	  }
	| {
			readonly type: 'failure';
			readonly reason: 'not-started' | 'timeout' | 'too-large' | 'cancelled';
			/** The system's words, or the end of what it wrote to stderr; for the log. */
			readonly detail: string;
	  };

export type HttpOptions = {
	readonly headers: Readonly<Record<string, string>>;
	/** For everything, from looking up the name to the last byte. */
	readonly timeoutMilliseconds: number;
	/** A longer answer is a failure. */
	readonly maximumBytes: number;
};

export type HttpAnswer =
	| {readonly type: 'answer'; readonly status: number; readonly location: string | null; readonly body: string}
	| {
			readonly type: 'failure';
			readonly reason: 'refused' | 'timeout' | 'too-large' | 'certificate' | 'broken';
			/** The system's code or words, for the log. */
			readonly detail: string;
	  };

/** What runs the server that uses a data folder. */
export type ServerHost =
	| {
			readonly type: 'unit';
			readonly name: string;
			/** `user`: a unit of the caller's own systemd. */
			readonly scope: 'system' | 'user';
			/** True when the server that is running is a process of the unit. */
			readonly active: boolean;
			/** True when this very process belongs to the unit, and would end with it. */
			readonly holdsCaller: boolean;
	  }
	/** The commands are for a person. */
	| {readonly type: 'container'; readonly name: string; readonly stop: string; readonly start: string};

export type PartRoot = {
	/** Absolute path of the folder or file to read, links resolved. */
	readonly source: string;
	/** Where it belongs inside the data folder, with `/`: `uploads`, `config.yaml`, `data`. Entry name = prefix + target. */
	readonly target: string;
	readonly type: 'directory' | 'file';
	/** True when `source` is not `<data folder>/<target>`: configured elsewhere or behind a link. */
	readonly external: boolean;
	/** Text of the symbolic link at `<data folder>/<target>`, when there is one. */
	readonly link?: string;
	/** `source` as bytes, when its last name is no UTF-8; `target` then has the name with replacement characters. */
	readonly sourceBytes?: Buffer;
};

export type PartDefinition = {
	readonly name: string;
	readonly title: string;
	readonly inclusion: Inclusion;
	readonly reason: string;
	readonly roots: readonly PartRoot[];
	/** What belongs to it inside the data folder, for `withParts`; only where parts are not always the same. */
	readonly paths?: readonly string[];
};

/** How an instance's data is laid out: what the scan walks and what a restore writes to. */
export type Layout = {
	/** Prefix of the entry names: `basedir/`. */
	readonly prefix: string;
	/** In archive order; every file of the data folder belongs to exactly one part. */
	readonly parts: readonly PartDefinition[];
	/**
	 * Why a path inside the data folder (`data/backup`, `timelapse/tmp`; no trailing slash) is left out even though its part is in; undefined when it
	 * is not. A folder left out prunes everything below. `excludes` are the names of the parts left out.
	 */
	readonly leftOut: (target: string, excludes: readonly string[]) => string | undefined;
	/** True for exactly those paths inside a root that are roots of another part: a walk from above does not enter them. */
	readonly isOtherRoot?: (target: string) => boolean;
	/** Paths the rule above names up front, for the screens. Only those that exist. */
	readonly leftOutPaths: readonly {readonly part: string; readonly path: string; readonly reason: string}[];
	/**
	 * Real absolute paths of folders that are never entered, however they are reached: the store, the server's own backups, volatile folders. `backups`
	 * marks those that hold backups.
	 */
	readonly offLimits: readonly {readonly path: string; readonly reason: string; readonly backups: boolean}[];
	/**
	 * True for a path inside the data folder that is a backup or belongs to a folder of backups: the store, the server's own backups, what it kept of the
	 * data at a restore of its own. No restore ever moves it.
	 */
	readonly holdsBackups: (target: string) => boolean;
	/** Warnings about the layout, for backups and restores alike: an empty mount point, a configured folder that is missing. */
	readonly warnings: readonly string[];
	/** What only a backup has to tell: that the server itself could not restore it. */
	readonly backupNotes: readonly string[];
};

/** A member the server needs in the archive besides the data. */
export type ExtraMember = {readonly name: string; readonly content: string};

export type ServerEnvironment = {
	readonly version: string | null;
	readonly versionSource: VersionSource;
	/** Third-party plugins with exact versions; null when the environment was not found. */
	readonly plugins: readonly PluginRecord[] | null;
};

/** What a server's archive says of itself, from its own members. */
export type NativeMetadata = {
	readonly version: string | null;
	readonly excludes: readonly string[] | null;
	readonly plugins: readonly PluginRecord[];
};

/** What is to be installed again, and how. */
export type ReinstallOptions = {
	readonly plugins: readonly PluginRecord[];
	/** Address, or absolute path of a file, of the data of a plugin repository; the server's usual one when null. */
	readonly repository: string | null;
	/** True takes the version that was backed up from a package index too, by its bare name. */
	readonly fromIndex: boolean;
	/** True only finds out what would be done. */
	readonly dryRun: boolean;
	readonly signal: AbortSignal;
	/** Told before each plugin, and what is done for it: "downloading". */
	readonly onStep: (plugin: PluginRecord, doing: string) => void;
	/** Told after each plugin; `detail` is what programs said, for the log. */
	readonly onDone: (result: ReinstalledPlugin, detail: string) => void;
};

/** Where the parts of a backup go on restore. */
export type RestoreTarget = {
	readonly part: string;
	/** Path inside the data folder: `uploads`. */
	readonly target: string;
	/** Absolute path that receives it. */
	readonly destination: string;
	readonly external: boolean;
	/** False for a folder foreign to the server that somebody has put a link to into the data folder. */
	readonly own: boolean;
};

/** What the plugins of a server want left out of a backup. */
export type PluginAnswers =
	| {
			readonly type: 'answer';
			/** Those that were asked, in the order in which the server asks them. */
			readonly plugins: readonly PluginAnswer[];
	  }
	| {
			readonly type: 'no-answer';
			/** As the end of a sentence: "its Python environment was not found". */
			readonly reason: string;
			/** For the log. */
			readonly detail: string;
	  };

export type PluginAnswer = {
	readonly plugin: string;
	/** For a person. */
	readonly name: string;
	/** What it gave back: a list counts, of texts that `meantByAnswer` explains; anything else in it or instead of it stands as null. */
	readonly items: readonly (string | null)[] | null;
	/** Why it gave nothing back, when it failed. */
	readonly error?: string;
};

/** Who can be asked what the plugins of an instance want left out. */
export type PluginPoll =
	/** Nobody has to be: there are no plugins that were not asked. */
	| {readonly type: 'nobody'}
	| {readonly type: 'unavailable'; readonly reason: string}
	| {
			readonly type: 'available';
			/** Everything that is known to change the answers, as a hash. */
			readonly fingerprint: string;
			/** Takes seconds, on a small board more. Changes nothing of the instance. Never throws. */
			readonly ask: (options: {
				/** What the plugins are told to be left out already, as the server says it. */
				readonly told: readonly string[];
				readonly signal: AbortSignal;
			}) => Promise<PluginAnswers>;
	  };

export type ServerAdapter = {
	readonly kind: ServerKind;
	/** What its archives have before the paths of the data: `basedir/`. */
	readonly prefix: string;
	/**
	 * The same with the parts a backup was made of, for kinds whose parts are not always the same. `partOf` and `partTitle` mean these then. Missing where
	 * they are always the same.
	 */
	readonly withParts?: (
		parts: readonly {readonly name: string; readonly title: string; readonly paths?: readonly string[]}[],
	) => ServerAdapter;
	/**
	 * Brings the server to rest before its files are read. What it resolves with lets it go on; it is called once, whatever happened. Missing where
	 * nothing has to be done.
	 */
	readonly quiesce?: (instance: InstanceRef) => Promise<() => Promise<void>>;
	/** Finds instances on this host, best evidence first; never throws for one bad folder. */
	readonly find: (
		ports: ServerPorts,
		extraFolders: readonly string[],
	) => Promise<{readonly found: readonly Instance[]; readonly unusable: readonly UnusableInstance[]}>;
	/** Describes the instance in a folder. Errors: missing-folder, no-instance, source-unreadable. */
	readonly inspect: (
		ports: ServerPorts,
		options: {
			readonly dataFolder: string;
			readonly configFile?: string;
			readonly name?: string;
			readonly python?: string;
		},
	) => Promise<Instance>;
	/** True when what lies in a folder can be nobody else's; where it is not, plugins may know better. Missing: never sure. */
	readonly isSure?: (dataFolder: string, configFile: string | undefined) => boolean;
	/** The parts of an instance, from its configuration. `store` is never taken in, wherever it lies. */
	readonly layout: (
		instance: InstanceRef,
		store: string,
		options?: {
			/**
			 * Identifiers of the plugins that could not tell what they want left out: only for them does the server's code know what is of no use in a backup. All
			 * plugins when missing.
			 */
			readonly silentPlugins?: readonly string[];
		},
	) => Promise<Layout>;
	/** Finds out who can be asked what the plugins of an instance want left out. Starts nothing. Never throws. */
	readonly pluginPoll: (ports: ServerPorts, instance: InstanceRef) => Promise<PluginPoll>;
	/** What the server's plugins are told of the parts that are left out. */
	readonly toldExcludes: (excludes: readonly string[]) => readonly string[];
	/** Version and plugins of the server's environment. */
	readonly environment: (ports: ServerPorts, instance: InstanceRef) => Promise<ServerEnvironment>;
	/** The members the server itself expects, in archive order (they come first). */
	readonly extraMembers: (options: {
		readonly environment: ServerEnvironment;
		readonly excludes: readonly string[];
	}) => readonly ExtraMember[];
	/** Names of the members `readMetadata` wants, at most 1 MB each. */
	readonly metadataMembers: readonly string[];
	/** Tells whether an archive with these entry names is this server's. */
	readonly recognises: (has: (entryName: string) => boolean) => boolean;
	/** Reads the server's own members of an archive. Throws archive-refused when they cannot be understood. */
	readonly readMetadata: (members: ReadonlyMap<string, string>) => NativeMetadata;
	/** Members an archive needs to be restorable; the first that is missing is named in the refusal. */
	readonly requiredMembers: readonly string[];
	/**
	 * Checks the content of the members that must be sound before anything is touched (`basedir/config.yaml` is a YAML mapping…).
	 * Returns problems in words; empty when fine.
	 */
	readonly checkMembers: (members: ReadonlyMap<string, string>) => readonly string[];
	/** Part a path inside the data folder belongs to. Folders end with `/`: `notes` is a file of `config`, `notes/` a folder of `other`. */
	readonly partOf: (target: string) => string;
	/** Title of a part by its name; the name itself when unknown. */
	readonly partTitle: (name: string) => string;
	/** Paths inside the data folder that a restore never writes and always leaves alone, even when an archive has them (`data/backup`, `logs`…). */
	readonly neverRestored: (target: string) => boolean;
	/**
	 * Where the parts of a restore in place go, given the configuration that will be live (the backup's when it has the part `config`, else null for the
	 * present one). The target that is the path or its longest leading folder wins; paths without one go to `<data folder>/<path>`.
	 * Errors: unsafe-destination when the configuration points into a folder of the system.
	 */
	readonly restoreTargets: (instance: InstanceRef, configYaml: string | null) => Promise<readonly RestoreTarget[]>;
	/** Entries whose mode is forced to 0600 on restore. */
	readonly secretFiles: readonly string[];
	/** True when `backup` is newer than `installed` by the server's own rule. Unknown versions are never newer. */
	readonly isNewer: (backup: string | null, installed: string | null) => boolean;
	/** Why restore in place is disabled by the server's settings or the environment; empty when it is not. */
	readonly restoreDisabled: (ports: ServerPorts, instance: InstanceRef) => Promise<string>;
	/** Commands that install plugins into the instance's environment, one per plugin. */
	readonly pluginCommands: (instance: InstanceRef, plugins: readonly PluginRecord[]) => readonly string[];
	/** Address of the plugin repository that is asked unless another is named. */
	readonly pluginRepository: string;
	/**
	 * Installs those plugins that are missing in the server's environment, one after the other, whatever becomes of the others; tells of each by `onDone`.
	 * @throws when nothing can be installed at all: no environment, no repository, no right to write there; cancelled
	 */
	readonly reinstallPlugins: (ports: ServerPorts, instance: InstanceRef, options: ReinstallOptions) => Promise<void>;
	/** True when a process of the server runs on the data folder; null when that cannot be known. */
	readonly isRunning: (ports: ServerPorts, instance: InstanceRef) => Promise<boolean | null>;
	/**
	 * What the server does now. No process on the data folder is `stopped`; a running server is asked over its API, at most a few seconds; one that
	 * cannot be asked is `unknown`. Never throws.
	 */
	readonly activity: (
		ports: ServerPorts,
		instance: InstanceRef,
		settings: ServiceSettings | undefined,
	) => Promise<ServerActivity>;
	/** What runs the server on the data folder, or would: its service unit, a container. Null when nothing tells it. Never throws. */
	readonly runBy: (ports: ServerPorts, instance: InstanceRef) => Promise<ServerHost | null>;
	/** Settings that belong to this machine rather than to the data, where the two configurations differ. Never values of secrets. */
	readonly machineSettings: (presentYaml: string, backupYaml: string) => readonly MachineSetting[];
	/** The backup's configuration with the present values of some groups of machine-specific settings; everything else byte for byte as far as YAML allows. */
	readonly withMachineSettings: (presentYaml: string, backupYaml: string, groups: readonly string[]) => string;
	/** What a person does after a restore or undo: "sudo systemctl restart octoprint". */
	readonly afterRestore: (ports: ServerPorts, instance: InstanceRef) => Promise<readonly string[]>;
	/** Leftovers of the server's own backups and restores (hidden partial zips, `<basedir>.bck`). */
	readonly leftovers: (instance: InstanceRef) => Promise<
		readonly {
			readonly type: 'server-partial' | 'server-rollback';
			readonly path: string;
			readonly explanation: string;
			readonly remedy: 'clean' | 'none';
		}[]
	>;
};
