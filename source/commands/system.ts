import type {Client} from '../client/client.js';
import type {EngineEvent} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import type {Paths} from '../settings/paths.js';
import type {TargetOptions} from '../settings/resolve-target.js';
import type {SettingsStore} from '../settings/store.js';
import type {Signals} from './signals.js';

/** Where a command writes. */
export type Output = {
	readonly write: (text: string) => void;
	readonly isTerminal: boolean;
	/** The reader cannot show more than ASCII; sentences are written accordingly, JSON is always UTF-8. */
	readonly onlyAscii: boolean;
	/** Columns of the terminal at this moment. */
	readonly columns: () => number;
};

export type Input = {
	readonly isTerminal: boolean;
	/**
	 * Asks a question on the terminal and waits for a line.
	 * Resolves with null when the input ends or Ctrl+C is pressed.
	 */
	readonly ask: (question: string) => Promise<string | null>;
};

export type ClientOptions = {
	readonly paths: Paths;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** The engine's clock, when it is not the machine's; for made-up data. */
	readonly clock?: Clock;
	/** True when the process ends with the command, so that its own thread may have a low priority for good. */
	readonly isForOneJob?: boolean;
};

/** What the dashboard is started with. */
export type DashboardOptions = {
	readonly settings: SettingsStore;
	readonly paths: Paths;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly target: TargetOptions;
	/** False: no escape sequences for colour or weight. */
	readonly color: boolean;
	readonly log: {readonly record: (event: EngineEvent) => void; readonly path: string};
	/** Opens the dashboard on made-up data after this one was left. */
	readonly startDemo?: () => Promise<number>;
};

/** Everything the commands need from outside the project's own code. */
export type System = {
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** The interpreter and the program that runs, absolute, links resolved. */
	readonly program: readonly [string, string];
	readonly workingDirectory: string;
	readonly homeDirectory: string;
	readonly temporaryFolder: string;
	readonly paths: Paths;
	readonly clock: Clock;
	/** True when the process goes on after a command. */
	readonly goesOn?: boolean;
	readonly stdin: Input;
	readonly stdout: Output;
	readonly stderr: Output;
	readonly signals: Signals;
	/** Starts the engine in this process. */
	readonly createClient: (options: ClientOptions) => Promise<Client>;
	/** Shows the dashboard until it is left; resolves with the exit code. */
	readonly startDashboard: (options: DashboardOptions) => Promise<number>;
};
