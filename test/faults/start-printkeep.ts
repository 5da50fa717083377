import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {cliPath, type Output} from '../helpers/run-printkeep.js';
import {faultEnvironment} from './strace.js';

export type Started = {
	readonly pid: number;
	readonly signal: (name: NodeJS.Signals) => void;
	/** Closes our end of its output, as a reader does that has gone. */
	readonly closeOutput: () => void;
	/** Resolves when a piece of output has matched; with false when it has ended before that. */
	readonly whenOutput: (pattern: RegExp) => Promise<boolean>;
	readonly ended: Promise<Output & {readonly bySignal: NodeJS.Signals | null}>;
};

const outputOf = (
	child: ChildProcess,
): {readonly read: () => string; readonly subscribe: (look: () => void) => void} => {
	let text = '';
	const looks: Array<() => void> = [];
	child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
		text += piece;
		for (const look of looks) {
			look();
		}
	});
	return {read: () => text, subscribe: look => looks.push(look)};
};

/** Starts the shipped program and lets a test meddle with it: signals, and an output nobody reads any more. */
export const startPrintkeep = (args: readonly string[], home: string): Started => {
	const child = spawn(process.execPath, [cliPath, ...args], {
		env: faultEnvironment(home),
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const {read, subscribe} = outputOf(child);
	let stderr = '';
	child.stderr.setEncoding('utf8').on('data', (piece: string) => {
		stderr += piece;
	});
	const ended = once(child, 'exit').then(([code, signal]: readonly (string | number | null)[]) => ({
		code: Number(code ?? -1),
		bySignal: (signal ?? null) as NodeJS.Signals | null,
		stdout: read(),
		stderr,
	}));
	return {
		pid: child.pid ?? 0,
		signal(name) {
			child.kill(name);
		},
		closeOutput() {
			child.stdout.destroy();
			child.stderr.destroy();
		},
		whenOutput: async pattern =>
			Promise.race([
				new Promise<boolean>(resolve => {
					const look = (): void => {
						if (pattern.test(read())) {
							resolve(true);
						}
					};

					subscribe(look);
					look();
				}),
				ended.then(() => false),
			]),
		ended,
	};
};
