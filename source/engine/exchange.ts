/**
 * Exchanging two names in a single step, renameat2(2) with RENAME_EXCHANGE, which Node does not offer: by `exch` of util-linux 2.40 or `mv --exchange` of
 * coreutils 9.5, where the system has one of them.
 */
import type {DiskPath} from './disk.js';

/** Swaps what two absolute paths name; false when that was not possible. Only a look at both tells for certain what has happened. */
export type Exchange = (first: DiskPath, second: DiskPath) => boolean;

const timeout = 10_000;

const runs = (file: string, args: readonly string[]): string | undefined => {
	// Loaded only here, as in disk.ts.
	const {spawnSync} = process.getBuiltinModule('node:child_process');
	const {status, stdout} = spawnSync(file, args, {timeout, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8'});
	return status === 0 ? stdout : undefined;
};

type Tool = readonly [file: string, ...args: string[]];

const isCoreutilsWithExchange = (version: string): boolean => {
	const [, major, minor] = /^mv \(GNU coreutils\) (\d+)\.(\d+)/u.exec(version) ?? [];
	return Number(major) > 9 || (Number(major) === 9 && Number(minor) >= 5);
};

const findTool = (): Tool | undefined => {
	// Another program may have this short name; what says that it is util-linux' is still tried out before it is trusted.
	if (runs('exch', ['--version'])?.includes('util-linux')) {
		return ['exch'];
	}

	return isCoreutilsWithExchange(runs('mv', ['--version']) ?? '')
		? ['mv', '--exchange', '--no-copy', '--no-target-directory', '--']
		: undefined;
};

/** Makes the exchange of this machine; undefined where it has no program for it. No shell is involved, and absolute paths are no options. */
export const createExchange = (): Exchange | undefined => {
	const tool = findTool();
	if (tool === undefined) {
		return undefined;
	}

	const [file, ...args] = tool;
	return (first, second) =>
		// Arguments of a program started by Node are text: a name that is no UTF-8 cannot be given.
		typeof first === 'string' && typeof second === 'string' && runs(file, [...args, first, second]) !== undefined;
};

let known: {readonly exchange: Exchange | undefined} | undefined;

/** The exchange of this machine, looked for once in a process. */
export const systemExchange = (): Exchange | undefined => {
	known ??= {exchange: createExchange()};
	return known.exchange;
};
