/** Puts the program together: the commands on one side, the machine on the other. Nothing else reads the process. */
import {realpathSync} from 'node:fs';
import * as os from 'node:os';
import {createInterface} from 'node:readline';
import {systemClock} from './clock.js';
import {errorLines} from './commands/printers/errors.js';
import {run} from './commands/run.js';
import {listenForSignals} from './commands/signals.js';
import type {Input, Output, System} from './commands/system.js';
import {exitCodeOf, toPrintkeepError} from './errors.js';
import {isUtf8Locale} from './format/ascii-text.js';
import {type Paths, systemPaths} from './settings/paths.js';
import type {PluginProgram} from './settings/plugins-from-settings.js';

/** Codes of a reader that has gone: `| head`, or a terminal whose SSH connection dropped. */
const lostReader = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

/**
 * A reader that has gone must not end a job, nor cause a stack trace: what can no longer be shown is not shown. Any other failure to
 * write, like a full disk behind a redirection, is kept for the exit code.
 */
const watchOutput = (stream: NodeJS.WriteStream): {readonly failure: () => Error | undefined} => {
	let failure: Error | undefined;
	stream.on('error', (error: NodeJS.ErrnoException) => {
		if (!lostReader.has(error.code ?? '')) {
			failure ??= error;
		}
	});
	return {failure: () => failure};
};

const outputOf = (stream: NodeJS.WriteStream): Output => ({
	write(text) {
		if (!stream.destroyed) {
			stream.write(text);
		}
	},
	onlyAscii: !isUtf8Locale(process.env),
	isTerminal: stream.isTTY === true && process.env.TERM !== 'dumb',
	columns: () => stream.columns || 80,
});

const systemInput: Input = {
	isTerminal: process.stdin.isTTY === true,
	ask: async question =>
		new Promise(resolve => {
			const reader = createInterface({input: process.stdin, output: process.stdout});
			let answer: string | null = null;
			reader.once('SIGINT', () => reader.close());
			reader.once('close', () => resolve(answer));
			reader.question(question, text => {
				answer = text;
				reader.close();
			});
		}),
};

const realPathOf = (path: string): string => {
	try {
		return realpathSync(path);
	} catch {
		return path;
	}
};

/**
 * Runs one command line in this process.
 * @param threads the programs of the engine’s thread, of its helpers and of plugins, and the module plugins import.
 * @returns the exit code.
 */
export const main = async (
	argv: readonly string[],
	threads: {readonly worker: URL; readonly helper: URL; readonly plugins: URL; readonly pluginApi: URL},
): Promise<number> => {
	const output = watchOutput(process.stdout);
	watchOutput(process.stderr);
	const {promise: crashed, reject: crash} = Promise.withResolvers<never>();
	process.on('uncaughtException', crash);
	const pluginProgram = (paths: Paths): PluginProgram => ({
		url: threads.plugins.href,
		apiUrl: threads.pluginApi.href,
		paths,
	});
	const system: System = {
		environment: process.env,
		program: [process.execPath, realPathOf(process.argv[1] ?? '')],
		workingDirectory: process.cwd(),
		homeDirectory: os.homedir(),
		temporaryFolder: os.tmpdir(),
		paths: systemPaths(),
		clock: systemClock,
		stdin: systemInput,
		stdout: outputOf(process.stdout),
		stderr: outputOf(process.stderr),
		signals: listenForSignals(process),
		async createClient({paths, environment, clock, isForOneJob}) {
			const [{createInProcessClient}, {systemPorts}, {pluginsFromSettings}] = await Promise.all([
				import('./client/in-process.js'),
				import('./engine/system-ports.js'),
				import('./settings/plugins-from-settings.js'),
			]);
			const ports = systemPorts({
				environment,
				stateFolder: paths.stateFolder,
				helperUrl: threads.helper.href,
				isForOneJob,
				startPlugins: pluginsFromSettings(pluginProgram(paths)),
			});
			return createInProcessClient(clock ? {...ports, clock} : ports);
		},
		async startDashboard(options) {
			// From here on the dashboard looks after crashes: it has to leave the screen first.
			process.off('uncaughtException', crash);
			// chalk decides at import whether there are colours.
			if (!options.color) {
				process.env.FORCE_COLOR = '0';
			}

			const [{startDashboard}, {createWorkerClient}] = await Promise.all([
				import('./dashboard/start.js'),
				import('./client/worker-client.js'),
			]);
			const {environment, paths} = options;
			return startDashboard({
				...options,
				createClient: () =>
					createWorkerClient(threads.worker, {
						environment: {...environment},
						stateFolder: paths.stateFolder,
						helperUrl: threads.helper.href,
						plugins: pluginProgram(paths),
					}),
				clock: systemClock,
				streams: process,
				process,
			});
		},
	};
	const code = await Promise.race([run(system, argv), crashed]);
	// A stream tells of a failure one turn later.
	await new Promise(resolve => {
		setImmediate(resolve);
	});
	const failure = output.failure();
	if (failure === undefined || code !== 0) {
		return code;
	}

	const error = toPrintkeepError(failure, 'The output could not be written');
	process.stderr.write(errorLines(error, ''));
	return exitCodeOf(error.code);
};
