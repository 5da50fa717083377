/** One tree, two archives: printkeep's, by a whole create job, and yazl's. And a reader that is neither. */
import {createHash, hash} from 'node:crypto';
import {once} from 'node:events';
import {
	type BigIntStats,
	createWriteStream,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {crc32} from 'node:zlib';
import yauzl from 'yauzl';
import yazl from 'yazl';
import {createInProcessClient} from '../../source/client/in-process.js';
import type {JobResult} from '../../source/client/protocol.js';
import {systemClock} from '../../source/clock.js';
import type {Disk} from '../../source/engine/disk.js';
import type {StartPool} from '../../source/engine/pool/pool.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {createRequest, makeTarget} from './engine-client.js';
import {waitFor} from './wait-for.js';

/** What an archive should have of a thing in a tree. */
export type Expected = {
	readonly name: string;
	/** Of what it leads to, if it is a link. */
	readonly stats: BigIntStats;
	/** Null for a folder. */
	readonly path: string | null;
};

/** What a reader says of an entry. */
export type ReadEntry = {
	readonly mode: number;
	/** Seconds since the epoch. */
	readonly seconds: number;
	/** Of the content; empty for folders. */
	readonly sha256: string;
	readonly bytes: number;
};
export type ReadEntries = ReadonlyMap<string, ReadEntry>;

/** Entry name of an instance's uploads. */
export const uploadsName = 'basedir/uploads';

/** Makes an instance whose uploads are still to be filled. */
export const makeBareInstance = (root: string): {readonly dataFolder: string; readonly uploads: string} => {
	const dataFolder = join(root, '.octoprint');
	const uploads = join(dataFolder, 'uploads');
	mkdirSync(uploads, {recursive: true});
	writeFileSync(join(dataFolder, 'config.yaml'), 'server:\n  firstRun: false\n');
	return {dataFolder, uploads};
};

/** A folder or a file: files, links that lead to files, and folders with nothing in them, in the order of a backup, by the bytes of their names. */
export const expectedEntries = (path: string, name: string): readonly Expected[] => {
	const own = lstatSync(path, {bigint: true});
	if (own.isDirectory()) {
		const below = readdirSync(path, {encoding: 'buffer'})
			.toSorted(Buffer.compare)
			.map(String)
			.flatMap(child => expectedEntries(join(path, child), `${name}/${child}`));
		return below.length > 0 ? below : [{name: `${name}/`, stats: own, path: null}];
	}

	let stats: BigIntStats | undefined;
	try {
		stats = statSync(path, {bigint: true, throwIfNoEntry: false});
	} catch {
		// A link to itself.
	}

	return stats?.isFile() ? [{name, stats, path}] : [];
};

export const secondsOf = ({mtimeNs}: BigIntStats): number =>
	Number((mtimeNs - (((mtimeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n);

/** Writes the same with yazl. Folders first or last is of no importance. */
export const writeWithYazl = async (path: string, entries: readonly Expected[]): Promise<void> => {
	const archive = new yazl.ZipFile();
	for (const {name, stats, path: source} of entries) {
		const options = {mode: Number(stats.mode), mtime: new Date(secondsOf(stats) * 1000)};
		if (source === null) {
			archive.addEmptyDirectory(name, options);
		} else {
			archive.addBuffer(readFileSync(source), name, options);
		}
	}

	archive.end();
	await pipeline(archive.outputStream, createWriteStream(path));
};

/** Reads everything with yauzl, which does not compare checksums: that is done here. @throws when one is wrong, or a name is there twice */
export const readWithYauzl = async (path: string): Promise<ReadEntries> => {
	const archive = await yauzl.openPromise(path, {strictFileNames: true, autoClose: false});
	const entries = new Map<string, ReadEntry>();
	for await (const entry of archive.eachEntry()) {
		const sha256 = createHash('sha256');
		let bytes = 0;
		let checksum = 0;
		if (!entry.fileName.endsWith('/')) {
			for await (const chunk of await archive.openReadStreamPromise(entry)) {
				sha256.update(chunk as Buffer);
				checksum = crc32(chunk as Buffer, checksum);
				bytes += (chunk as Buffer).length;
			}
		}

		if (checksum !== entry.crc32 || bytes !== entry.uncompressedSize || entries.has(entry.fileName)) {
			throw new Error(`yauzl finds ${JSON.stringify(entry.fileName)} damaged, or twice`);
		}

		entries.set(entry.fileName, {
			mode: entry.externalFileAttributes >>> 16,
			seconds: Math.floor(entry.getLastModDate().getTime() / 1000),
			sha256: entry.fileName.endsWith('/') ? '' : sha256.digest('hex'),
			bytes,
		});
	}

	// Closing takes a moment; who looks at what is open must not see this.
	const closed = once(archive, 'close');
	archive.close();
	await closed;
	return entries;
};

/** What a reader should say of the whole tree, whoever wrote the archive, but for times. */
export const expectedContent = (entries: readonly Expected[]): ReadonlyMap<string, Omit<ReadEntry, 'seconds'>> =>
	new Map(
		entries.map(({name, stats, path}) => {
			const content = path === null ? Buffer.alloc(0) : readFileSync(path);
			return [
				name,
				{mode: Number(stats.mode), sha256: path === null ? '' : hash('sha256', content), bytes: content.length},
			];
		}),
	);

export type FixedCreate = {
	readonly root: string;
	readonly dataFolder: string;
	/** Name of the store in `root`. */
	readonly store: string;
	readonly startPool?: StartPool | undefined;
	readonly disk?: Disk;
};

export type CreateResult = Extract<JobResult, {type: 'create'}>;

/** In the year 2031, after all the files were made: whatever is asked when. */
const now = Date.UTC(2031, 0, 2, 3, 4, 5);

/**
 * Backs up with the same clock and the same accidental numbers each time, so that the archive depends on the data alone.
 * @throws when the job fails
 */
export const createFixed = async ({
	root,
	dataFolder,
	store,
	startPool,
	disk,
}: FixedCreate): Promise<CreateResult & {readonly path: string}> => {
	let number = 0;
	const system = systemPorts({
		environment: {HOME: join(root, 'home'), PATH: process.env.PATH},
		stateFolder: join(root, `state-${store}`),
	});
	const client = createInProcessClient({
		...system,
		disk: disk ?? system.disk,
		startPool,
		hostName: 'octopi',
		clock: {...systemClock, now: () => now},
		randomHex: bytes => (number++).toString(16).padStart(bytes * 2, '0'),
	});
	try {
		let finished: CreateResult | Error | undefined;
		client.subscribe(event => {
			if (event.type === 'job-finished') {
				finished =
					event.result?.type === 'create'
						? event.result
						: new Error(`${event.error?.message} ${event.error?.detail ?? ''}`, {cause: event.error});
			}
		});
		// More than one, so that a pool that is given is used.
		const target = {...makeTarget(dataFolder, join(root, store)), effort: {jobs: 2, nice: false}};
		await client.request('job.start', createRequest(target));
		const result = await waitFor('the backup to be made', () => finished, {timeout: 120_000, interval: 5});
		if (result instanceof Error) {
			throw result;
		}

		return {...result, path: result.backup.path};
	} finally {
		await client.close();
	}
};
