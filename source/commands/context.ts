import type {Client} from '../client/client.js';
import type {JobOutcome, JobRequest, JobResult} from '../client/protocol.js';
import type {PrintkeepError} from '../errors.js';
import type {ResolvedTarget} from '../settings/resolve-target.js';
import type {SettingsStore} from '../settings/store.js';
import type {SharedValues} from './shared-options.js';
import type {System} from './system.js';

/** How a job ended that has a result. */
export type JobEnd<Type extends JobResult['type']> = {
	readonly outcome: JobOutcome;
	readonly result: Extract<JobResult, {readonly type: Type}>;
	readonly durationMilliseconds: number;
	/** What it failed with; undefined when it did not. */
	readonly error: PrintkeepError | undefined;
};

/** What a command is given. */
export type CommandContext = {
	readonly system: System;
	readonly shared: SharedValues;
	readonly settings: SettingsStore;
	/** The command line as it was typed, without the program's name; for the suggestion with `--yes`. */
	readonly argv: readonly string[];
	/** The engine's client; started when first asked for. */
	readonly client: () => Promise<Client>;
	/** The instance and store that are meant. Errors: see `resolveTarget`. */
	readonly resolve: () => Promise<ResolvedTarget>;
	/**
	 * The same for work on archives alone, which needs no instance: backups can be looked at and unpacked on a host without a print
	 * server. Errors: see `resolveTarget`.
	 */
	readonly resolveForArchives: () => Promise<ResolvedTarget>;
	/** Prints lines for a person; nothing with `--json`. */
	readonly print: (...lines: readonly string[]) => void;
	/** A path of the person's, made absolute. */
	readonly absolute: (path: string) => string;
	/** Runs a job to its end while printing how it goes. Rejects with what it failed with. */
	readonly runJob: <Type extends JobResult['type']>(
		request: Extract<JobRequest, {readonly type: Type}>,
	) => Promise<JobEnd<Type>>;
};
