/** Puts the program together: the commands on one side, the machine on the other. Nothing else reads the process. */
import * as os from 'node:os';
import {createInterface} from 'node:readline';
import {systemClock} from './clock.js';
import {run} from './commands/run.js';
import {listenForSignals} from './commands/signals.js';
import type {Input, Output, System} from './commands/system.js';
import {isUtf8Locale} from './format/ascii-text.js';
import {systemPaths} from './settings/paths.js';

type ErrorCode = {readonly code?: string};

/**
 * Writing to a reader that has gone (`| head`) or to a terminal that has gone (a dropped SSH connection) must not end a job, nor
 * print a stack trace: what can no longer be shown is simply not shown.
 */
const ignoreLostReaders = (stream: NodeJS.WriteStream): void => {
	stream.on('error', (error: ErrorCode) => {
		if (error.code !== 'EPIPE' && error.code !== 'EIO' && error.code !== 'ERR_STREAM_DESTROYED') {
			throw error;
		}
	});
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

/**
 * Runs one command line in this process.
 * @param workerUrl the program of the engine’s thread.
 * @returns the exit code.
 */
export const main = async (argv: readonly string[], workerUrl: URL): Promise<number> => {
	ignoreLostReaders(process.stdout);
	ignoreLostReaders(process.stderr);
	const system: System = {
		environment: process.env,
		workingDirectory: process.cwd(),
		homeDirectory: os.homedir(),
		temporaryFolder: os.tmpdir(),
		paths: systemPaths(),
		clock: systemClock,
		stdin: systemInput,
		stdout: outputOf(process.stdout),
		stderr: outputOf(process.stderr),
		signals: listenForSignals(process),
		async createClient({paths, environment, clock}) {
			const [{createInProcessClient}, {systemPorts}] = await Promise.all([
				import('./client/in-process.js'),
				import('./engine/system-ports.js'),
			]);
			const ports = systemPorts({environment, stateFolder: paths.stateFolder});
			return createInProcessClient(clock ? {...ports, clock} : ports);
		},
		async startDashboard(options) {
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
					createWorkerClient(workerUrl, {environment: {...environment}, stateFolder: paths.stateFolder}),
				clock: systemClock,
				streams: process,
				process,
			});
		},
	};
	return run(system, argv);
};
