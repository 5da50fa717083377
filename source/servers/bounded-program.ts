/** Runs programs that may take long, as somebody else, and of which nothing is left running. */
import type {ChildProcessByStdio} from 'node:child_process';
import type {Readable} from 'node:stream';

export type BoundedProgram = {
	readonly file: string;
	readonly args: readonly string[];
	/** Absolute path. */
	readonly workingFolder: string;
	/** All of its environment. */
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Whom it runs as; the caller when missing. Only root can choose. */
	readonly user?: {readonly uid: number; readonly gid: number} | undefined;
	readonly timeoutMilliseconds: number;
	/** Of each of its two outputs, the last so many bytes are kept. */
	readonly keptBytes: number;
	readonly signal: AbortSignal;
};

export type BoundedResult = {
	/** `not-started`: `errors` says why. */
	readonly ended: 'exit' | 'timeout' | 'cancelled' | 'not-started';
	/** Null when it did not end by itself. */
	readonly exitCode: number | null;
	readonly output: string;
	readonly errors: string;
};

/** What a program that was asked to stop may take to clean up after itself. */
const graceMilliseconds = 5000;

/** What may still come out of a program that has ended: only what somebody it has left behind holds open takes longer. */
const drainMilliseconds = 500;

/** Keeps the last bytes of a stream. */
const tailOf = (stream: Readable, keptBytes: number): (() => string) => {
	let chunks: Buffer[] = [];
	let bytes = 0;
	stream.on('data', (chunk: Buffer) => {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > keptBytes * 2) {
			chunks = [Buffer.concat(chunks).subarray(-keptBytes)];
			bytes = keptBytes;
		}
	});
	// What the other side does to its pipe is no failure of ours.
	stream.on('error', () => undefined);
	return () => Buffer.concat(chunks).subarray(-keptBytes).toString('utf8');
};

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
	try {
		process.kill(-pid, signal);
	} catch {
		// Nobody is left in it.
	}
};

/**
 * Runs a program without a shell, in a process group of its own. When its time is up or the caller cancels, the whole group is interrupted as Ctrl+C does it, and
 * killed after five seconds; what it has left running when it ends is killed too. Never throws.
 */
export const runBounded = async (program: BoundedProgram): Promise<BoundedResult> => {
	const {file, args, workingFolder, environment, user, timeoutMilliseconds, keptBytes, signal} = program;
	if (signal.aborted) {
		return {ended: 'cancelled', exitCode: null, output: '', errors: ''};
	}

	return new Promise(resolve => {
		const {spawn} = process.getBuiltinModule('node:child_process');
		let child: ChildProcessByStdio<null, Readable, Readable>;
		try {
			child = spawn(file, args, {
				cwd: workingFolder,
				env: {...environment},
				stdio: ['ignore', 'pipe', 'pipe'],
				detached: true,
				...user,
			});
		} catch (error) {
			resolve({ended: 'not-started', exitCode: null, output: '', errors: String(error)});
			return;
		}

		const output = tailOf(child.stdout, keptBytes);
		const errors = tailOf(child.stderr, keptBytes);
		let stopped: 'timeout' | 'cancelled' | undefined;
		let killTimer: NodeJS.Timeout | undefined;
		const stop = (why: 'timeout' | 'cancelled'): void => {
			if (stopped === undefined && child.pid !== undefined) {
				const {pid} = child;
				stopped = why;
				signalGroup(pid, 'SIGINT');
				killTimer = setTimeout(() => {
					signalGroup(pid, 'SIGKILL');
				}, graceMilliseconds);
			}
		};

		const onAbort = (): void => {
			stop('cancelled');
		};

		const timer = setTimeout(() => {
			stop('timeout');
		}, timeoutMilliseconds);
		signal.addEventListener('abort', onAbort, {once: true});
		let drainTimer: NodeJS.Timeout | undefined;
		let exitCode: number | null = null;
		const finish = (ended: BoundedResult['ended'], detail = ''): void => {
			clearTimeout(timer);
			clearTimeout(killTimer);
			clearTimeout(drainTimer);
			signal.removeEventListener('abort', onAbort);
			child.stdout.destroy();
			child.stderr.destroy();
			resolve({ended, exitCode, output: output(), errors: detail === '' ? errors() : detail});
		};

		child.on('error', error => {
			if (child.pid === undefined) {
				finish('not-started', error.message);
			}
		});
		child.on('exit', code => {
			exitCode = stopped === undefined ? code : null;
			if (child.pid !== undefined) {
				signalGroup(child.pid, 'SIGKILL');
			}

			drainTimer = setTimeout(() => {
				finish(stopped ?? 'exit');
			}, drainMilliseconds);
		});
		child.on('close', () => {
			finish(stopped ?? 'exit');
		});
	});
};
