/** Takes in what plugins print, by whatever function: a thread can write to the terminal itself, over the screen of the dashboard. */
import {syncBuiltinESMExports} from 'node:module';

/** Of a text that is printed in one go, at most this is looked at. */
const maximumPrinted = 1_000_000;

type Functions = Record<string, (...args: unknown[]) => unknown>;

const isFunction = (value: unknown): value is (...values: unknown[]) => void => typeof value === 'function';

const textOf = (piece: unknown): string =>
	piece instanceof Uint8Array ? Buffer.from(piece).toString() : String(piece);

const lengthOf = (piece: unknown): number =>
	piece instanceof Uint8Array ? piece.byteLength : Buffer.byteLength(String(piece));

/** Calls the callback among the arguments of a function that has one, later, as after a success. */
const callBack = (args: readonly unknown[], ...values: readonly unknown[]): void => {
	const done = args.findLast(isFunction);
	setImmediate(() => done?.(null, ...values));
};

/** What the functions of `node:fs` that write to an open file answer when everything was written. */
const writers: Readonly<Record<string, (piece: unknown, args: readonly unknown[]) => unknown>> = {
	writeSync: lengthOf,
	writevSync: lengthOf,
	write: (piece, args) => callBack(args, lengthOf(piece), args[1]),
	writev: (piece, args) => callBack(args, lengthOf(piece), args[1]),
	writeFileSync: () => undefined,
	appendFileSync: () => undefined,
	writeFile: (_piece, args) => callBack(args),
	appendFile: (_piece, args) => callBack(args),
};

/** @param print takes a line. */
export const capturePrinting = (print: (line: string) => void): void => {
	const take = (piece: unknown): void => {
		for (const line of textOf(piece).slice(0, maximumPrinted).split('\n')) {
			if (line.trim() !== '') {
				print(line);
			}
		}
	};

	for (const stream of [process.stdout, process.stderr]) {
		const write = (piece: unknown, ...rest: readonly unknown[]): boolean => {
			take(piece);
			queueMicrotask(() => rest.find(isFunction)?.());
			return true;
		};
		Object.defineProperty(stream, 'write', {value: write});
	}

	// The numbers of the streams lead past everything above.
	const files = process.getBuiltinModule('node:fs') as unknown as Functions;
	const replace = (name: string, make: (original: Functions[string]) => Functions[string]): void => {
		const original = files[name];
		if (original) {
			// What hangs on the function goes along, as what `promisify` makes of it.
			files[name] = Object.defineProperties(make(original), Object.getOwnPropertyDescriptors(original));
		}
	};

	for (const [name, answer] of Object.entries(writers)) {
		replace(name, original => (...args) => {
			if (args[0] !== 1 && args[0] !== 2) {
				return original(...args);
			}

			const piece = Array.isArray(args[1]) ? Buffer.concat(args[1] as readonly Uint8Array[]) : args[1];
			take(piece);
			return answer(piece, args);
		});
	}

	for (const name of ['closeSync', 'close']) {
		replace(name, original => (...args) => {
			if (args[0] === 0 || args[0] === 1 || args[0] === 2) {
				throw new Error('The terminal is not a plugin’s to close.');
			}

			return original(...args);
		});
	}

	syncBuiltinESMExports();
};
