/** Runs a program of a person's choice without a shell, and ends it with everything it has started when it takes too long. */
import type {ChildProcessByStdio} from 'node:child_process';
import type {Readable} from 'node:stream';
import {createKeptOutput} from './kept-output.js';

export type Program = {
	/** Absolute path of the file. */
	readonly file: string;
	/** The name it is told it was started by. */
	readonly calledAs: string;
	readonly args: readonly string[];
	/** All of its environment. */
	readonly environment: Readonly<Record<string, string>>;
	readonly timeLimitMilliseconds: number;
	/** What it may take to clean up after it was asked to end. */
	readonly graceMilliseconds: number;
	/** Of its two outputs together. */
	readonly keptBytes: number;
	readonly signal: AbortSignal;
};

export type ProgramEnd = {
	readonly ended: 'exit' | 'time-limit' | 'cancelled' | 'not-started';
	/** Null when a signal ended it, or it was never started. */
	readonly exitCode: number | null;
	/** The signal that ended it, or why it was not started; else empty. */
	readonly detail: string;
	/** Both outputs, beginning and end. */
	readonly output: string;
	readonly milliseconds: number;
};

/** What may still come out of a program that has ended: only what it has left running holds its outputs open for longer. */
const drainMilliseconds = 500;

/** After this, what was killed and is still there is left to the system. */
const unkillableMilliseconds = 2000;

/** Nobody would be left to end a program whose plugin thread is ended because of another plugin; the thread's own guard looks at this. */
const inThread = {endsWithThread: true};

/** @returns whether anybody is left in the group. */
const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
	try {
		process.kill(-pid, signal);
		return true;
	} catch {
		return false;
	}
};

/** Programs that run: each is ended by its function, which resolves when nobody of it is left. */
const running = new Set<() => Promise<void>>();

/** Ends every program that still runs, as if each had been cancelled, for when there is nobody left to wait for them. */
export const endPrograms = async (): Promise<void> => {
	await Promise.all([...running].map(async end => end()));
};

/**
 * Starts the program in a process group of its own, with nothing on its standard input and in the folder `/`, and waits for its end. When its time is up or
 * the caller cancels, the whole group is asked to end (SIGTERM), and killed when the grace is over; the promise is kept when nobody of it is left. What a
 * program that ended by itself has left in the background lives on. Never throws.
 */
export const runProgram = async (program: Program): Promise<ProgramEnd> => {
	const {file, calledAs, args, environment, timeLimitMilliseconds, graceMilliseconds, keptBytes, signal} = program;
	const startedAt = performance.now();
	const nothing = {exitCode: null, output: '', milliseconds: 0};
	if (signal.aborted) {
		return {...nothing, ended: 'cancelled', detail: ''};
	}

	return new Promise(resolve => {
		const {spawn} = process.getBuiltinModule('node:child_process');
		let child: ChildProcessByStdio<null, Readable, Readable>;
		try {
			child = spawn(file, args, {
				cwd: '/',
				env: environment,
				argv0: calledAs,
				stdio: ['ignore', 'pipe', 'pipe'],
				detached: true,
				...inThread,
			});
		} catch (error) {
			resolve({...nothing, ended: 'not-started', detail: error instanceof Error ? error.message : String(error)});
			return;
		}

		const {pid} = child;
		const kept = createKeptOutput(keptBytes);
		kept.follow(child.stdout);
		kept.follow(child.stderr);
		let stopped: 'time-limit' | 'cancelled' | undefined;
		let exitCode: number | null = null;
		let endSignal: NodeJS.Signals | null = null;
		let hasEnded = false;
		const timers: NodeJS.Timeout[] = [];
		const over = Promise.withResolvers<void>();
		const endNow = async (): Promise<void> => {
			stop('cancelled');
			return over.promise;
		};

		const finish = (ended: ProgramEnd['ended'], detail: string): void => {
			if (hasEnded) {
				return;
			}

			hasEnded = true;
			for (const timer of timers) {
				clearTimeout(timer);
			}

			running.delete(endNow);
			over.resolve();
			signal.removeEventListener('abort', onAbort);
			child.stdout.destroy();
			child.stderr.destroy();
			const milliseconds = performance.now() - startedAt;
			resolve({ended, exitCode: stopped ? null : exitCode, detail, output: kept.text(), milliseconds});
		};

		const stop = (why: 'time-limit' | 'cancelled'): void => {
			if (stopped !== undefined || pid === undefined || child.exitCode !== null || child.signalCode !== null) {
				return;
			}

			stopped = why;
			const killAt = performance.now() + graceMilliseconds;
			signalGroup(pid, 'SIGTERM');
			// The group outlives its first process for as long as anybody is in it, and its number is not given to others until then.
			const look = setInterval(() => {
				const now = performance.now();
				const isAnybodyLeft = signalGroup(pid, now >= killAt ? 'SIGKILL' : 0);
				// What a dying disk holds cannot be killed, and a dead process nobody collects is still counted.
				if (!isAnybodyLeft || now >= killAt + unkillableMilliseconds) {
					finish(why, isAnybodyLeft ? 'it could not be ended' : '');
				}
			}, 50);
			timers.push(look);
		};

		const onAbort = (): void => stop('cancelled');
		running.add(endNow);
		signal.addEventListener('abort', onAbort, {once: true});
		timers.push(setTimeout(() => stop('time-limit'), timeLimitMilliseconds));
		child.on('error', error => {
			if (pid === undefined) {
				finish('not-started', error.message);
			}
		});
		child.on('exit', (code, name) => {
			exitCode = code;
			endSignal = name;
			if (stopped === undefined) {
				timers.push(setTimeout(() => finish('exit', name ?? ''), drainMilliseconds));
			}
		});
		child.on('close', () => {
			if (stopped === undefined && pid !== undefined) {
				finish('exit', endSignal ?? '');
			}
		});
	});
};
