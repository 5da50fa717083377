import {spawn} from 'node:child_process';
import {existsSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The built program. Suites that use it are started through npm scripts that build it first. */
export const cliPath = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export type Output = {
	/** Exit code; 128 plus the number when a signal ended it. */
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
};

/**
 * An environment in which nothing of the person running the tests is seen or touched: settings, state, default stores and home lie in the folder given.
 */
export const isolatedEnvironment = (home: string): NodeJS.ProcessEnv => {
	mkdirSync(home, {recursive: true});
	return {
		PATH: process.env.PATH,
		HOME: home,
		LANG: 'C.UTF-8',
		LC_ALL: 'C.UTF-8',
		TZ: 'Europe/Berlin',
		TMPDIR: process.env.TMPDIR ?? '/tmp',
		XDG_CONFIG_HOME: join(home, '.config'),
		XDG_DATA_HOME: join(home, '.local/share'),
		XDG_STATE_HOME: join(home, '.local/state'),
		XDG_CACHE_HOME: join(home, '.cache'),
		PRINTKEEP_CONFIG_DIR: join(home, '.config/printkeep'),
	};
};

const signalNumbers: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
	SIGHUP: 1,
	SIGINT: 2,
	SIGABRT: 6,
	SIGKILL: 9,
	SIGTERM: 15,
};

export type RunOptions = {
	/** Folder that stands for the person's home; what is kept there is seen by the next run with the same folder. */
	readonly home: string;
	readonly env?: NodeJS.ProcessEnv;
	readonly cwd?: string;
	readonly input?: string;
	/** Called with the process, for tests that send signals. */
	readonly onStart?: (child: {
		readonly kill: (signal: NodeJS.Signals) => boolean;
		readonly pid: number | undefined;
	}) => void;
	/** Called with every piece of standard output. */
	readonly onOutput?: (text: string) => void;
	readonly node?: string;
	/** Runs as another user; only root can. */
	readonly userId?: number;
	/** Ends the program by SIGTERM when it takes longer: against hanging. */
	readonly timeoutMilliseconds?: number;
};

/** Runs a program to its end and collects what it said. Never rejects for an exit code. */
export const runProgram = async (
	file: string,
	args: readonly string[],
	{env, cwd, input = '', onStart, onOutput, userId, timeoutMilliseconds}: Omit<RunOptions, 'home' | 'node'> = {},
): Promise<Output> =>
	new Promise((resolve, reject) => {
		const user = userId === undefined ? {} : {uid: userId, gid: userId};
		const child = spawn(file, args, {
			env,
			cwd,
			...user,
			stdio: ['pipe', 'pipe', 'pipe'],
			timeout: timeoutMilliseconds,
		});
		let stdout = '';
		let stderr = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			stdout += text;
			onOutput?.(text);
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			stderr += text;
		});
		child.on('error', reject);
		child.on('close', (code, signal) => {
			resolve({code: code ?? 128 + (signal === null ? 0 : (signalNumbers[signal] ?? 0)), stdout, stderr});
		});
		// A program that ends without reading its input is no failure of the test.
		child.stdin.on('error', () => {});
		child.stdin.end(input);
		onStart?.({kill: name => child.kill(name), pid: child.pid});
	});

/** Runs a printkeep command as a person would, in an environment of its own. */
export const runPrintkeep = async (
	args: readonly string[],
	{home, env, node = process.execPath, ...options}: RunOptions,
): Promise<Output> => {
	if (!existsSync(cliPath)) {
		throw new Error(`${cliPath} is missing: run "npm run build" first`);
	}

	return runProgram(node, [cliPath, ...args], {...options, env: {...isolatedEnvironment(home), ...env}});
};

/** The objects of a command that prints one JSON document per line. */
export const parseJsonLines = (text: string): ReadonlyArray<Readonly<Record<string, unknown>>> =>
	text
		.split('\n')
		.filter(line => line.trim() !== '')
		.map(line => JSON.parse(line) as Readonly<Record<string, unknown>>);
