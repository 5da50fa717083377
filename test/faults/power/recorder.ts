/**
 * A disk that does everything and writes down what it did, in the order in which it was done: which folder got which name for which inode, which bytes
 * went where, which attributes changed, and what a sync covers. From such a record every state can be made that a power cut may leave.
 */
import * as fs from 'node:fs';
import {type Disk, type DiskThing, systemDisk} from '../../../source/engine/disk.js';
import type {Exchange} from '../../../source/engine/exchange.js';
import {
	type Attributes,
	bytesOf,
	copyFileSystem,
	type FileSystem,
	type Inode,
	readFileSystem,
	readInode,
	top,
} from './file-system.js';

export type Change =
	| {readonly type: 'born'; readonly inode: number; readonly as: Inode}
	/** A name comes, goes (`null`) or leads to something else. `rename` couples the two halves of a rename. */
	| {
			readonly type: 'entry';
			readonly directory: number;
			readonly name: string;
			readonly inode: number | null;
			/** The folder's own date after it. */
			readonly modified: number;
			readonly rename?: {readonly half: 'source' | 'target'; readonly other: number};
	  }
	| {
			readonly type: 'data';
			readonly inode: number;
			readonly position: number;
			readonly bytes: Buffer;
			readonly modified: number;
	  }
	| {readonly type: 'size'; readonly inode: number; readonly bytes: number; readonly modified: number}
	| {readonly type: 'attributes'; readonly inode: number; readonly attributes: Partial<Attributes>}
	/** All changes of the inode (a folder's names too) in the first so many steps are on the medium. */
	| {readonly type: 'synced'; readonly inode: number; readonly steps: number};

export type Step = {readonly call: string; readonly path: string; readonly changes: readonly Change[]};

export type Recording = {
	readonly disk: Disk;
	readonly initial: FileSystem;
	readonly steps: readonly Step[];
	/** What should be there now, to be compared with what is. */
	readonly model: FileSystem;
};

/** Dates the kernel would give are given by the recorder, a second a step, so that the record has them all. */
const firstDate = 1_760_000_000;

/** Puts bytes into a file's content. */
export const patched = (old: Buffer, position: number, bytes: Buffer): Buffer => {
	const next = Buffer.alloc(Math.max(old.length, position + bytes.length));
	old.copy(next);
	bytes.copy(next, position);
	return next;
};

/** Cuts or lengthens a file's content. */
export const resized = (old: Buffer, bytes: number): Buffer =>
	bytes <= old.length ? old.subarray(0, bytes) : Buffer.concat([old, Buffer.alloc(bytes - old.length)]);

/** Applies one change. */
export const applyChange = (inodes: FileSystem, change: Change): void => {
	switch (change.type) {
		case 'born': {
			const {as} = change;
			inodes.set(change.inode, as.type === 'directory' ? {...as, entries: new Map(as.entries)} : {...as});
			return;
		}

		case 'entry': {
			const directory = inodes.get(change.directory);
			if (directory?.type === 'directory') {
				if (change.inode === null) {
					directory.entries.delete(change.name);
				} else {
					directory.entries.set(change.name, change.inode);
				}

				directory.attributes = {...directory.attributes, modified: change.modified};
			}

			return;
		}

		case 'data':
		case 'size': {
			const file = inodes.get(change.inode);
			if (file?.type === 'file') {
				file.bytes =
					change.type === 'data'
						? patched(file.bytes, change.position, change.bytes)
						: resized(file.bytes, change.bytes);
				file.attributes = {...file.attributes, modified: change.modified};
			}

			return;
		}

		case 'attributes': {
			const inode = inodes.get(change.inode);
			if (inode) {
				inode.attributes = {...inode.attributes, ...change.attributes};
			}

			return;
		}

		case 'synced':
	}
};

type Place = {readonly directory: number; readonly name: string; readonly inode: number | undefined};

/**
 * Records what is done in a real folder.
 * @param root real path; nothing outside of it may be changed.
 * @param inner the disk that does it.
 * @param syncsWhole true has whole file systems synced where the program can do with that.
 */
export const record = (root: string, inner: Disk = systemDisk, syncsWhole = false): Recording => {
	const initial = readFileSystem(root);
	const model = copyFileSystem(initial);
	const steps: Step[] = [];
	const open = new Map<number, {readonly inode: number; readonly path: string}>();
	let nextInode = model.size;

	const now = (): number => firstDate + steps.length;
	const log = (call: string, path: string, ...changes: readonly Change[]): void => {
		steps.push({call, path: path.slice(root.length), changes});
		for (const change of changes) {
			applyChange(model, change);
		}
	};

	const directoryAt = (number: number, path: string) => {
		const inode = model.get(number);
		if (inode?.type !== 'directory') {
			throw new Error(`The recorder knows no folder ${path}`);
		}

		return inode;
	};

	/** Where a path leads, links in its folders followed; what is at its end only when asked for. */
	const locate = (path: string, follow = false, depth = 0): Place => {
		if (depth > 20 || !(path === root || path.startsWith(`${root}/`))) {
			throw new Error(`The recorder watches ${root} only, not ${path}`);
		}

		let place: Place = {directory: top, name: '', inode: top};
		const names = path
			.slice(root.length)
			.split('/')
			.filter(name => name !== '');
		for (const [index, name] of names.entries()) {
			const directory = place.inode ?? -1;
			const inode = directoryAt(directory, path).entries.get(name);
			place = {directory, name, inode};
			const found = inode === undefined ? undefined : model.get(inode);
			if (found?.type === 'link' && (follow || index < names.length - 1)) {
				const base = `${root}/${names.slice(0, index).join('/')}`;
				const target = found.target.startsWith('/') ? found.target : `${base}/${found.target}`;
				return locate([target, ...names.slice(index + 1)].join('/'), follow, depth + 1);
			}
		}

		return place;
	};

	/** Takes in what was made without the port, a database's copy for one, the moment it is touched. */
	const adopt = (path: string, {directory, name}: Place): number => {
		const inode = nextInode++;
		log(
			'appeared',
			path,
			{type: 'born', inode, as: readInode(path)},
			{type: 'entry', directory, name, inode, modified: now()},
		);
		return inode;
	};

	const known = (path: string, follow = false): Place & {readonly inode: number} => {
		const place = locate(path, follow);
		return {...place, inode: place.inode ?? adopt(path, place)};
	};

	/** Gives a folder the date the record says it got. */
	const dateFolder = (seconds: number, path: string): void => {
		fs.utimesSync(Buffer.from(path.slice(0, path.lastIndexOf('/')), 'latin1'), seconds, seconds);
	};

	const bornIn = (call: string, path: string): void => {
		const place = locate(path);
		const inode = nextInode++;
		const modified = now();
		const as = readInode(path);
		as.attributes = {...as.attributes, modified};
		if (as.type === 'directory') {
			fs.utimesSync(Buffer.from(path, 'latin1'), modified, modified);
		} else if (as.type === 'file') {
			fs.utimesSync(Buffer.from(path, 'latin1'), modified, modified);
		}

		dateFolder(modified, path);
		log(
			call,
			path,
			{type: 'born', inode, as},
			{type: 'entry', directory: place.directory, name: place.name, inode, modified},
		);
	};

	const goneFrom = (call: string, path: string, act: () => void): void => {
		const place = known(path);
		act();
		const modified = now();
		dateFolder(modified, path);
		log(call, path, {type: 'entry', directory: place.directory, name: place.name, inode: null, modified});
	};

	const file = (descriptor: number): {readonly inode: number; readonly path: string} => {
		const found = open.get(descriptor);
		if (found === undefined) {
			throw new Error(`The recorder knows no descriptor ${descriptor}`);
		}

		return found;
	};

	const attributesStep = (call: string, thing: DiskThing, follow: boolean, attributes: Partial<Attributes>): void => {
		if (typeof thing === 'number') {
			const {inode, path} = file(thing);
			log(call, path, {type: 'attributes', inode, attributes});
			return;
		}

		const at = bytesOf(thing);
		log(call, at, {type: 'attributes', inode: known(at, follow).inode, attributes});
	};

	const recordExchange =
		(act: Exchange): Exchange =>
		(first, second) => {
			const [a, b] = [bytesOf(first), bytesOf(second)];
			const [one, two] = [known(a), known(b)];
			const isDone = act(first, second);
			if (isDone) {
				const modified = now();
				dateFolder(modified, a);
				dateFolder(modified, b);
				const half = (place: Place, inode: number, other: number): Change => ({
					type: 'entry',
					directory: place.directory,
					name: place.name,
					inode,
					modified,
					...(place.directory === other ? {} : {rename: {half: 'target', other}}),
				});
				log('exchange', `${a} with ${b}`, half(one, two.inode, two.directory), half(two, one.inode, one.directory));
			}

			return isDone;
		};

	const {exchange} = inner;
	const disk: Disk = {
		...inner,
		create(path, mode) {
			const descriptor = inner.create(path, mode);
			const at = bytesOf(path);
			bornIn('create', at);
			open.set(descriptor, {inode: locate(at).inode ?? -1, path: at});
			return descriptor;
		},
		openForUpdate(path) {
			const descriptor = inner.openForUpdate(path);
			const at = bytesOf(path);
			open.set(descriptor, {inode: known(at).inode, path: at});
			return descriptor;
		},
		write(descriptor, bytes, position) {
			inner.write(descriptor, bytes, position);
			const {inode, path} = file(descriptor);
			const modified = now();
			fs.futimesSync(descriptor, modified, modified);
			log('write', path, {type: 'data', inode, position, bytes: Buffer.from(bytes), modified});
		},
		truncate(descriptor, bytes) {
			inner.truncate(descriptor, bytes);
			const {inode, path} = file(descriptor);
			const modified = now();
			fs.futimesSync(descriptor, modified, modified);
			log('truncate', path, {type: 'size', inode, bytes, modified});
		},
		close(descriptor) {
			inner.close(descriptor);
			open.delete(descriptor);
		},
		async syncFile(descriptor) {
			const {inode, path} = file(descriptor);
			const begun = steps.length;
			await inner.syncFile(descriptor);
			log('syncFile', path, {type: 'synced', inode, steps: begun});
		},
		async syncDirectory(path) {
			const at = bytesOf(path);
			const {inode} = known(at, true);
			const begun = steps.length;
			await inner.syncDirectory(path);
			log('syncDirectory', at, {type: 'synced', inode, steps: begun});
		},
		canSyncFileSystem: async () => syncsWhole,
		async syncFileSystem(path) {
			const begun = steps.length;
			await inner.syncFileSystem(path);
			log('syncFileSystem', path, ...[...model.keys()].map(inode => ({type: 'synced', inode, steps: begun}) as const));
		},
		exchange: exchange && recordExchange(exchange),
		makeDirectory(path, mode) {
			inner.makeDirectory(path, mode);
			bornIn('makeDirectory', bytesOf(path));
		},
		symlink(target, path) {
			inner.symlink(target, path);
			bornIn('symlink', bytesOf(path));
		},
		link(from, to) {
			const {inode} = known(bytesOf(from));
			inner.link(from, to);
			const place = locate(bytesOf(to));
			const modified = now();
			dateFolder(modified, bytesOf(to));
			log('link', bytesOf(to), {type: 'entry', directory: place.directory, name: place.name, inode, modified});
		},
		rename(from, to) {
			const source = known(bytesOf(from));
			inner.rename(from, to);
			const target = locate(bytesOf(to));
			const modified = now();
			dateFolder(modified, bytesOf(from));
			dateFolder(modified, bytesOf(to));
			const isWithin = source.directory === target.directory;
			log(
				'rename',
				`${bytesOf(from)} to ${bytesOf(to).slice(root.length)}`,
				{
					type: 'entry',
					directory: source.directory,
					name: source.name,
					inode: null,
					modified,
					...(isWithin ? {} : {rename: {half: 'source', other: target.directory}}),
				},
				{
					type: 'entry',
					directory: target.directory,
					name: target.name,
					inode: source.inode,
					modified,
					...(isWithin ? {} : {rename: {half: 'target', other: source.directory}}),
				},
			);
		},
		unlink(path) {
			goneFrom('unlink', bytesOf(path), () => inner.unlink(path));
		},
		removeDirectory(path) {
			goneFrom('removeDirectory', bytesOf(path), () => inner.removeDirectory(path));
		},
		changeMode(thing, mode) {
			inner.changeMode(thing, mode);
			attributesStep('changeMode', thing, true, {mode: mode & 0o7777});
		},
		changeOwner(thing, uid, gid) {
			inner.changeOwner(thing, uid, gid);
			// Changing the owner can take bits of the mode away.
			const {mode} = readInode(typeof thing === 'number' ? file(thing).path : bytesOf(thing)).attributes;
			attributesStep('changeOwner', thing, false, {uid, gid, mode});
		},
		setTimes(thing, accessedSeconds, modifiedSeconds) {
			inner.setTimes(thing, accessedSeconds, modifiedSeconds);
			attributesStep('setTimes', thing, false, {modified: modifiedSeconds});
		},
	};

	return {disk, initial, steps, model};
};
