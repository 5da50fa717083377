/** Trees of files as fast-check makes them up, put on the disk: names, modes, times, sizes and contents that a backup may meet. */
import {createCipheriv, hash} from 'node:crypto';
import {chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {makeDatabase} from './sqlite.js';

export type ContentKind = 'zeros' | 'text' | 'noise' | 'mixed' | 'almost a database';

export type TreeFile = {
	readonly type: 'file';
	readonly name: string;
	readonly kind: ContentKind;
	readonly bytes: number;
	readonly seed: number;
	readonly mode: number;
	/** Since the epoch, with a fraction. */
	readonly seconds: number;
};

export type TreeDatabase = Omit<TreeFile, 'type' | 'kind' | 'bytes'> & {readonly type: 'database'};
/** To another name in the same folder, which may not be there. */
export type TreeLink = {readonly type: 'link'; readonly name: string; readonly target: string};
export type TreeFolder = {
	readonly type: 'folder';
	readonly name: string;
	readonly mode: number;
	readonly seconds: number;
	readonly children: readonly TreeNode[];
};
export type TreeNode = TreeFile | TreeDatabase | TreeLink | TreeFolder;

/** Names of every script, and names that programs of the shell stumble over. */
export const oddNames: readonly string[] = [
	'hölzer.gcode',
	'歯車 ギア.gcode',
	'шестерня.gcode',
	'עברית.gcode',
	'العربية ١٢٣.gcode',
	'हिन्दी.gcode',
	'ไทย.gcode',
	'한국어.gcode',
	'e\u0301 combining.gcode',
	'é composed.gcode',
	'👩‍👩‍👧‍👦 family.gcode',
	'🙂',
	'\u202egnp.gcode',
	'-rf',
	'--help',
	' leading blank',
	'trailing blank ',
	'trailing dot.',
	'...',
	'.hidden',
	'a'.repeat(255),
	'ü'.repeat(127),
	'字'.repeat(85),
	'star*question?.gcode',
	'[brackets] {braces}',
	'$HOME `id` $(id)',
	'quotes " and \' both',
	'percent %41.gcode',
	'colon: semicolon; pipe| <less> greater',
	'hash # and ! and & and ~',
	'CON',
	'aux.txt',
	'thumbs.db-journalist',
	'𝔘𝔫𝔦𝔠𝔬𝔡𝔢',
];

/** Control characters, what is not Unicode, and the private area some programs keep bytes in. */
const unspeakable = /[\u0000-\u001f\u007f-\u009f\\/\p{Surrogate}\p{Private_Use}]/gu;

const isUsable = (name: string): boolean =>
	!/^\.{0,2}$|^\.printkeep|-(?:wal|shm|journal)$/u.test(name) && Buffer.byteLength(name) <= 255;

const nameArbitrary: fc.Arbitrary<string> = fc.oneof(
	fc.constantFrom(...oddNames),
	fc
		.string({unit: 'binary', minLength: 1, maxLength: 40})
		.map(text => text.replaceAll(unspeakable, '_'))
		.filter(isUsable),
	fc.stringMatching(/^[a-z0-9]{1,8}\.(?:gcode|mp4|json)$/u),
);

const piece = 1024 * 1024;
const window = 32 * 1024;

/** Sizes around every limit there is: samples, pieces and what one piece sees of the one before. */
const sizeArbitrary = fc.oneof(
	{weight: 6, arbitrary: fc.integer({min: 0, max: 20_000})},
	{weight: 2, arbitrary: fc.constantFrom(0, 1, 2, 15, 16, 17)},
	{weight: 3, arbitrary: fc.constantFrom(65_535, 65_536, 65_537, window - 1, window, window + 1)},
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			...[piece - 1, piece, piece + 1],
			...[piece + window - 1, piece + window, piece + window + 1],
			...[2 * piece - 1, 2 * piece, 2 * piece + 1, 3 * piece + 12_345],
		),
	},
);

/** Times no ZIP can say, the last and first it can, summer and winter. */
const secondsArbitrary = fc.oneof(
	fc.integer({min: 946_684_800, max: 1_893_456_000}),
	fc.constantFrom(
		...[-1_000_000_000, -1, 0, 1, 100_000],
		// 1979, 1980 and 1981, in UTC.
		...[315_532_799, 315_532_800, 347_155_200],
		// The last second of 2037, the last of 32 bits, and the next.
		...[2_145_916_799, 2_147_483_647, 2_147_483_648],
		// 2107, 2108 and 2200.
		...[4_354_819_199, 4_354_819_200, 7_258_118_400],
	),
	fc.double({min: 1_500_000_000, max: 1_600_000_000, noNaN: true}),
);

/** Whoever runs the tests has to be able to read it. */
const fileMode = fc.integer({min: 0, max: 0o7777}).map(mode => mode | 0o400);
const folderMode = fc.integer({min: 0, max: 0o777}).map(mode => mode | 0o700);

const file: fc.Arbitrary<TreeFile> = fc.record({
	type: fc.constant('file' as const),
	name: nameArbitrary,
	kind: fc.constantFrom('zeros', 'text', 'noise', 'mixed', 'almost a database'),
	bytes: sizeArbitrary,
	seed: fc.nat(),
	mode: fileMode,
	seconds: secondsArbitrary,
});

const database: fc.Arbitrary<TreeDatabase> = fc.record({
	type: fc.constant('database' as const),
	// SQLite makes a journal beside it.
	name: nameArbitrary.filter(name => Buffer.byteLength(name) < 240),
	seed: fc.nat({max: 400}),
	mode: fileMode,
	seconds: secondsArbitrary,
});

const link: fc.Arbitrary<TreeLink> = fc.record({
	type: fc.constant('link' as const),
	name: nameArbitrary,
	target: nameArbitrary,
});

const childrenOf = (depth: number): fc.Arbitrary<readonly TreeNode[]> =>
	fc.uniqueArray(
		fc.oneof(
			{weight: 12, arbitrary: file},
			{weight: 1, arbitrary: database},
			{weight: 2, arbitrary: link},
			...(depth > 0 ? [{weight: 4, arbitrary: folderOf(depth - 1)}] : []),
		),
		{maxLength: 9, selector: ({name}) => name},
	);

const folderOf = (depth: number): fc.Arbitrary<TreeFolder> =>
	fc.record({
		type: fc.constant('folder' as const),
		name: nameArbitrary,
		mode: folderMode,
		seconds: fc.integer({min: 946_684_800, max: 1_893_456_000}),
		children: childrenOf(depth),
	});

/** What lies in a folder: up to nine things, with folders below them. */
export const treeArbitrary: fc.Arbitrary<readonly TreeNode[]> = childrenOf(2);

const line = 'G1 X101.234 Y98.765 E0.04321\n';

/** Noise that is always the same for a seed. */
const noise = (bytes: number, seed: number): Buffer =>
	createCipheriv('aes-128-ctr', hash('sha256', String(seed), 'buffer').subarray(0, 16), Buffer.alloc(16)).update(
		Buffer.alloc(bytes),
	);

/** The content of a made-up file. */
export const contentOf = ({kind, bytes, seed}: Pick<TreeFile, 'kind' | 'bytes' | 'seed'>): Buffer => {
	switch (kind) {
		case 'zeros':
			return Buffer.alloc(bytes);
		case 'text': {
			const text = Buffer.alloc(bytes, line);
			// So that lines repeat, but not all of them, and not always at the same distance.
			for (const [index, byte] of noise(Math.ceil(bytes / 40), seed).entries()) {
				text[index * 40 + (byte % 29)] = 48 + (byte % 10);
			}

			return text.subarray(0, bytes);
		}

		case 'noise':
			return noise(bytes, seed);
		case 'mixed': {
			const content = noise(bytes, seed);
			// Shrinks here and there only: a sample may say anything.
			for (let start = (seed % 7) * 50_000; start < bytes; start += 400_000) {
				content.fill(line, start, Math.min(bytes, start + 150_000));
			}

			return content;
		}

		case 'almost a database': {
			const content = noise(bytes, seed);
			content.write('SQLite format 3\0', 'latin1');
			return content;
		}
	}
};

/** Puts a tree into a folder that is there. */
export const makeTree = (folder: string, nodes: readonly TreeNode[]): void => {
	for (const node of nodes) {
		const path = join(folder, node.name);
		switch (node.type) {
			case 'file':
				writeFileSync(path, contentOf(node));
				break;
			case 'database':
				makeDatabase(path, node.seed);
				break;
			case 'link':
				symlinkSync(node.target, path);
				break;
			case 'folder':
				mkdirSync(path);
				makeTree(path, node.children);
				break;
		}

		if (node.type !== 'link') {
			chmodSync(path, node.mode);
			utimesSync(path, node.seconds, node.seconds);
		}
	}
};
