import type {CallName} from './messages.js';

/** How much a plugin may take before it is put aside. */
export type HostLimits = {
	/** Milliseconds a call may take, by its name. */
	readonly calls: Readonly<Record<CallName, number>>;
	/** For loading each of them. */
	readonly loadMilliseconds: number;
	/** How long the thread may not answer at all. */
	readonly blockedMilliseconds: number;
	/** Between two looks at the thread. */
	readonly lookMilliseconds: number;
	/** How long an ended thread may take until it is left behind: it waits for the system, and nothing else should. */
	readonly endMilliseconds: number;
	/** Of objects and buffers that are held, for all plugins together. At twice as much, nobody waits for what can be given back. */
	readonly memoryBytes: number;
	/** Lines a plugin may write into the log, or print. */
	readonly linesPerSecond: number;
	/** What may be printed past that in all, by threads and programs of plugins. */
	readonly printedCharacters: number;
	/** After so many failures a plugin is not asked any more. */
	readonly failures: number;
	/** Events that may wait for a plugin. */
	readonly waitingEvents: number;
};

export const usualLimits: HostLimits = {
	calls: {
		additionalExcludes: 10_000,
		beforeBackup: 30_000,
		afterBackup: 30_000,
		beforeRestore: 30_000,
		afterRestore: 30_000,
		onEvent: 10_000,
		onProgress: 5000,
		initializeSettings: 10_000,
		onStartup: 10_000,
		onAfterStartup: 10_000,
		onShutdown: 3000,
		onPendingRemoval: 10_000,
		environment: 5000,
		onEnvironment: 5000,
		command: 60_000,
		get: 10_000,
		screen: 5000,
		wizard: 5000,
		finishWizard: 10_000,
		readSettings: 5000,
		changeSettings: 10_000,
		cleanSettings: 10_000,
		adapterDetect: 10_000,
		adapterInspect: 10_000,
		adapterParts: 10_000,
		adapterQuiesce: 60_000,
		adapterRelease: 60_000,
		adapterReadiness: 5000,
		watchAgents: 5000,
		agents: 10_000,
		agentBackups: 60_000,
		agentGet: 60_000,
		// From one sign of life to the next.
		agentUpload: 300_000,
		agentDownload: 300_000,
		agentDelete: 60_000,
	},
	loadMilliseconds: 15_000,
	blockedMilliseconds: 5000,
	lookMilliseconds: 100,
	endMilliseconds: 1000,
	memoryBytes: 128_000_000,
	linesPerSecond: 500,
	printedCharacters: 100_000,
	failures: 3,
	waitingEvents: 1000,
};

/** Characters of JSON that an answer may have: it has to be kept and drawn by somebody. */
export const maximumAnswer = 1_000_000;

/** How deep lists and objects may lie in each other in an answer. */
export const deepestAnswer = 100;

/** How long a plugin may wait for a program without giving the thread back; the program is ended then. */
export const longestProgramMilliseconds = 4000;

/** Backups that a plugin may ask for within an hour. */
export const backupsPerHour = 10;

const daySeconds = 86_400;

/**
 * Milliseconds a call may take.
 * @param own what the plugin asks for, in seconds, by name; never more than a day.
 */
export const limitOf = (limits: HostLimits, name: CallName, own: Readonly<Record<string, number>>): number => {
	const seconds = Object.hasOwn(own, name) ? own[name] : undefined;
	return seconds !== undefined && seconds > 0 ? Math.min(seconds, daySeconds) * 1000 : limits.calls[name];
};
