/** A private folder for a program that runs as somebody else, and that leaves nothing behind. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type {ServerPorts} from './adapter.js';

export type ScratchFolder = {
	/** Absolute path of an empty folder that belongs to the user alone. */
	readonly path: string;
	/** The folder around it, in which only this process makes names; the user passes through. */
	readonly outer: string;
	/** Removes it with everything in it. Never throws: what cannot be removed is tried again when the next one is made. */
	readonly remove: () => Promise<void>;
};

/** What a folder is for: how its name begins, and an age that none in use has, so that an older one was left behind by a printkeep that was killed. */
const purposes = {
	ask: {prefix: 'printkeep-ask-', leftBehindMilliseconds: 3_600_000},
	install: {prefix: 'printkeep-plugins-', leftBehindMilliseconds: 24 * 3_600_000},
} as const;

type Purpose = (typeof purposes)[keyof typeof purposes];

type User = {readonly uid: number; readonly gid: number};

/**
 * Empties a folder. One that belongs to somebody else is emptied in their name: they may change it meanwhile, and whatever they put into it must not lead
 * this process to files that only it may delete.
 */
const empty = async (ports: Pick<ServerPorts, 'runAlone'>, folder: string, user: User | undefined): Promise<void> => {
	if (user === undefined) {
		fs.rmSync(folder, {recursive: true, force: true});
		return;
	}

	await ports.runAlone({
		file: '/bin/sh',
		args: ['-c', 'rm -rf -- ./* ./.[!.]* ./..?*'],
		input: '',
		environment: {PATH: '/usr/bin:/bin'},
		workingFolder: folder,
		user,
		timeoutMilliseconds: 20_000,
		maximumBytes: 0,
		signal: new AbortController().signal,
	});
};

const remove = async (ports: Pick<ServerPorts, 'runAlone'>, outer: string): Promise<void> => {
	const inner = path.join(outer, 'work');
	try {
		const stats = fs.lstatSync(inner, {throwIfNoEntry: false});
		if (stats) {
			const isOurs = stats.uid === process.geteuid?.();
			await empty(ports, inner, isOurs ? undefined : {uid: stats.uid, gid: stats.gid});
			if (!isOurs) {
				fs.rmdirSync(inner);
			}
		}

		// Whatever else there is in it was made by this process.
		fs.rmSync(outer, {recursive: true, force: true});
	} catch {
		// It is full of what nobody may delete, or gone.
	}
};

const removeLeftBehind = async (
	ports: Pick<ServerPorts, 'runAlone'>,
	parent: string,
	{prefix, leftBehindMilliseconds}: Purpose,
	nowMilliseconds: number,
): Promise<void> => {
	for (const name of fs.readdirSync(parent).filter(candidate => candidate.startsWith(prefix))) {
		const outer = path.join(parent, name);
		const stats = fs.lstatSync(outer, {throwIfNoEntry: false});
		if (
			stats?.isDirectory() &&
			stats.uid === process.geteuid?.() &&
			nowMilliseconds - stats.mtimeMs > leftBehindMilliseconds
		) {
			await remove(ports, outer);
		}
	}
};

/**
 * Makes one: in a folder of this process's own that nobody else can list, so that it cannot be exchanged for something else.
 * @param parent a folder in which everybody may make files, and only take away their own.
 * @param user whose it is; the caller's own when missing.
 * @param purpose what it is for.
 * @throws the system's error
 */
export const makeScratchFolder = async (
	ports: Pick<ServerPorts, 'runAlone'>,
	{
		parent,
		user,
		purpose = 'ask',
	}: {readonly parent: string; readonly user: User | undefined; readonly purpose?: keyof typeof purposes},
): Promise<ScratchFolder> => {
	const outer = fs.mkdtempSync(path.join(parent, purposes[purpose].prefix));
	await removeLeftBehind(ports, parent, purposes[purpose], fs.lstatSync(outer).mtimeMs);
	const inner = path.join(outer, 'work');
	try {
		fs.mkdirSync(inner, {mode: 0o700});
		if (user !== undefined) {
			fs.chownSync(inner, user.uid, user.gid);
			fs.chmodSync(outer, 0o711);
		}
	} catch (error) {
		await remove(ports, outer);
		throw error;
	}

	return {path: inner, outer, remove: async () => remove(ports, outer)};
};
