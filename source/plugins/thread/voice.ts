/** What plugins say: into the log, and whatever they print, which is none of the terminal's. Each is heard as long as it does not say too much. */
import * as fs from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import type {FromHost} from '../messages.js';

const maximumLine = 2000;

type Level = Extract<FromHost, {type: 'log'}>['level'];

export type Voice = {
	readonly log: (plugin: number, level: Level, text: unknown) => void;
	/** Something went wrong that nobody waited for. */
	readonly stray: (plugin: number, message: string) => void;
	/** Takes in what is printed from now on, line by line, as what the plugin says that is at work. */
	readonly capturePrinting: (current: () => number) => void;
};

/** @param linesPerSecond what a plugin may say; one that says more is told of once and not heard again. */
export const createVoice = (send: (message: FromHost) => void, linesPerSecond: number): Voice => {
	const said = new Map<number, {second: number; lines: number; isSilenced: boolean}>();

	const mayTalk = (plugin: number): boolean => {
		const second = Math.floor(performance.now() / 1000);
		const one = said.get(plugin) ?? {second, lines: 0, isSilenced: false};
		said.set(plugin, one);
		if (one.second !== second) {
			one.second = second;
			one.lines = 0;
		}

		one.lines++;
		if (one.lines > linesPerSecond && !one.isSilenced) {
			one.isSilenced = true;
			send({type: 'flood', plugin});
		}

		return !one.isSilenced;
	};

	const log: Voice['log'] = (plugin, level, text) => {
		if (mayTalk(plugin)) {
			send({type: 'log', plugin, level, text: String(text).slice(0, maximumLine)});
		}
	};

	return {
		log,
		stray(plugin, message) {
			if (mayTalk(plugin)) {
				send({type: 'stray', plugin, message: message.slice(0, maximumLine)});
			}
		},
		capturePrinting(current) {
			const print = (level: Level, piece: unknown): void => {
				const text = piece instanceof Uint8Array ? Buffer.from(piece).toString() : String(piece);
				// Whoever prints a book in one go has said enough with its beginning.
				for (const line of text.slice(0, 1_000_000).split('\n')) {
					if (line.trim() !== '') {
						log(current(), level, line);
					}
				}
			};

			const levels: ReadonlyMap<unknown, Level> = new Map([
				[1, 'info'],
				[2, 'warning'],
			]);
			for (const [stream, level] of [
				[process.stdout, 'info'],
				[process.stderr, 'warning'],
			] as const) {
				const write = (piece: unknown, encoding?: unknown, callback?: unknown): boolean => {
					print(level, piece);
					const done = [encoding, callback].find(one => typeof one === 'function') as (() => void) | undefined;
					queueMicrotask(() => done?.());
					return true;
				};
				Object.defineProperty(stream, 'write', {value: write});
			}

			// The numbers of the streams lead to the terminal itself, past everything above.
			const files = process.getBuiltinModule('node:fs') as unknown as Record<string, (...args: unknown[]) => unknown>;
			const divert = (name: string, answer: (pieces: unknown, args: readonly unknown[]) => unknown): void => {
				const original = files[name];
				if (original) {
					const diverted = (...args: unknown[]): unknown => {
						const level = levels.get(args[0]);
						if (level === undefined) {
							return original(...args);
						}

						const pieces = Array.isArray(args[1]) ? Buffer.concat(args[1] as readonly Uint8Array[]) : args[1];
						print(level, pieces);
						return answer(pieces, args);
					};
					// What hangs on the function itself, as what `promisify` makes of it.
					Object.defineProperties(diverted, Object.getOwnPropertyDescriptors(original));
					files[name] = diverted;
				}
			};

			const lengthOf = (pieces: unknown): number =>
				Buffer.byteLength(pieces instanceof Uint8Array ? pieces : String(pieces));
			const callBack = (args: readonly unknown[], ...values: readonly unknown[]): void => {
				const done = args.findLast(one => typeof one === 'function') as ((...values: unknown[]) => void) | undefined;
				setImmediate(() => done?.(null, ...values));
			};
			for (const name of ['writeSync', 'writevSync']) {
				divert(name, lengthOf);
			}

			for (const name of ['write', 'writev']) {
				divert(name, (pieces, args) => callBack(args, lengthOf(pieces), pieces));
			}

			for (const name of ['writeFileSync', 'appendFileSync']) {
				divert(name, () => undefined);
			}

			for (const name of ['writeFile', 'appendFile']) {
				divert(name, (_pieces, args) => callBack(args));
			}

			const {closeSync, close} = fs;
			files.closeSync = (...args) => {
				if (args[0] === 0 || levels.has(args[0])) {
					throw new Error('The terminal is not a plugin’s to close.');
				}

				return closeSync(args[0] as number);
			};
			files.close = (...args) => {
				if (args[0] === 0 || levels.has(args[0])) {
					throw new Error('The terminal is not a plugin’s to close.');
				}

				return close(args[0] as number, args[1] as () => void);
			};
			syncBuiltinESMExports();
		},
	};
};
