/** Random trees and archives at the limits of the format: every reader finds in printkeep's archive what it finds in yazl's, and what is in the tree. */
import {createHash, hash} from 'node:crypto';
import {
	closeSync,
	ftruncateSync,
	linkSync,
	mkdirSync,
	openSync,
	readFileSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {commentOf} from '../../source/engine/archive/comment.js';
import {packFiles} from '../../source/engine/archive/pack-files.js';
import {pieceBytes} from '../../source/engine/archive/pack-piece.js';
import {createPieceMemory, filePieces} from '../../source/engine/archive/pieces.js';
import {openArchive} from '../../source/engine/archive/reader.js';
import {createArchiveWriter} from '../../source/engine/archive/writer.js';
import {type Disk, systemDisk} from '../../source/engine/disk.js';
import {inlinePool, type StartPool, startThreadPool} from '../../source/engine/pool/pool.js';
import {isSqlite} from '../../source/engine/sqlite.js';
import {breathe, sampleHeader} from '../engine/archive/helpers.js';
import {bundleHelper} from '../helpers/helper-threads.js';
import {makeTree, oddNames, type TreeNode, treeArbitrary} from '../helpers/random-tree.js';
import {runProgram} from '../helpers/run-printkeep.js';
import {inTemporaryDirectory, makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {
	createFixed,
	type Expected,
	expectedContent,
	expectedEntries,
	makeBareInstance,
	type ReadEntries,
	type ReadEntry,
	secondsOf,
	uploadsName,
	writeWithYazl,
} from '../helpers/two-writers.js';
import {pythonReader, yauzlReader, type ZipReader, zipReaders} from '../helpers/zip-readers.js';

const folder = makeTemporaryDirectory();
let startPool: StartPool = size => startThreadPool(new URL('file:///'), size);

beforeAll(async () => {
	const helper = await bundleHelper(folder);
	startPool = size => startThreadPool(helper, size);
});

afterAll(() => {
	removeDirectory(folder);
});

const readers = (): readonly ZipReader[] => zipReaders.filter(({isThere}) => isThere());

const ofUploads = (entries: ReadEntries): ReadEntries =>
	new Map([...entries].filter(([name]) => name.startsWith(`${uploadsName}/`)));

/** What printkeep's DOS dates can say, which end at 2037. */
const lastDosSeconds = (): number => new Date(2037, 11, 31, 23, 59, 58).getTime() / 1000;
const firstDosSeconds = (): number => new Date(1980, 0, 1).getTime() / 1000;

/** The time a reader should tell. */
const secondsFor = (reader: ZipReader, seconds: number): number => {
	const isSaid = seconds >= -0x80000000 && seconds <= 0x7fffffff;
	if (reader !== pythonReader && isSaid) {
		return seconds;
	}

	const dos = Math.min(Math.max(seconds, firstDosSeconds()), lastDosSeconds());
	return dos - (dos % 2);
};

const isRealDatabase = ({path}: Expected): boolean => {
	const content = path === null ? Buffer.alloc(0) : readFileSync(path);
	// The made-up ones say so too, but are noise: they lack the page size and the fixed fraction of a real one.
	return (
		content.length >= 100 && isSqlite(content) && content.readUInt16BE(16) === 4096 && content.readUInt8(21) === 64
	);
};

const checkTree = async (root: string, tree: readonly TreeNode[]): Promise<void> => {
	const {dataFolder, uploads} = makeBareInstance(root);
	makeTree(uploads, tree);
	const {path: ours} = await createFixed({root, dataFolder, store: 'store', startPool});
	const expected = expectedEntries(uploads, uploadsName);
	const theirs = join(root, 'yazl.zip');
	await writeWithYazl(theirs, expected);

	// Of a database, a copy is taken, which may be other bytes; but all readers have to agree on them.
	const copies = new Set(expected.filter(isRealDatabase).map(({name}) => name));
	const plain = (entries: ReadonlyMap<string, Omit<ReadEntry, 'seconds'>>, {modeBits, nameOf}: ZipReader) =>
		Object.fromEntries(
			[...entries]
				.filter(([name]) => !copies.has(name))
				.map(([name, {mode, sha256, bytes}]) => [nameOf(name), {mode: mode & modeBits, sha256, bytes}]),
		);
	const first = ofUploads(await yauzlReader.read(ours, ''));
	for (const [index, reader] of readers().entries()) {
		const found = ofUploads(await reader.read(ours, join(root, `ours-${index}`)));
		const names = (entries: Iterable<string>) => [...entries].map(reader.nameOf).toSorted();
		expect(names(found.keys()), reader.name).toEqual(names(expected.map(({name}) => name)));
		expect(plain(found, reader), reader.name).toEqual(plain(expectedContent(expected), reader));
		const inTheirs = ofUploads(await reader.read(theirs, join(root, `theirs-${index}`)));
		expect(plain(found, reader), reader.name).toEqual(plain(inTheirs, reader));
		const byName = new Map([...found].map(([name, entry]) => [reader.nameOf(name), entry]));
		for (const {name, stats} of expected) {
			const entry = byName.get(reader.nameOf(name));
			expect({name, sha256: entry?.sha256, seconds: entry?.seconds}, reader.name).toEqual({
				name,
				sha256: first.get(name)?.sha256,
				seconds: secondsFor(reader, secondsOf(stats)),
			});
		}
	}
};

describe('every reader finds the same as in yazl’s archive, and what is in the tree', () => {
	test('random trees', async () => {
		await fc.assert(
			fc.asyncProperty(treeArbitrary, async tree => inTemporaryDirectory(async root => checkTree(root, tree))),
			{numRuns: 15, endOnFailure: true},
		);
	});

	test('every odd name', async () => {
		await inTemporaryDirectory(async root =>
			checkTree(
				root,
				oddNames.map(
					(name, index): TreeNode => ({
						type: 'file',
						name,
						kind: 'text',
						bytes: index * 1000,
						seed: index,
						mode: 0o644,
						seconds: 1_700_000_000 + index,
					}),
				),
			),
		);
	});
});

/** These two read everything that they tell of, and compare checksums. */
const readingReaders = (): readonly ZipReader[] => [yauzlReader, pythonReader].filter(({isThere}) => isThere());

const expectAccepted = async (archive: string): Promise<void> => {
	for (const reader of readers().filter(other => !readingReaders().includes(other))) {
		await reader.test(archive);
	}
};

describe('at the limits of the format', () => {
	test('65,534, 65,535 and 65,536 entries', async () => {
		await inTemporaryDirectory(async root => {
			const {dataFolder, uploads} = makeBareInstance(root);
			// Links of a few files are made in no time; a backup takes each of them for a file.
			let made = 0;
			const add = (): void => {
				const [thousand, rest] = [Math.floor(made / 1000), made % 1000];
				const source = join(uploads, String(thousand), '0');
				if (rest === 0) {
					mkdirSync(join(uploads, String(thousand)));
					writeFileSync(source, `G28 ; ${thousand}\n`);
				} else {
					linkSync(source, join(uploads, String(thousand), String(rest)));
				}

				made++;
			};

			add();
			const {path} = await createFixed({root, dataFolder, store: 'first', startPool});
			const others = (await yauzlReader.read(path, '')).size - 1;
			for (const count of [65_534, 65_535, 65_536]) {
				while (made + others < count) {
					add();
				}

				const archive = await createFixed({root, dataFolder, store: `store-${count}`, startPool});
				for (const reader of readingReaders()) {
					expect((await reader.read(archive.path, '')).size, reader.name).toBe(count);
				}

				await expectAccepted(archive.path);
			}
		});
	});

	const sizes = [0, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1];
	const zeros = Buffer.alloc(pieceBytes);

	/** Hashes of as many zeros as the sizes say. */
	const zeroHashes = (): ReadonlyMap<number, string> => {
		const sha256 = createHash('sha256');
		let hashed = 0;
		return new Map(
			sizes.map(size => {
				for (let next = 1; next > 0; hashed += next) {
					next = Math.min(zeros.length, size - hashed);
					sha256.update(zeros.subarray(0, next));
				}

				return [size, sha256.copy().digest('hex')];
			}),
		);
	};

	test('a file of 4 GB, compressed in pieces by several threads', async () => {
		await inTemporaryDirectory(async root => {
			const {dataFolder, uploads} = makeBareInstance(root);
			const size = 2 ** 32;
			writeFileSync(join(uploads, 'large.gcode'), '');
			truncateSync(join(uploads, 'large.gcode'), size);
			const {path} = await createFixed({root, dataFolder, store: 'store', startPool});
			const sha256 = zeroHashes().get(size);
			for (const reader of readingReaders()) {
				const found = await reader.read(path, '');
				expect(found.get(`${uploadsName}/large.gcode`), reader.name).toMatchObject({bytes: size, sha256});
			}

			await expectAccepted(path);
		});
	}, 900_000);

	/** Leaves holes where only zeros are written, so that what is stored needs no room. */
	const sparseDisk: Disk = {
		...systemDisk,
		write(descriptor, bytes, position) {
			if (bytes.length > zeros.length || !zeros.subarray(0, bytes.length).equals(bytes)) {
				systemDisk.write(descriptor, bytes, position);
			}
		},
	};

	/**
	 * Writes stored zeros up to a position, then two batches of three small files each with entries of stored zeros between them, then what ends an archive.
	 * @returns the content of the small ones.
	 */
	const writeBeyond = async (
		root: string,
		path: string,
		position: number,
		between: readonly number[],
	): Promise<ReadonlyMap<string, string>> => {
		const small = new Map<string, string>();
		const descriptor = systemDisk.create(path, 0o600);
		const source = openSync(join(root, 'hole'), 'w+');
		try {
			const writer = createArchiveWriter({disk: sparseDisk, descriptor, breathe});
			const member = (name: string) => ({name, mode: 0o100644, modifiedAt: 1_700_000_000_000, uid: 0, gid: 0});
			const addZeros = async (name: string, bytes: number): Promise<void> => {
				ftruncateSync(source, bytes);
				const pieces = filePieces({
					pool: inlinePool,
					memory: createPieceMemory(),
					descriptor: source,
					bytes,
					level: null,
				});
				await writer.addFile(member(name), {descriptor: source, bytes, started: {compress: false, pieces}});
			};

			const addBatch = async (batch: string): Promise<void> => {
				const files = ['a', 'b', 'c'].map(letter => {
					const name = `${batch}-${letter}`;
					writeFileSync(join(root, name), `${name}\n`);
					small.set(name, `${name}\n`);
					return {source: join(root, name), name};
				});
				await writer.addPacked(
					packFiles({files, part: 'uploads', level: 5, maximumBytes: pieceBytes, settledBefore: null}).output,
				);
			};

			const mark = writer.mark();
			await addZeros('filler', 1);
			// So large a file has room for its sizes in 64 bits.
			const headerBytes = writer.position() - 1 + 20;
			writer.rollback(mark);
			await addZeros('filler', position - headerBytes);
			expect(writer.position()).toBe(position);
			await addBatch('first');
			for (const bytes of between) {
				await addZeros(`zeros-${bytes}`, bytes);
			}

			await addBatch('second');
			await writer.addBuffer(member('last'), Buffer.from('the last\n'));
			small.set('last', 'the last\n');
			await writer.finish(commentOf(sampleHeader));
			return small;
		} finally {
			closeSync(source);
			closeSync(descriptor);
		}
	};

	test.each([
		{title: 'the last offset of 32 bits', position: 2 ** 32 - 2, between: []},
		{title: 'the first of 64 bits', position: 2 ** 32 - 1, between: sizes},
	])(
		'entries from $title on, and stored ones of 0 bytes and 4 GB − 1 to 4 GB + 1',
		async ({position, between}) => {
			await inTemporaryDirectory(async root => {
				const path = join(root, 'beyond.zip');
				const small = await writeBeyond(root, path, position, between);
				const archive = await openArchive(path);
				try {
					const begins = new Map(archive.entries.map(({name, headerOffset}) => [name, headerOffset]));
					expect(begins.get('first-a')).toBe(position);
					expect(begins.size).toBe(1 + small.size + between.length);
					await archive.checkLocalHeaders(breathe);
				} finally {
					archive.close();
				}

				const hashes = zeroHashes();
				for (const reader of readingReaders()) {
					const found = await reader.read(path, '');
					for (const [name, text] of small) {
						expect(found.get(name)?.sha256, `${name} by ${reader.name}`).toBe(hash('sha256', text));
					}

					for (const bytes of between) {
						expect(found.get(`zeros-${bytes}`), reader.name).toMatchObject({bytes, sha256: hashes.get(bytes)});
					}
				}

				await expectAccepted(path);
			});
		},
		900_000,
	);
});

/** A set of data like a person's, made from a seed. */
test('what several threads write is the same to the bit, on realistic data', async () => {
	await inTemporaryDirectory(async root => {
		const dataFolder = join(root, '.octoprint');
		const generated = await runProgram(process.execPath, [
			...['bench/gen.mjs', 'create', '--size', 'S', '--out', dataFolder],
		]);
		expect(generated.code, generated.stderr).toBe(0);
		const archives: Buffer[] = [];
		for (const count of [0, 1, 2, 4]) {
			const archive = await createFixed({
				root,
				dataFolder,
				store: `store-${count}`,
				startPool: count === 0 ? undefined : () => startPool(count),
			});
			archives.push(readFileSync(archive.path));
		}

		const [inline] = archives;
		expect(inline?.length).toBeGreaterThan(10_000_000);
		for (const [index, bytes] of archives.entries()) {
			expect(inline?.equals(bytes), `archive ${index}`).toBe(true);
		}
	});
});
