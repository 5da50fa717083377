/**
 * Runs the shipped program under strace, which can count its system calls, kill it at one of them or make one fail: nothing of the program is replaced.
 *
 * strace counts `when=` for each thread and each call on its own, so that "the third rename" is whichever thread gets to its third first. Only calls
 * that are traced are changed, and one that never comes changes nothing: whoever counts must look at what really happened, which `injected` tells.
 */
import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {cliPath, isolatedEnvironment, type Output, runProgram} from '../helpers/run-printkeep.js';

/** Every call with which a program changes something that stays, by the names x86-64 and ARM know. A `?` lets strace pass over those this machine lacks. */
export const mutatingCalls = [
	...['open', 'openat', 'creat', 'write', 'pwrite64', 'writev', 'pwritev', 'fsync', 'fdatasync', 'sync_file_range'],
	...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'symlink', 'symlinkat', 'unlink', 'unlinkat'],
	...[
		'mkdir',
		'mkdirat',
		'rmdir',
		'mknod',
		'mknodat',
		'truncate',
		'ftruncate',
		'fallocate',
		'copy_file_range',
		'sendfile',
	],
	...['chmod', 'fchmod', 'fchmodat', 'chown', 'lchown', 'fchown', 'fchownat', 'utimensat', 'utimes'],
] as const;

/** Calls that only look, but can fail all the same. */
export const readingCalls = ['pread64', 'read', 'getdents64', 'close'] as const;

export type Call = {
	readonly thread: number;
	readonly name: string;
	/** How many calls of this name the thread has made, with this one: what `when=` counts. */
	readonly number: number;
	/** What it was about, as strace writes it. */
	readonly text: string;
	readonly isInjected: boolean;
};

/** The calls in a trace, in the order in which they began. */
export const parseTrace = (trace: string): readonly Call[] => {
	const counts = new Map<string, number>();
	const calls: Call[] = [];
	for (const line of trace.split('\n')) {
		const found = /^(?:\[pid )?(\d+)\]? +(\w+)\((.*)$/u.exec(line);
		if (found) {
			const [, thread = '', name = '', text = ''] = found;
			const number = (counts.get(`${thread} ${name}`) ?? 0) + 1;
			counts.set(`${thread} ${name}`, number);
			calls.push({thread: Number(thread), name, number, text, isInjected: /\((?:INJECTED|DELAYED)\)/u.test(text)});
		} else if (/<\.\.\. \w+ resumed>.*\(INJECTED\)/u.test(line)) {
			// The end of a call that another thread's interrupted on the page.
			const [, thread, name] = /^(\d+) +<\.\.\. (\w+)/u.exec(line) ?? [];
			const index = calls.findLastIndex(call => call.thread === Number(thread) && call.name === name);
			const call = calls[index];
			if (call) {
				calls[index] = {...call, isInjected: true};
			}
		}
	}

	return calls;
};

export type Traced = Output & {readonly calls: readonly Call[]; readonly injected: readonly Call[]};

export type TraceOptions = {
	/** Stands for the person's home. */
	readonly home: string;
	/** An expression of strace's: `rename:signal=KILL:when=3`. */
	readonly inject?: string;
	readonly calls?: readonly string[];
	readonly timeoutSeconds?: number;
};

let strace: string | undefined;

const stracePath = (): string => {
	strace ??= execFileSync('sh', ['-c', 'command -v strace'], {encoding: 'utf8'}).trim();
	return strace;
};

/**
 * The environment of every run in these suites: one thread in the pool, so that calls come in the same order every time, and no programs, so that
 * the calls of `systemctl` are not counted as printkeep's.
 */
export const faultEnvironment = (home: string): NodeJS.ProcessEnv => {
	const nothing = join(home, 'no-programs');
	mkdirSync(nothing, {recursive: true});
	return {...isolatedEnvironment(home), UV_THREADPOOL_SIZE: '1', PATH: nothing};
};

/** Runs the shipped printkeep in the environment of these suites, untraced. */
export const runPlainly = async (args: readonly string[], home: string): Promise<Output> =>
	runProgram(process.execPath, [cliPath, ...args], {env: faultEnvironment(home)});

let runs = 0;

/** Runs the shipped printkeep under strace. A signal to the program ends strace by the same. */
export const runTraced = async (
	args: readonly string[],
	{home, inject, calls = mutatingCalls, timeoutSeconds = 60}: TraceOptions,
): Promise<Traced> => {
	runs += 1;
	mkdirSync(home, {recursive: true});
	const log = join(home, `trace-${runs}`);
	// The filter in the kernel makes it twice as fast, but with it strace 6.1 sends no signals.
	const fast = inject?.includes('signal=') ? [] : ['--seccomp-bpf'];
	const output = await runProgram(
		stracePath(),
		[
			...['-f', '-y', '-qq', ...fast, '-e', 'signal=none', '-s', '0', '-o', log],
			...['-e', `trace=${calls.map(name => `?${name}`).join(',')}`],
			...(inject === undefined ? [] : ['-e', `inject=${inject}`]),
			...[process.execPath, cliPath, ...args],
		],
		{env: faultEnvironment(home), timeoutMilliseconds: timeoutSeconds * 1000},
	);
	const traced = parseTrace(readFileSync(log, 'utf8'));
	rmSync(log);
	const last = traced.at(-1);
	const injected =
		output.code === 137 && inject?.includes('signal=KILL') && last ? [last] : traced.filter(call => call.isInjected);
	return {...output, calls: traced, injected};
};
