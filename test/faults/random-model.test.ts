/**
 * Suite 8, random actions against a model: data written, backups made, restored, undone, deleted and brought back, the clock jumping, the process dying at
 * any moment. After each step everything must be as the model has it. A failure tells its seed and the shortest list of steps found that shows it.
 */
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {createCounts, isFull} from './counts.js';
import {fastParent, makeWorld} from './power/world.js';
import {createPlayer} from './random/player.js';
import {createRandom} from './random/random.js';

const counts = createCounts('random actions against a model');
const stepsPerWorld = 125;
const worlds = isFull ? 80 : 8;
const firstSeed = Number(process.env.PRINTKEEP_FAULT_SEED ?? 1);
const shrinkMilliseconds = 60_000;

afterAll(() => {
	counts.tell();
});

type Run = {readonly said: readonly string[]; readonly failure: unknown};

/** Plays steps, each given by a seed of its own, so that any of them can be left out. */
const playAll = async (seeds: readonly number[], count: (what: string) => void): Promise<Run> => {
	const folder = makeTemporaryDirectory(fastParent());
	const said: string[] = [];
	try {
		mkdirSync(join(folder, 'world'));
		const world = makeWorld(join(folder, 'world'), {plain: true});
		const player = createPlayer(world, {count, setClock: world.setClock});
		for (const seed of seeds) {
			said.push(await player.play(createRandom(seed)));
			count('steps');
		}

		return {said, failure: undefined};
	} catch (failure) {
		return {said, failure};
	} finally {
		removeDirectory(folder);
	}
};

/** Leaves out as many steps as it can while something still fails. */
const shrink = async (seeds: readonly number[]): Promise<readonly number[]> => {
	const end = performance.now() + shrinkMilliseconds;
	let shortest = seeds;
	for (let size = shortest.length >> 1; size >= 1; size >>= 1) {
		for (let at = 0; at < shortest.length - 1 && performance.now() < end; ) {
			const shorter = [...shortest.slice(0, at), ...shortest.slice(at + size)];
			const {failure, said} = await playAll(shorter, () => undefined);
			if (failure === undefined) {
				at += size;
			} else {
				shortest = shorter.slice(0, said.length + 1);
			}
		}
	}

	return shortest;
};

test.each(Array.from({length: worlds}, (_, index) => firstSeed + index))('seed %i', async seed => {
	const seeds = Array.from({length: stepsPerWorld}, (_, step) => seed * 100_000 + step);
	const {failure, said} = await playAll(seeds, counts.add);
	if (failure === undefined) {
		return;
	}

	const shortest = await shrink(seeds.slice(0, said.length + 1));
	const again = await playAll(shortest, () => undefined);
	const words = (error: unknown): string =>
		error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
	expect.fail(
		`Seed ${seed}, step ${said.length}: ${words(failure)}\nShortest way to see it (${shortest.join(', ')}):\n${again.said.join('\n')}\n${words(again.failure)}`,
	);
});

test('every kind of action was tried, and deaths ended both ways', () => {
	for (const what of [
		'create jobs done',
		'restore jobs done',
		'undo jobs done',
		'delete jobs done',
		'trash-restore jobs done',
		'trash-empty jobs done',
		'import jobs done',
		'export jobs done',
		'verify jobs done',
		'deaths in restore jobs',
		'deaths in create jobs',
		'deaths that ended with the old',
		'deaths that ended with the new',
		'jobs refused',
		'jumps of the clock',
	]) {
		expect(counts.get(what), what).toBeGreaterThan(0);
	}
});
