import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {hasProgram} from './requirements.js';
import {cliPath, isolatedEnvironment} from './run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from './temporary.js';
import {type WaitOptions, waitFor} from './wait-for.js';

export type TerminalOptions = {
	/** Folder that stands for the person's home. */
	readonly home: string;
	readonly columns?: number;
	readonly rows?: number;
	readonly env?: Readonly<Record<string, string>>;
	readonly cwd?: string;
};

/** State of the terminal that a program must leave as it was. */
export type TerminalState = {
	readonly alternateScreen: boolean;
	readonly cursorVisible: boolean;
	/** Output of `stty -a`, without the size. */
	readonly modes: string;
	readonly title: string;
};

export type Terminal = {
	/** Types text as it is, then nothing. */
	readonly type: (text: string) => void;
	/** Presses keys by tmux's names: `Enter`, `Escape`, `C-c`, `Down`, `q`. */
	readonly press: (...keys: readonly string[]) => void;
	/** Sends raw bytes, as a terminal would: reports, split sequences. */
	readonly send: (bytes: Uint8Array) => void;
	/** Rows of the screen, without trailing blanks. */
	readonly screen: () => string;
	/** The same with its colours as escape sequences. */
	readonly screenWithColours: () => string;
	/** Waits until the screen shows a text, or a predicate of it holds. */
	readonly waitFor: (
		expected: string | RegExp | ((screen: string) => boolean),
		options?: WaitOptions,
	) => Promise<string>;
	readonly resize: (columns: number, rows: number) => void;
	/** Bytes the program has written since the terminal was opened. */
	readonly bytesWritten: () => number;
	/** Runs a shell command in the terminal, not waiting for it. */
	readonly run: (command: string) => void;
	/** Waits until the command started last has ended; resolves with its exit code. */
	readonly waitForExit: (options?: WaitOptions) => Promise<number>;
	/** Process id of the program in the foreground. */
	readonly foregroundProcess: () => number;
	/** Waits until the screen has stayed the same for a while, and gives it. */
	readonly settled: () => Promise<string>;
	/** What the program has made of screen and cursor, at any time. */
	readonly flags: () => Pick<TerminalState, 'alternateScreen' | 'cursorVisible'>;
	readonly title: () => string;
	/** State of the terminal; only while the shell is in the foreground, since `stty` has to be asked. */
	readonly state: () => Promise<TerminalState>;
	/** Puts the program in the foreground as it would be over a lost connection: its terminal goes away. */
	readonly hangUp: () => void;
	readonly close: () => void;
};

/** Quotes a word for a shell. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** The command line that starts the built printkeep with these arguments. */
export const printkeepCommand = (args: readonly string[] = []): string =>
	[process.execPath, cliPath, ...args].map(word => quote(word)).join(' ');

/** True when terminals can be opened here. */
export const canOpenTerminals = (): boolean => hasProgram('tmux', 'tmux');

/**
 * Opens a real terminal (a tmux pane on a server of its own) with a shell in it, and closes it when the running test has finished. `CI` is unset in it:
 * Ink would not draw otherwise.
 */
export const openTerminal = ({home, columns = 80, rows = 24, env = {}, cwd = home}: TerminalOptions): Terminal => {
	const folder = makeTemporaryDirectory();
	const socket = join(folder, 'tmux');
	const log = join(folder, 'output');
	const exits = join(folder, 'exits');
	mkdirSync(home, {recursive: true});
	writeFileSync(log, '');
	writeFileSync(exits, '');
	writeFileSync(
		join(folder, 'tmux.conf'),
		[
			'set -g status off',
			'set -g default-terminal screen-256color',
			'set -g escape-time 0',
			'set -g history-limit 2000',
			'set -g remain-on-exit on',
			'set -g set-titles off',
			'set -g allow-rename off',
		].join('\n'),
	);
	// The shell says the exit code of every command in a file, so that nothing has to be read off the screen.
	writeFileSync(join(folder, 'shellrc'), `PS1='ready> '\nunset HISTFILE\n`);
	const environment: Readonly<Record<string, string | undefined>> = {...isolatedEnvironment(home), ...env};

	const tmux = (...args: readonly string[]): string =>
		execFileSync('tmux', ['-u', '-S', socket, '-f', join(folder, 'tmux.conf'), ...args], {
			encoding: 'utf8',
			env: {PATH: process.env.PATH, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', HOME: home},
			stdio: ['ignore', 'pipe', 'pipe'],
		});

	tmux(
		'new-session',
		...['-d', '-s', 'main', '-x', String(columns), '-y', String(rows), '-c', cwd],
		[
			'env',
			'-i',
			...Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
			'TERM=screen-256color',
			'bash',
			'--noprofile',
			'--rcfile',
			join(folder, 'shellrc'),
			'-i',
		]
			.map(word => quote(word))
			.join(' '),
	);
	tmux('pipe-pane', '-t', 'main', '-O', `exec cat >> ${quote(log)}`);

	let closed = false;
	let runs = 0;
	const close = (): void => {
		if (!closed) {
			closed = true;
			try {
				tmux('kill-server');
			} catch {
				// It has gone already when the test hung up.
			}

			removeDirectory(folder);
		}
	};

	onTestFinished(close);

	const ask = (format: string): string => tmux('display-message', '-p', '-t', 'main', format).trim();
	const screen = (): string =>
		tmux('capture-pane', '-p', '-t', 'main')
			.split('\n')
			.map(line => line.trimEnd())
			.join('\n')
			.trimEnd();

	const terminal: Terminal = {
		type(text) {
			tmux('send-keys', '-t', 'main', '-l', text);
		},
		press(...keys) {
			tmux('send-keys', '-t', 'main', ...keys);
		},
		send(bytes) {
			tmux('send-keys', '-t', 'main', '-H', ...[...bytes].map(byte => byte.toString(16)));
		},
		screen,
		screenWithColours: () => tmux('capture-pane', '-p', '-e', '-t', 'main'),
		async waitFor(expected, options = {}) {
			const holds = (text: string): boolean => {
				if (typeof expected === 'string') {
					return text.includes(expected);
				}

				return typeof expected === 'function' ? expected(text) : expected.test(text);
			};

			return waitFor(
				typeof expected === 'string' ? `"${expected}"` : String(expected),
				() => {
					const text = screen();
					return holds(text) && text;
				},
				{describe: screen, ...options},
			);
		},
		resize(newColumns, newRows) {
			tmux('resize-window', '-t', 'main', '-x', String(newColumns), '-y', String(newRows));
		},
		bytesWritten: () => statSync(log).size,
		run(command) {
			runs += 1;
			terminal.type(`${command}; echo $? >> ${quote(exits)}`);
			terminal.press('Enter');
		},
		async waitForExit(options) {
			const code = await waitFor(
				'the command to end',
				() => readFileSync(exits, 'utf8').split('\n')[runs - 1] || undefined,
				{describe: screen, ...options},
			);
			return Number(code);
		},
		foregroundProcess() {
			const shell = Number(ask('#{pane_pid}'));
			const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(shell)], {encoding: 'utf8'});
			const [child] = children.trim().split(/\s+/u);
			if (child === undefined || child === '') {
				throw new Error('There is no program in the foreground');
			}

			return Number(child);
		},
		async settled() {
			let last = screen();
			let since = performance.now();
			return waitFor('the screen to settle', () => {
				const now = screen();
				if (now !== last) {
					last = now;
					since = performance.now();
				}

				return performance.now() - since > 200 && now;
			});
		},
		flags: () => ({
			alternateScreen: ask('#{alternate_on}') === '1',
			cursorVisible: ask('#{cursor_flag}') === '1',
		}),
		title: () => ask('#{pane_title}'),
		async state() {
			const file = join(folder, 'modes');
			terminal.run(`stty -a | sed 1d > ${quote(file)}`);
			await terminal.waitForExit();
			return {...terminal.flags(), modes: readFileSync(file, 'utf8'), title: terminal.title()};
		},
		hangUp() {
			tmux('kill-session', '-t', 'main');
		},
		close,
	};
	return terminal;
};
