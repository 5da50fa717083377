import {EventEmitter} from 'node:events';
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {createInProcessClient} from '../../source/client/in-process.js';
import {systemClock} from '../../source/clock.js';
import {run} from '../../source/commands/run.js';
import {listenForSignals} from '../../source/commands/signals.js';
import type {ClientOptions, DashboardOptions, Output, System} from '../../source/commands/system.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import type {ServerPorts} from '../../source/servers/adapter.js';
import type {Paths} from '../../source/settings/paths.js';
import {defaultStore, resolvePaths} from '../../source/settings/paths.js';
import {settingsFor} from '../../source/settings/resolve-target.js';
import {openSettings} from '../../source/settings/store.js';
import {makeInstance} from '../helpers/make-instance.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';

export type RunOptions = {
	/** Answers to the questions, in order; null is Ctrl+C. Given answers mean that there is a terminal. */
	readonly answers?: readonly (string | null)[];
	readonly terminal?: boolean;
	readonly environment?: Readonly<Record<string, string | undefined>>;
	readonly onlyAscii?: boolean;
	/** What the engine asks of the machine; the real one, with no processes, unless given. */
	readonly server?: ServerPorts;
	/** Called with every piece of standard output, with a way to send signals. */
	readonly onOutput?: (text: string, signal: (name: NodeJS.Signals) => void) => void;
};

export type Ran = {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
	/** Questions that were asked. */
	readonly questions: readonly string[];
	/** What the dashboard was started with, when it was. */
	readonly dashboard: DashboardOptions | undefined;
	/** What each engine was started with. */
	readonly clients: readonly ClientOptions[];
};

export type Harness = {
	/** Runs a command line as `printkeep` does, with the real engine, in this process. */
	readonly run: (args: readonly string[], options?: RunOptions) => Promise<Ran>;
	readonly folder: string;
	readonly home: string;
	/** Data folder of the registered instance `octoprint`. */
	readonly dataFolder: string;
	readonly store: string;
	readonly paths: Paths;
	readonly remove: () => void;
};

/** A person's machine in a temporary folder: a home, settings, and a real data folder, registered unless told otherwise. */
export const createHarness = async ({registered = true}: {readonly registered?: boolean} = {}): Promise<Harness> => {
	const folder = makeTemporaryDirectory();
	const home = join(folder, 'home');
	const {dataFolder} = makeInstance(folder);
	const processFolder = join(folder, 'proc');
	mkdirSync(processFolder);
	const base = {
		HOME: home,
		PRINTKEEP_CONFIG_DIR: join(folder, 'settings'),
		XDG_DATA_HOME: join(folder, 'share'),
		TERM: 'xterm',
		PATH: process.env.PATH,
	};
	const paths = resolvePaths({environment: base, homeDirectory: home});
	if (registered) {
		await openSettings(paths).setInstance('octoprint', settingsFor({name: 'octoprint', kind: 'octoprint', dataFolder}));
	}

	return {
		folder,
		home,
		dataFolder,
		paths,
		store: defaultStore(paths, 'octoprint'),
		remove: () => removeDirectory(folder),
		async run(
			args,
			{answers, terminal = answers !== undefined, environment: extra = {}, onlyAscii = false, server, onOutput} = {},
		) {
			const environment = {...base, ...extra};
			const source = new EventEmitter();
			const questions: string[] = [];
			const pending = [...(answers ?? [])];
			let stdout = '';
			let stderr = '';
			let dashboard: DashboardOptions | undefined;
			const clients: ClientOptions[] = [];
			const output = (write: (text: string) => void): Output => ({
				write,
				isTerminal: terminal,
				onlyAscii,
				columns: () => 80,
			});
			const system: System = {
				environment,
				program: [process.execPath, '/usr/lib/printkeep/cli.js'],
				workingDirectory: folder,
				homeDirectory: home,
				temporaryFolder: folder,
				paths,
				clock: systemClock,
				stdin: {
					isTerminal: terminal,
					async ask(question) {
						questions.push(question);
						return pending.shift() ?? null;
					},
				},
				stdout: output(text => {
					stdout += text;
					onOutput?.(text, name => source.emit(name));
				}),
				stderr: output(text => {
					stderr += text;
				}),
				signals: listenForSignals(source),
				async createClient(options) {
					clients.push(options);
					const ports = systemPorts({environment: options.environment, stateFolder: options.paths.stateFolder});
					return createInProcessClient({
						...ports,
						...(options.clock ? {clock: options.clock} : {}),
						// Other tests start processes that look like a print server, which are no business of this machine.
						server: server ?? {...ports.server, processFolder},
					});
				},
				async startDashboard(options) {
					dashboard = options;
					return 0;
				},
			};
			const code = await run(system, args);
			return {code, stdout, stderr, questions, dashboard, clients};
		},
	};
};

/** The last line of a job's output with `--json`. */
export const resultOf = ({stdout}: Ran): Readonly<Record<string, unknown>> =>
	JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Readonly<Record<string, unknown>>;
