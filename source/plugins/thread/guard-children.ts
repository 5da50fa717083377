/**
 * Programs that plugins start: they get a session of their own, so that none of them asks on the terminal or draws over the screen, are told of, so that they
 * end with the thread, and cannot hold the thread for longer than a plugin may.
 */
import type {ChildProcess} from 'node:child_process';
import {syncBuiltinESMExports} from 'node:module';

/** Names of the module that starts programs. */
export const childModules: ReadonlySet<string> = new Set(['child_process', 'node:child_process']);

type Options = Readonly<Record<string, unknown>>;

const isOptions = (value: unknown): value is Options =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const terminals = new Set<unknown>(['inherit', 0, 1, 2]);

/** What goes to the terminal goes nowhere instead; `pipe` says where it may be read. */
const withoutTerminal = (stdio: unknown, pipe: string): unknown => {
	const one = (value: unknown, place: number): unknown =>
		terminals.has(value) ? (place === 0 ? 'ignore' : pipe) : value;
	if (Array.isArray(stdio)) {
		return stdio.map(one);
	}

	return terminals.has(stdio) ? ['ignore', pipe, pipe] : stdio;
};

/**
 * @param onChild told of each program that runs, and when it has ended; not of those a plugin starts to outlive it (`detached`), unless the option
 * `endsWithThread` says that it was for the group of its own only.
 * @param longestMilliseconds how long a plugin may wait for a program without giving the thread back.
 */
export const guardChildren = (
	onChild: (pid: number, isRunning: boolean) => void,
	longestMilliseconds: number,
): void => {
	const children = process.getBuiltinModule('node:child_process');
	const prototype = children.ChildProcess.prototype as unknown as Record<string, (options: Options) => unknown>;
	const {spawn} = prototype;
	prototype.spawn = function (this: ChildProcess, options) {
		const result = spawn?.call(this, {...options, stdio: withoutTerminal(options.stdio, 'ignore'), detached: true});
		const {pid} = this;
		if (pid !== undefined && (options.detached !== true || options.endsWithThread === true)) {
			onChild(pid, true);
			this.once('exit', () => onChild(pid, false));
		}

		return result;
	};

	const functions = children as unknown as Record<string, (...args: unknown[]) => unknown>;
	for (const name of ['execSync', 'execFileSync', 'spawnSync']) {
		const original = functions[name];
		functions[name] = (...args) => {
			const place = args.findIndex((value, index) => index > 0 && isOptions(value));
			const given = place === -1 ? {} : (args[place] as Options);
			const own = typeof given.timeout === 'number' && given.timeout > 0 ? given.timeout : Number.POSITIVE_INFINITY;
			const options = {
				...given,
				...(given.stdio === undefined ? {} : {stdio: withoutTerminal(given.stdio, 'ignore')}),
				...(own <= longestMilliseconds ? {} : {timeout: longestMilliseconds, killSignal: 'SIGKILL'}),
			};
			return original?.(...(place === -1 ? [...args, options] : args.with(place, options)));
		};
	}

	syncBuiltinESMExports();
};
