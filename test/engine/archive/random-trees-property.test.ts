/** Random trees: what a backup says of them is what they are, what yazl says of them, and the same to the bit however many threads wrote it. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type StartPool, startThreadPool} from '../../../source/engine/pool/pool.js';
import {isSqlite} from '../../../source/engine/sqlite.js';
import {digestTree} from '../../helpers/digest-tree.js';
import {bundleHelper} from '../../helpers/helper-threads.js';
import {makeTree, oddNames, type TreeNode, treeArbitrary} from '../../helpers/random-tree.js';
import {inTemporaryDirectory, makeTemporaryDirectory, removeDirectory} from '../../helpers/temporary.js';
import {
	createFixed,
	type Expected,
	expectedContent,
	expectedEntries,
	makeBareInstance,
	type ReadEntries,
	readWithYauzl,
	secondsOf,
	uploadsName,
	writeWithYazl,
} from '../../helpers/two-writers.js';

const folder = makeTemporaryDirectory();
let helper = new URL('file:///');
let started = 0;

beforeAll(async () => {
	helper = await bundleHelper(folder);
});

afterAll(() => {
	removeDirectory(folder);
});

const threads =
	(count: number): StartPool =>
	() => {
		started += count;
		return startThreadPool(helper, count);
	};

const withoutTimes = (entries: ReadEntries) =>
	new Map([...entries].map(([name, {mode, sha256, bytes}]) => [name, {mode, sha256, bytes}]));

const ofUploads = (entries: ReadEntries): ReadEntries =>
	new Map([...entries].filter(([name]) => name.startsWith(`${uploadsName}/`)));

/** Whether both the DOS date, which printkeep ends at 2037, and the seconds of 32 bits can say it. */
const canBeSaid = (seconds: number): boolean => seconds >= -0x80000000 && seconds <= 0x7fffffff;

const checkTimes = (entries: ReadEntries, expected: readonly Expected[]): void => {
	for (const {name, stats} of expected) {
		const seconds = secondsOf(stats);
		const said = entries.get(name)?.seconds;
		// What cannot be said is the last moment that can.
		expect(said, name).toBe(canBeSaid(seconds) ? seconds : new Date(2037, 11, 31, 23, 59, 58).getTime() / 1000);
	}
};

const isRealDatabase = ({path}: Expected): boolean => {
	const content = path === null ? Buffer.alloc(0) : readFileSync(path);
	// The made-up ones say so too, but are noise: they lack the page size and the fixed fraction of a real one.
	return (
		content.length >= 100 && isSqlite(content) && content.readUInt16BE(16) === 4096 && content.readUInt8(21) === 64
	);
};

const checkTree = async (root: string, tree: readonly TreeNode[], counts: readonly number[]): Promise<void> => {
	const {dataFolder, uploads} = makeBareInstance(root);
	makeTree(uploads, tree);
	const before = digestTree(dataFolder);
	const inline = await createFixed({root, dataFolder, store: 'inline'});
	const bytes = readFileSync(inline.path);
	for (const count of counts) {
		const {path} = await createFixed({root, dataFolder, store: `threads-${count}`, startPool: threads(count)});
		expect(readFileSync(path).equals(bytes), `written by ${count} threads`).toBe(true);
	}

	expect(digestTree(dataFolder)).toEqual(before);
	const expected = expectedEntries(uploads, uploadsName);
	const ours = ofUploads(await readWithYauzl(inline.path));
	// Of a database, a copy is taken, which may be other bytes.
	const copies = new Set(expected.filter(isRealDatabase).map(({name}) => name));
	const plain = (entries: ReadonlyMap<string, object>) => new Map([...entries].filter(([name]) => !copies.has(name)));
	expect(plain(withoutTimes(ours))).toEqual(plain(expectedContent(expected)));
	expect([...ours.keys()].toSorted()).toEqual(expected.map(({name}) => name).toSorted());
	checkTimes(ours, expected);

	const theirs = join(root, 'yazl.zip');
	await writeWithYazl(theirs, expected);
	const read = await readWithYauzl(theirs);
	expect(plain(withoutTimes(ours))).toEqual(plain(withoutTimes(read)));
	for (const {name, stats} of expected) {
		if (canBeSaid(secondsOf(stats))) {
			expect(ours.get(name)?.seconds, name).toBe(read.get(name)?.seconds);
		}
	}
};

test('random trees are the same to the bit with any number of threads, and the same entry by entry as yazl’s', async () => {
	await fc.assert(
		fc.asyncProperty(treeArbitrary, async tree => inTemporaryDirectory(async root => checkTree(root, tree, [2, 4]))),
		{numRuns: 8, endOnFailure: true},
	);
	expect(started).toBeGreaterThan(0);
});

test('every odd name, and files around the size of a piece', async () => {
	const piece = 1024 * 1024;
	await inTemporaryDirectory(async root =>
		checkTree(
			root,
			[
				...oddNames.map(
					(name, index): TreeNode => ({
						type: 'file',
						name,
						kind: index % 2 === 0 ? 'text' : 'noise',
						bytes: index * 1000,
						seed: index,
						mode: 0o644,
						seconds: 1_700_000_000 + index,
					}),
				),
				...(['zeros', 'text', 'noise', 'mixed', 'almost a database'] as const).flatMap(kind =>
					[piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 7].map(
						(bytes): TreeNode => ({
							type: 'file',
							name: `${kind} ${bytes}`,
							kind,
							bytes,
							seed: bytes,
							mode: 0o600,
							seconds: 1_700_000_000,
						}),
					),
				),
				{type: 'folder', name: 'empty folder', mode: 0o755, seconds: 1_600_000_000, children: []},
			],
			[1, 2, 4],
		),
	);
});
