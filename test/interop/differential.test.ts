import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type StartPool, startThreadPool} from '../../source/engine/pool/pool.js';
import {isSqlite} from '../../source/engine/sqlite.js';
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
	const plain = (entries: ReadonlyMap<string, Omit<ReadEntry, 'seconds'>>, {modeBits, nameOf}: ZipReader) => {
		// By the reader's names: those of the entries may already be what it made of them.
		const left = new Set([...copies].map(nameOf));
		return Object.fromEntries(
			[...entries]
				.map(([name, {mode, sha256, bytes}]) => [nameOf(name), {mode: mode & modeBits, sha256, bytes}] as const)
				.filter(([name]) => !left.has(name)),
		);
	};
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
