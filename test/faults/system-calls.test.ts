/** Kills the shipped program at every system call that changes something: the next command recovers by itself, to the old state or the new one. */
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {hasProgram} from '../helpers/requirements.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {createCounts, isFull, sampled} from './counts.js';
import {checkCleaned, checkIntact, expectSuccess, unfinishedThings} from './fault-scene.js';
import {inParallel} from './in-parallel.js';
import {mutatingCalls, runTraced} from './strace.js';
import {makeLane, operations, type Point, pointsIn, restoreArguments, siteOf} from './traced-operations.js';

const counts = createCounts('killed at system calls');
const root = makeTemporaryDirectory();

afterAll(() => {
	removeDirectory(root);
	counts.tell();
});

/** Kills in the bounded part. */
const kills = {backup: 20, restore: 32, undo: 8, delete: 6, import: 6} as const;

const changes = ({name, text}: Point): boolean =>
	(mutatingCalls as readonly string[]).includes(name) && (name !== 'openat' || text.includes('O_CREAT'));

describe.skipIf(!hasProgram('strace', 'strace'))('killed at a system call', () => {
	for (const operation of operations) {
		test(`${operation.name}: the next command recovers, and nothing is lost`, async () => {
			const {name: what} = operation;
			const pair = await Promise.all([1, 2].map(async lane => makeLane(operation, join(root, `${what}-lane-${lane}`))));
			const [first] = pair;
			const points = first ? pointsIn(first).filter(changes) : [];
			const sites = new Set<string>();
			const states = [0, 0];
			let killed = 0;
			await inParallel(sampled(points, kills[what]), pair, async ({name, number}, lane, explain) => {
				const {scene, before, after} = lane;
				scene.reset();
				const {code, injected} = await runTraced([...operation.args(scene), ...scene.target], {
					home: scene.home,
					inject: `${name}:signal=KILL:when=${number}`,
					calls: [name],
				});
				if (code !== 137) {
					counts.add('runs that were over before the call came, not counted');
					return;
				}

				const hit = injected.map(siteOf).join();
				explain(`Killed before ${hit}, ${name} ${number}`);
				sites.add(hit);
				killed += 1;
				counts.add(`kills in ${what}`);
				const isChosen = isFull || killed % 3 === 0;
				const state = await checkIntact(scene, [before, after]);
				states[state] = (states[state] ?? 0) + 1;
				if (isChosen) {
					await checkCleaned(scene);
					if (!operation.isDone(scene, state === 1)) {
						expectSuccess(await scene.printkeep(...operation.args(scene)));
						await checkIntact(scene, [after]);
						expect(operation.isDone(scene, true)).toBe(true);
						counts.add('run again after a kill, to the end');
					}

					expectSuccess(await scene.printkeep(...restoreArguments));
					counts.add('restores that succeeded');
					expect(unfinishedThings(scene)).toEqual([]);
				}
			});
			counts.add('different calls killed at', sites.size);
			expect(killed).toBeGreaterThanOrEqual(kills[what] * 0.8);
			if (what === 'restore' || what === 'undo') {
				// Kills on both sides of the exchange, or the sweep has missed it.
				expect(Math.min(...states)).toBeGreaterThan(0);
			}
		});
	}
});
