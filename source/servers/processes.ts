import * as fs from 'node:fs';
import * as path from 'node:path';
import type {ServerPorts} from './adapter.js';
import {look} from './look.js';

/** A running process, as far as it may be looked at. */
export type ProcessInfo = {
	readonly pid: number;
	readonly arguments: readonly string[];
	/** Null when its owner cannot be told. */
	readonly uid: number | null;
	/** Only those of one's own processes can be read, or all as root; empty otherwise. */
	readonly environment: ReadonlyMap<string, string>;
	readonly workingFolder: string | null;
	/** The process's own view of `/`, different in a container; null when it cannot be looked into. */
	readonly rootFolder: string | null;
};

const read = (file: string): string | undefined => {
	try {
		return fs.readFileSync(file, 'utf8');
	} catch {
		return undefined;
	}
};

const readLink = (file: string): string | null => {
	try {
		return fs.readlinkSync(file);
	} catch {
		return null;
	}
};

const split = (text: string): readonly string[] =>
	text.split('\0').filter((item, index, all) => item !== '' || index < all.length - 1);

/**
 * The processes whose arguments a test accepts. Null when this host does not tell its processes at all.
 * @param wanted looks at the arguments, the program first.
 */
export const findProcesses = (
	{processFolder}: Pick<ServerPorts, 'processFolder'>,
	wanted: (arguments_: readonly string[]) => boolean,
): readonly ProcessInfo[] | null => {
	let names: readonly string[];
	try {
		names = fs.readdirSync(processFolder);
	} catch {
		return null;
	}

	return names
		.filter(name => /^\d+$/u.test(name))
		.flatMap((name): readonly ProcessInfo[] => {
			const folder = path.join(processFolder, name);
			const commandLine = read(path.join(folder, 'cmdline'));
			const arguments_ = commandLine === undefined ? [] : split(commandLine);
			if (arguments_.length === 0 || !wanted(arguments_)) {
				return [];
			}

			const uid = /^Uid:\s*(\d+)/mu.exec(read(path.join(folder, 'status')) ?? '')?.[1];
			const environment = split(read(path.join(folder, 'environ')) ?? '').map((item): [string, string] => {
				const equals = item.indexOf('=');
				return [item.slice(0, equals), item.slice(equals + 1)];
			});
			const root = path.join(folder, 'root');
			return [
				{
					pid: Number(name),
					arguments: arguments_,
					uid: uid === undefined ? null : Number(uid),
					environment: new Map(environment),
					workingFolder: readLink(path.join(folder, 'cwd')),
					rootFolder: look(`${root}/`) ? root : null,
				},
			];
		});
};

/** True when processes of other users may exist that this user is not shown. */
export const hidesProcesses = ({processFolder}: Pick<ServerPorts, 'processFolder'>): boolean =>
	read(path.join(processFolder, '1', 'cmdline')) === undefined;
