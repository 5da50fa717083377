/** Archives at the limits of the format, of gigabytes and of tens of thousands of entries: every reader finds what is in the tree. */
import {createHash, hash} from 'node:crypto';
import {closeSync, ftruncateSync, linkSync, mkdirSync, openSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {commentOf} from '../../source/engine/archive/comment.js';
import {packFiles} from '../../source/engine/archive/pack-files.js';
import {pieceBytes} from '../../source/engine/archive/pack-piece.js';
import {createPieceMemory, filePieces} from '../../source/engine/archive/pieces.js';
import {openArchive} from '../../source/engine/archive/reader.js';
import {createArchiveWriter} from '../../source/engine/archive/writer.js';
import {type Disk, systemDisk} from '../../source/engine/disk.js';
import {inlinePool, type StartPool, startThreadPool} from '../../source/engine/pool/pool.js';
import {breathe, sampleHeader} from '../engine/archive/helpers.js';
import {bundleHelper} from '../helpers/helper-threads.js';
import {inTemporaryDirectory, makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {createFixed, makeBareInstance, uploadsName} from '../helpers/two-writers.js';
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
