import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';

export type Command = {
	readonly argv: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	/** True to keep standard output, line by line; it is thrown away otherwise. */
	readonly lines?: boolean;
};

/** What one run of a program has cost. */
export type Measurement = {
	/** Negative for the signal that ended it. */
	readonly code: number;
	/** Seconds, like the next two, of the program and every descendant it has waited for. */
	readonly wall: number;
	readonly user: number;
	readonly system: number;
	/** Largest memory of the whole process tree; `measure.py` says how it is known. */
	readonly peakBytes: number;
	/** Seconds after the start, and the line that came then. */
	readonly lines: ReadonlyArray<readonly [number, string]>;
	/** The end of what it wrote to standard error. */
	readonly errors: string;
};

const script = fileURLToPath(new URL('measure.py', import.meta.url));

/**
 * Runs a program to its end under `measure.py`. Exit codes are the caller's to judge. Rejects when it could not be started at all, and when the signal
 * comes, after everything it has started has been ended.
 */
export const measure = async (
	python: string,
	{argv, cwd, env, lines = false}: Command,
	signal: AbortSignal,
): Promise<Measurement> =>
	new Promise((resolve, reject) => {
		// A process group of its own: all of it can be ended at once.
		const child = spawn(python, ['-I', script], {stdio: ['pipe', 'pipe', 'pipe'], detached: true});
		const end = (): void => {
			if (child.pid !== undefined) {
				process.kill(-child.pid, 'SIGKILL');
			}
		};
		signal.addEventListener('abort', end, {once: true});
		let answer = '';
		let complaint = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			answer += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			complaint += text;
		});
		child.on('error', reject);
		child.on('close', code => {
			signal.removeEventListener('abort', end);
			if (code === 0) {
				resolve(JSON.parse(answer) as Measurement);
			} else {
				reject(new Error(`${argv.join(' ')} could not be measured: ${complaint}`));
			}
		});
		child.stdin.on('error', () => undefined);
		child.stdin.end(JSON.stringify({argv, cwd, env, lines}));
	});
