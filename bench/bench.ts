import {execFileSync} from 'node:child_process';
import {mkdirSync, readdirSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {type Contender, hold} from './contest.js';
import type {Command} from './measure.js';
import type {Options, Size} from './options.js';
import type {PresentPeers} from './peers.js';
import type {Printkeep} from './printkeep.js';
import type {Contest} from './results.js';

/** What all jobs work with. */
export type Bench = {
	readonly options: Options;
	readonly peers: PresentPeers;
	readonly printkeep: Printkeep;
	readonly python: string;
	readonly cores: number;
	/** Folder of a data set; made when it is first asked for. */
	readonly data: (size: Size) => string;
	/** A new, empty folder on the file system that is written to. */
	readonly folder: (name: string) => string;
	readonly tell: (text: string) => void;
	/** Comes when the bench is to end before its time. */
	readonly signal: AbortSignal;
	/** Lets contenders do a job in turns. */
	readonly hold: (contenders: readonly Contender[], rounds: number) => Promise<readonly Contest[]>;
};

export const createBench = (
	parts: Pick<Bench, 'options' | 'peers' | 'printkeep' | 'python' | 'cores' | 'data' | 'tell' | 'signal'>,
	outputs: string,
): Bench => ({
	...parts,
	folder: name => {
		const path = join(outputs, name);
		removeFolder(path);
		mkdirSync(path, {recursive: true});
		return path;
	},
	hold: (contenders, rounds) =>
		hold(contenders, {python: parts.python, outputs, rounds, tell: parts.tell, signal: parts.signal}),
});

export const removeFolder = (path: string): void => {
	rmSync(path, {recursive: true, force: true, maxRetries: 3});
};

/** Runs a program that is no part of what is measured. Errors: when it fails. */
export const runAside = ({argv: [file = '', ...args], cwd, env}: Command): void => {
	execFileSync(file, args, {cwd, env: {...env}, stdio: ['ignore', 'ignore', 'inherit']});
};

/** An ordinary program with the words of the caller's environment, in C.UTF-8. */
export const plainCommand = (cwd: string, ...argv: readonly string[]): Command => ({
	argv,
	cwd,
	env: {PATH: process.env.PATH ?? '', HOME: cwd, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8'},
});

/** Bytes of all files below a folder, or of a file. */
export const sizeOf = (path: string): number => {
	const found = statSync(path);
	return found.isDirectory()
		? readdirSync(path).reduce((total, name) => total + sizeOf(join(path, name)), 0)
		: found.size;
};
