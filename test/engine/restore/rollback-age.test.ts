import {existsSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Target} from '../../../source/client/protocol.js';
import type {Clock} from '../../../source/clock.js';
import {type Age, dropExpiredRollback, seenAgain} from '../../../source/engine/restore/rollback-age.js';
import {undoInfo} from '../../../source/engine/restore/undo-info.js';
import {change, fastDirectory, restoring, small, treeOf} from './death-sweep.js';
import type {Scene} from './scene.js';

const day = 86_400_000;
const kept = 14 * day;
const start = 1_700_000_000_000;
const fresh: Age = {id: 'a', agedMilliseconds: 0, seenAt: start};
const aged = (...times: readonly number[]): number =>
	times.reduce((age, time) => seenAgain(age, time, kept), fresh).agedMilliseconds;

describe('the age that is certain', () => {
	test('daily looks add up to the time that has passed', () => {
		const days = Array.from({length: 14}, (_, index) => start + (index + 1) * day);
		expect(aged(...days)).toBe(kept);
		expect(aged(...days.slice(0, 13))).toBe(13 * day);
	});

	test('no single jump of the clock is enough, however far', () => {
		expect(aged(start + 50 * 365 * day)).toBeLessThan(kept);
		expect(aged(start + day, start + 9999 * day)).toBeLessThan(kept);
		expect(aged(0, start + 3 * day)).toBe(3 * day);
	});

	test('a clock that goes to and fro adds nothing', () => {
		expect(aged(...Array.from({length: 100}, (_, index) => (index % 2 === 0 ? 0 : start + day)))).toBe(day);
	});

	test('it never shrinks, never grows by more than half of the time or than what the clock says', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({min: 0, max: start * 2}), {maxLength: 30}), times => {
				let age = fresh;
				for (const time of times) {
					const next = seenAgain(age, time, kept);
					const grown = next.agedMilliseconds - age.agedMilliseconds;
					expect(grown).toBeGreaterThanOrEqual(0);
					expect(grown).toBeLessThanOrEqual(Math.min(kept / 2, Math.max(0, time - age.seenAt)));
					age = next;
				}

				expect(age.agedMilliseconds).toBeLessThanOrEqual(Math.max(0, Math.max(start, ...times) - start));
			}),
		);
	});
});

const restored = async (): Promise<Scene> => {
	const scene = small(join(fastDirectory(), 'root'));
	const again = await restoring(scene);
	await again(scene, scene.ports.disk);
	return scene;
};

const look = async (scene: Scene, now: number, target: Target = scene.target) => {
	const clock: Clock = {...scene.ports.clock, now: () => now};
	return dropExpiredRollback({...scene.ports, clock}, target);
};

const work = ({root}: Scene): string => join(root, '.printkeep-octoprint');

describe('the end of a rollback copy', () => {
	test('it goes when it has been kept long enough, and nothing else does', async () => {
		const scene = await restored();
		const tree = treeOf(scene.instance);
		const now = scene.ports.clock.now();
		for (let days = 3; days < 14; days += 3) {
			expect(await look(scene, now + days * day)).toBeNull();
			expect(undoInfo(scene.target)?.expiresAt).toBeGreaterThan(now + 13.9 * day);
			expect(undoInfo(scene.target)?.expiresAt).toBeLessThan(now + 14.1 * day);
		}

		expect(await look(scene, now + 15 * day)).toMatchObject({untidied: []});
		expect(undoInfo(scene.target)).toBeNull();
		expect(existsSync(work(scene))).toBe(false);
		expect(treeOf(scene.instance)).toEqual(tree);
		expect(await look(scene, now + 16 * day)).toBeNull();
	});

	test('a jump to the future, or a clock in the past, deletes nothing', async () => {
		const scene = await restored();
		expect(await look(scene, start * 3)).toBeNull();
		expect(await look(scene, 0)).toBeNull();
		expect(await look(scene, scene.ports.clock.now() + 100 * day)).toBeNull();
		expect(undoInfo(scene.target)).not.toBeNull();
		await scene.undo();
	});

	test('0 days keep it until the next restore', async () => {
		const scene = await restored();
		const target = {...scene.target, rollbackDays: 0};
		for (let days = 1; days < 1000; days += 7) {
			expect(await look(scene, scene.ports.clock.now() + days * day, target)).toBeNull();
		}

		expect(undoInfo(target)).toMatchObject({expiresAt: null});
	});

	test('nothing is deleted while an interrupted restore is pending', async () => {
		const scene = await restored();
		writeFileSync(join(work(scene), 'journal.json'), 'not finished');
		const before = readdirSync(work(scene));
		for (let days = 1; days < 40; days++) {
			await look(scene, scene.ports.clock.now() + days * day);
		}

		expect(readdirSync(work(scene))).toEqual(before);
	});

	test('the age of one copy is none of the next', async () => {
		const scene = await restored();
		const now = scene.ports.clock.now();
		await look(scene, now + 6 * day);
		await look(scene, now + 12 * day);
		await scene.undo();
		expect(await look(scene, now + 15 * day)).toBeNull();
		expect(undoInfo(scene.target)).not.toBeNull();
	});
});

test('an undo can be undone again and again, also with other backups in between and with little space', async () => {
	const scene = small(join(fastDirectory(), 'root'));
	const backup = await scene.create();
	change(scene.instance);
	const old = treeOf(scene.instance);
	for (const lowSpace of [false, true]) {
		await scene.restore(backup, {lowSpace});
		const restoredTree = treeOf(scene.instance);
		expect(restoredTree).not.toEqual(old);
		for (let turn = 0; turn < 4; turn++) {
			await scene.create();
			await scene.undo();
			expect(treeOf(scene.instance), `undo ${turn}, low space ${lowSpace}`).toEqual(
				turn % 2 === 0 ? old : restoredTree,
			);
		}

		await scene.undo();
	}
});
