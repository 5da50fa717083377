import type {BuiltInKind, PluginKind} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import type {StartPlugins} from '../plugins/service-types.js';
import type {ServerAdapter, ServerPorts} from '../servers/adapter.js';
import type {Disk} from './disk.js';
import type {StartPool} from './pool/pool.js';

export type PluginAdapters = {
	/** The code behind a kind, also when no plugin knows it: its backups can be dealt with all the same. Starts the plugins. */
	readonly of: (kind: PluginKind) => Promise<ServerAdapter>;
	/** All that plugins know. */
	readonly all: () => Promise<readonly ServerAdapter[]>;
};

/** Everything the engine needs from outside. */
export type EnginePorts = {
	readonly disk: Disk;
	readonly clock: Clock;
	readonly server: ServerPorts;
	/** Of the kinds printkeep knows itself; `adapterFor` finds the others. */
	readonly adapters: Readonly<Record<BuiltInKind, ServerAdapter>>;
	/** Of the kinds plugins know; without it, nothing but their backups can be dealt with. */
	readonly pluginAdapters?: PluginAdapters | undefined;
	/** Name of this host, for backup names and locks. */
	readonly hostName: string;
	/** Private folder of printkeep for history; made when first needed. */
	readonly stateFolder: string;
	/** Random bytes as lower-case hex, for temporary names and ids. */
	readonly randomHex: (bytes: number) => string;
	/** Starts helper threads; without it, jobs do all their work on their own thread. */
	readonly startPool?: StartPool | undefined;
	/** Makes what plugins are asked through; without it there are none. */
	readonly startPlugins?: StartPlugins | undefined;
	/** True when nobody waits for the engine's own thread: it may then work beside its helper threads. */
	readonly isForOneJob?: boolean | undefined;
	/**
	 * Gives the engine's own thread a low priority for good, and tells the system's number of it; see `lowerThisThread`. Missing where the thread
	 * will do other things.
	 */
	readonly lowerOwnThread?: (() => number | null) | undefined;
};
