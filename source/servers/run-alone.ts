/** Runs somebody else's program so that it can neither outlive its time, nor say more than it may, nor reach what its caller has. */
import type {ChildProcess} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import type {LoneResult, ServerPorts} from './adapter.js';

/** Of what a program writes to stderr, the last so many bytes are kept. */
const errorBytes = 4096;

/** Ends a process group of its own with everything in it; what has left the group by itself is not reached. */
const endGroup = (child: ChildProcess): void => {
	try {
		process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
	} catch {
		// It has ended by itself, or never began.
	}
};

/** Keeps the end of a stream. */
const keepEnd = (stream: Readable): (() => string) => {
	let end = Buffer.alloc(0);
	stream.on('data', (chunk: Buffer) => {
		end = Buffer.concat([end, chunk]).subarray(-errorBytes);
	});
	return () => end.toString();
};

/**
 * Runs a program in a process group of its own: its answer is what it writes to descriptor 3, where none of its modules prints by mistake.
 * When it ends, runs out of time, says too much or is cancelled, the group is killed.
 */
export const runAlone: ServerPorts['runAlone'] = async ({
	file,
	args,
	input,
	environment,
	workingFolder,
	user,
	timeoutMilliseconds,
	maximumBytes,
	signal,
}) =>
	new Promise<LoneResult>(resolve => {
		if (signal.aborted) {
			resolve({type: 'failure', reason: 'cancelled', detail: ''});
			return;
		}

		// Many commands start no program at all, and what it takes is not loaded for them.
		const {spawn} = process.getBuiltinModule('node:child_process');
		let child: ChildProcess;
		try {
			child = spawn(file, args, {
				cwd: workingFolder,
				env: environment,
				detached: true,
				stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
				// The system's call that changes the user drops the caller's groups as well.
				...(user ?? {}),
			});
		} catch (error) {
			resolve({type: 'failure', reason: 'not-started', detail: String(error)});
			return;
		}

		const [stdin, , stderr, channel] = child.stdio ?? [];
		const errors = stderr ? keepEnd(stderr as Readable) : () => '';
		const chunks: Buffer[] = [];
		let gathered = 0;
		let hasEnded = false;
		let lateTimer: NodeJS.Timeout | undefined;
		const end = (result: LoneResult): void => {
			if (hasEnded) {
				return;
			}

			hasEnded = true;
			clearTimeout(timer);
			clearTimeout(lateTimer);
			signal.removeEventListener('abort', cancel);
			endGroup(child);
			// A process that left the group may hold them open for ever.
			stderr?.destroy();
			channel?.destroy();
			resolve(result);
		};

		const fail = (reason: Extract<LoneResult, {type: 'failure'}>['reason'], detail = errors()): void =>
			end({type: 'failure', reason, detail});
		const timer = setTimeout(() => fail('timeout'), timeoutMilliseconds);
		const cancel = (): void => fail('cancelled');
		signal.addEventListener('abort', cancel, {once: true});
		child.once('error', error => fail('not-started', error.message));
		channel?.on('data', (chunk: Buffer) => {
			gathered += chunk.length;
			if (gathered > maximumBytes) {
				fail('too-large');
			} else {
				chunks.push(chunk);
			}
		});
		// What it wrote may still be on its way when it has ended; a process it left behind must not be waited for.
		child.once('exit', exitCode => {
			const finish = (): void =>
				end({type: 'ended', exitCode, answer: Buffer.concat(chunks).toString(), errors: errors()});
			endGroup(child);
			if (!channel || channel.destroyed) {
				finish();
			} else {
				channel.once('close', finish);
				lateTimer = setTimeout(finish, 1000);
			}
		});
		const reader = stdin as Writable | null | undefined;
		reader?.on('error', () => {
			// It did not want to read all of it.
		});
		reader?.end(input);
	});
