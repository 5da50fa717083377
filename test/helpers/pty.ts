import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import headless from '@xterm/headless';

export type PtyOptions = {
	readonly columns?: number;
	readonly rows?: number;
	readonly env: NodeJS.ProcessEnv;
	readonly cwd?: string;
};

/** One piece of output: how many bytes, and when it left the program, in milliseconds of the monotonic clock. */
export type Chunk = {readonly at: number; readonly bytes: number};

export type Pty = {
	readonly pid: number;
	/** When it was started, in milliseconds of the same clock as everything here. */
	readonly startedAt: number;
	/** Types bytes; resolves with the moment they were given to the terminal. */
	readonly type: (bytes: string) => Promise<number>;
	/** Resolves with the moment of the piece of output that made the screen satisfy the predicate; at once when it does already. */
	readonly whenScreen: (predicate: (screen: string) => boolean, timeout?: number) => Promise<number>;
	readonly screen: () => string;
	readonly chunks: readonly Chunk[];
	/** Everything written so far, as it is. */
	readonly output: () => Buffer;
	readonly resize: (columns: number, rows: number) => void;
	/** Takes the terminal away, as a lost connection does. */
	readonly hangUp: () => void;
	readonly signal: (name: NodeJS.Signals) => void;
	/** Ends the program, whatever it is doing. */
	readonly close: () => void;
	/** Exit code, negative for a signal. */
	readonly exit: Promise<number>;
};

/** Moment and place of a waiting predicate. */
type Waiter = {
	readonly predicate: (screen: string) => boolean;
	readonly resolve: (at: number) => void;
};

/**
 * Runs a program in a pseudo terminal whose every byte is counted and timed, with a terminal emulator that shows what a person would see. For budgets and
 * latencies; tmux redraws on its own account and hides them. Needs Python 3.
 */
export const openPty = async (
	command: readonly string[],
	{columns = 80, rows = 24, env, cwd}: PtyOptions,
): Promise<Pty> => {
	const emulator = new headless.Terminal({cols: columns, rows, allowProposedApi: true});
	const child = spawn(
		'python3',
		[fileURLToPath(new URL('run-in-pty.py', import.meta.url)), String(columns), String(rows), ...command],
		{env: {TERM: 'xterm-256color', ...env}, cwd, stdio: ['pipe', 'pipe', 'inherit']},
	);
	const chunks: Chunk[] = [];
	const raw: Buffer[] = [];
	const waiters = new Set<Waiter>();
	const sent = new Map<number, (at: number) => void>();
	let lastId = 0;
	let lastAt = 0;

	const screen = (): string => {
		const buffer = emulator.buffer.active;
		return Array.from(
			{length: emulator.rows},
			(_, row) => buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '',
		).join('\n');
	};

	const look = (at: number): void => {
		for (const waiter of waiters) {
			if (waiter.predicate(screen())) {
				waiters.delete(waiter);
				waiter.resolve(at);
			}
		}
	};

	const tell = (message: object): void => {
		child.stdin.write(`${JSON.stringify(message)}\n`);
	};

	const started = Promise.withResolvers<{readonly pid: number; readonly at: number}>();
	const exited = Promise.withResolvers<number>();
	createInterface({input: child.stdout}).on('line', line => {
		const message = JSON.parse(line) as {
			readonly pid?: number;
			readonly at?: number;
			readonly bytes?: string;
			readonly sent?: number;
			readonly exit?: number;
		};
		if (message.pid !== undefined && message.at !== undefined) {
			started.resolve({pid: message.pid, at: message.at});
		} else if (message.bytes !== undefined && message.at !== undefined) {
			const {at} = message;
			const bytes = Buffer.from(message.bytes, 'base64');
			chunks.push({at, bytes: bytes.length});
			raw.push(bytes);
			emulator.write(bytes, () => {
				lastAt = at;
				look(at);
			});
		} else if (message.sent !== undefined && message.at !== undefined) {
			sent.get(message.sent)?.(message.at);
			sent.delete(message.sent);
		} else if (message.exit !== undefined) {
			exited.resolve(message.exit);
		}
	});
	child.on('error', error => {
		started.reject(error);
	});
	child.stdin.on('error', () => {});

	const {pid, at: startedAt} = await started.promise;
	return {
		pid,
		startedAt,
		async type(bytes) {
			lastId += 1;
			const {promise, resolve} = Promise.withResolvers<number>();
			sent.set(lastId, resolve);
			tell({write: Buffer.from(bytes).toString('base64'), id: lastId});
			return promise;
		},
		async whenScreen(predicate, timeout = 15_000) {
			if (predicate(screen())) {
				return lastAt;
			}

			const {promise, resolve, reject} = Promise.withResolvers<number>();
			const waiter = {predicate, resolve};
			waiters.add(waiter);
			const timer = setTimeout(() => {
				waiters.delete(waiter);
				reject(new Error(`Waited ${timeout} ms for the screen; there was:\n${screen()}`));
			}, timeout);
			return promise.finally(() => {
				clearTimeout(timer);
			});
		},
		screen,
		chunks,
		output: () => Buffer.concat(raw),
		resize(newColumns, newRows) {
			emulator.resize(newColumns, newRows);
			tell({resize: [newColumns, newRows]});
		},
		hangUp() {
			tell({hangup: true});
		},
		signal(name) {
			process.kill(pid, name);
		},
		close() {
			if (child.exitCode === null) {
				try {
					process.kill(pid, 'SIGKILL');
				} catch {
					// It has ended already.
				}
			}
		},
		exit: exited.promise,
	};
};

/** Bytes written between two moments. */
export const bytesBetween = (pty: Pty, from: number, to: number): number =>
	pty.chunks.filter(({at}) => at > from && at <= to).reduce((sum, {bytes}) => sum + bytes, 0);
