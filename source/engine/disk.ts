/**
 * The one door through which the engine changes anything on disk. Everything durable (archives, stages, swaps, locks,
 * journals, the store's index) goes through a Disk, so that tests can record, cut and fail every step.
 *
 * Calls are synchronous because a worker thread owns them and a small file costs 6–8 µs this way against 180 µs through
 * promises; only the calls that wait for the medium are asynchronous. Reading needs no port.
 */
import * as fs from 'node:fs';
import {type Exchange, systemExchange} from './exchange.js';
import {readMountPoints} from './mount-points.js';
import {canSyncFileSystem, syncFileSystem} from './sync-file-system.js';

/** A path; bytes when a name in it is no UTF-8, since such names must be movable and removable too. */
export type DiskPath = string | Buffer;

/** What is at a path, or an open file by its descriptor: that saves the way to it, and nobody can put anything else there meanwhile. */
export type DiskThing = DiskPath | number;

export type Disk = {
	/** Creates a file that must not exist, without following links; returns its descriptor, open for reading and writing. */
	readonly create: (path: DiskPath, mode: number) => number;
	/** Opens an existing file of printkeep's own for reading and writing. */
	readonly openForUpdate: (path: DiskPath) => number;
	/** Writes all of the bytes at a position. */
	readonly write: (descriptor: number, bytes: Uint8Array, position: number) => void;
	readonly truncate: (descriptor: number, bytes: number) => void;
	readonly close: (descriptor: number) => void;
	/** Waits until the file's data is on the medium. A failure means the data is lost: discard the file, never retry. */
	readonly syncFile: (descriptor: number) => Promise<void>;
	/** Waits until the folder's names are on the medium. File systems that cannot do that (EINVAL, ENOTSUP) are let pass. */
	readonly syncDirectory: (path: DiskPath) => Promise<void>;
	/**
	 * True where `syncFileSystem` is better than so many syncs of single files, and stands for them: where the system has it, and tells there what could not be
	 * written. Found out by doing it once, so to be asked before anything is written.
	 */
	readonly canSyncFileSystem: (path: string, files: number) => Promise<boolean>;
	/** Has everything written so far to the path's file system put on the medium, in one go. @throws when something could not be written */
	readonly syncFileSystem: (path: string) => Promise<void>;
	readonly makeDirectory: (path: DiskPath, mode: number) => void;
	readonly rename: (from: DiskPath, to: DiskPath) => void;
	/** Swaps what two paths name in a single step, of which only a look at both tells whether it was done. Missing where the system offers no such thing. */
	readonly exchange?: Exchange | undefined;
	/** Gives a file a second name that must not exist: publishing without overwriting. */
	readonly link: (from: string, to: string) => void;
	readonly symlink: (target: DiskPath, path: DiskPath) => void;
	readonly unlink: (path: DiskPath) => void;
	readonly removeDirectory: (path: DiskPath) => void;
	readonly changeMode: (thing: DiskThing, mode: number) => void;
	/** Changes the owner of a file or link, never following it. */
	readonly changeOwner: (thing: DiskThing, uid: number, gid: number) => void;
	/** Sets the times of a file, folder or link, in seconds. */
	readonly setTimes: (thing: DiskThing, accessedSeconds: number, modifiedSeconds: number) => void;
};

const fsync = async (descriptor: number): Promise<void> =>
	new Promise((resolve, reject) => {
		fs.fsync(descriptor, error => {
			if (error) {
				reject(error);
			} else {
				resolve();
			}
		});
	});

const folderSyncUnsupported = new Set(['EINVAL', 'ENOTSUP', 'EISDIR', 'EBADF']);

const {O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR} = fs.constants;

/** The step between two numbers of today's seconds. */
const oneStep = 2 ** -22;

/**
 * Node takes a number below zero for "now", a Date before 1970 for what it is. It cuts fractions off and does not round them, so that 0.1 s would become
 * 0.099999904 s: a step more, where that is needed, makes it the microsecond that is meant.
 */
const timeOf = (seconds: number): number | Date => {
	if (seconds < 0) {
		return new Date(seconds * 1000);
	}

	const fraction = seconds - Math.trunc(seconds);
	return Math.trunc(fraction * 1e9) < Math.round(fraction * 1e6) * 1000 ? seconds + oneStep : seconds;
};

/** The real disk. */
export const systemDisk: Disk = {
	create: (path, mode) => fs.openSync(path, O_RDWR | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), mode),
	openForUpdate: path => fs.openSync(path, O_RDWR | (O_NOFOLLOW ?? 0)),
	write(descriptor, bytes, position) {
		let done = 0;
		while (done < bytes.length) {
			done += fs.writeSync(descriptor, bytes, done, bytes.length - done, position + done);
		}
	},
	truncate: (descriptor, bytes) => fs.ftruncateSync(descriptor, bytes),
	close: descriptor => fs.closeSync(descriptor),
	syncFile: fsync,
	async syncDirectory(path) {
		const descriptor = fs.openSync(path, fs.constants.O_RDONLY);
		try {
			await fsync(descriptor);
		} catch (error) {
			if (!folderSyncUnsupported.has((error as NodeJS.ErrnoException).code ?? '')) {
				throw error;
			}
		} finally {
			fs.closeSync(descriptor);
		}
	},
	canSyncFileSystem,
	syncFileSystem,
	makeDirectory(path, mode) {
		fs.mkdirSync(path, {mode});
	},
	rename: (from, to) => fs.renameSync(from, to),
	// Looked for when it is first asked for, and once.
	get exchange() {
		return systemExchange();
	},
	link: (from, to) => fs.linkSync(from, to),
	symlink: (target, path) => fs.symlinkSync(target, path),
	unlink: path => fs.unlinkSync(path),
	removeDirectory: path => fs.rmdirSync(path),
	changeMode(thing, mode) {
		if (typeof thing === 'number') {
			fs.fchmodSync(thing, mode);
		} else {
			fs.chmodSync(thing, mode);
		}
	},
	changeOwner(thing, uid, gid) {
		if (typeof thing === 'number') {
			fs.fchownSync(thing, uid, gid);
		} else {
			fs.lchownSync(thing, uid, gid);
		}
	},
	setTimes(thing, accessedSeconds, modifiedSeconds) {
		if (typeof thing === 'number') {
			fs.futimesSync(thing, timeOf(accessedSeconds), timeOf(modifiedSeconds));
		} else {
			fs.lutimesSync(thing, timeOf(accessedSeconds), timeOf(modifiedSeconds));
		}
	},
};

const textIfPossible = (path: Buffer): DiskPath => {
	const text = path.toString();
	return Buffer.from(text).equals(path) ? text : path;
};

const nameBytes = (folder: Buffer, name: Buffer): Buffer => Buffer.concat([folder, Buffer.from('/'), name]);

const refuseMounted = (folder: string, mountPoints: readonly string[]): void => {
	const real = fs.realpathSync(folder, 'latin1');
	const mounted = mountPoints.find(point => point === real || point.startsWith(`${real}/`));
	if (mounted !== undefined) {
		throw Object.assign(new Error(`something is mounted in it, at ${Buffer.from(mounted, 'latin1').toString()}`), {
			code: 'EBUSY',
			syscall: 'rmdir',
		});
	}
};

/**
 * Removes a file or a whole folder of printkeep's own through the port, never following links or crossing into what is mounted.
 * @param mountPoints real paths, one character per byte.
 * @throws the system error of a step that failed; EBUSY before anything is touched when something is mounted in the folder.
 */
export const removeTree = (disk: Disk, path: string, mountPoints?: readonly string[]): void => {
	const stats = fs.lstatSync(path, {throwIfNoEntry: false});
	if (!stats) {
		return;
	}

	if (!stats.isDirectory()) {
		disk.unlink(path);
		return;
	}

	refuseMounted(path, mountPoints ?? readMountPoints());
	// Names are bytes: a name that is no UTF-8 must be removable too.
	const visit = (folder: Buffer, {mode, dev}: fs.Stats): void => {
		if (dev !== stats.dev) {
			throw Object.assign(new Error(`${folder} is on another file system`), {code: 'EXDEV', syscall: 'rmdir'});
		}

		// A folder its owner may not write (restored as it was) would keep its content from being removed.
		if ((mode & 0o700) !== 0o700) {
			disk.changeMode(textIfPossible(folder), 0o700);
		}

		for (const name of fs.readdirSync(folder, {encoding: 'buffer'})) {
			const child = nameBytes(folder, name);
			const childStats = fs.lstatSync(child);
			if (childStats.isDirectory()) {
				visit(child, childStats);
			} else {
				disk.unlink(textIfPossible(child));
			}
		}

		disk.removeDirectory(textIfPossible(folder));
	};

	visit(Buffer.from(path), stats);
};
