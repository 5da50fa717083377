/** What the shipped commands take of a small machine's memory, the whole process tree, when there is very much of something. */
import {linkSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {measure} from '../../bench/measure.js';
import {createCounts, isFull} from '../faults/counts.js';
import {contentOf} from '../helpers/random-tree.js';
import {hasProgram} from '../helpers/requirements.js';
import {cliPath, isolatedEnvironment} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {makeBareInstance} from '../helpers/two-writers.js';

const counts = createCounts('memory');
const root = makeTemporaryDirectory();

afterAll(() => {
	removeDirectory(root);
	counts.tell();
});

/** Of a command, with its threads and whatever it starts. */
const budgetMegabytes = 150;
/** A backup that takes most from the last one has to know that. */
const repeatBudgetMegabytes = 180;

/** The heap of JavaScript objects that a machine with 512 MB could be set to. */
const smallHeap = '--max-old-space-size=64';

type Scene = {readonly place: string; readonly dataFolder: string; readonly store: string};

const makeScene = (name: string): Scene & {readonly uploads: string} => {
	const place = join(root, name);
	mkdirSync(place);
	return {place, store: join(place, 'store'), ...makeBareInstance(place)};
};

const signal = new AbortController().signal;

/** Runs a command that must succeed. @returns megabytes. */
const peakOf = async (scene: Scene, nodeOptions: string, ...args: readonly string[]): Promise<number> => {
	const {code, peakBytes, errors} = await measure(
		'python3',
		{
			argv: [process.execPath, cliPath, ...args, '--basedir', scene.dataFolder, '--store', scene.store, '--plain'],
			cwd: scene.place,
			env: {
				...(isolatedEnvironment(join(scene.place, 'home')) as Record<string, string>),
				...(nodeOptions === '' ? {} : {NODE_OPTIONS: nodeOptions}),
			},
		},
		signal,
	);
	expect(code, errors).toBe(0);
	const megabytes = Math.ceil(peakBytes / 1e6);
	counts.add(
		`MB at most of ${args[0]}${args.includes('second') ? ' again' : ''}, ${scene.place.split('/').at(-1)}`,
		megabytes,
	);
	return megabytes;
};

/** Backs up twice, verifies, restores elsewhere. @returns what was over its budget. */
const measureAll = async (
	scene: Scene,
	{nodeOptions = '', restores = true}: {readonly nodeOptions?: string; readonly restores?: boolean} = {},
): Promise<Readonly<Record<string, number>>> => {
	const out = join(scene.place, 'out');
	const peaks = {
		backup: await peakOf(scene, nodeOptions, 'backup', '--name', 'first'),
		again: await peakOf(scene, nodeOptions, 'backup', '--name', 'second'),
		verify: await peakOf(scene, nodeOptions, 'verify', 'first.zip'),
		restore: restores ? await peakOf(scene, nodeOptions, 'restore', 'first.zip', '--to', out) : 0,
	};
	rmSync(scene.store, {recursive: true});
	rmSync(out, {recursive: true, force: true});
	console.log(JSON.stringify({scene: scene.place.split('/').at(-1), nodeOptions, ...peaks}));
	return Object.fromEntries(
		Object.entries(peaks).filter(
			([name, megabytes]) => megabytes > (name === 'again' ? repeatBudgetMegabytes : budgetMegabytes),
		),
	);
};

test.skipIf(!hasProgram('python3', 'python3'))('one file larger than any memory', async () => {
	const scene = makeScene('one large file');
	const path = join(scene.uploads, 'sparse.gcode');
	writeFileSync(path, '; the rest of it are holes\n');
	truncateSync(path, isFull ? 20e9 : 1e9);
	expect(await measureAll(scene, {restores: !isFull})).toEqual({});
	if (isFull) {
		expect(await measureAll(scene, {nodeOptions: smallHeap, restores: false})).toEqual({});
	}
});

test.skipIf(!hasProgram('python3', 'python3'))('very many small files', async () => {
	const scene = makeScene('very many small files');
	const files = isFull ? 200_000 : 40_000;
	for (let number = 0; number < files; number++) {
		const folder = join(scene.uploads, 'projects', `customer ${Math.floor(number / 500)}`);
		const path = join(folder, `part_${number}_0.2mm_PLA_MK3S.gcode`);
		const first = join(folder, `part_${number - (number % 500)}_0.2mm_PLA_MK3S.gcode`);
		if (path === first) {
			mkdirSync(folder, {recursive: true});
			writeFileSync(path, contentOf({kind: 'text', bytes: 200 + ((number * 37) % 8000), seed: number}));
		} else {
			// Another name of a file is made sooner than another file, and backed up as one.
			linkSync(first, path);
		}
	}

	expect(statSync(join(scene.uploads, 'projects')).isDirectory()).toBe(true);
	expect(await measureAll(scene)).toEqual({});
	expect(await measureAll(scene, {nodeOptions: smallHeap})).toEqual({});
});
