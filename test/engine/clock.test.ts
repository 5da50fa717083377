/** A board without a battery for its clock starts in 1970, or at the time it was last switched off, and jumps when the network tells it better. */
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {clockDoubt} from '../../source/engine/clock-doubt.js';
import {statusReport} from '../../source/engine/status-report.js';
import {createRequest} from '../helpers/engine-client.js';
import {day, newTrashScene} from './trash/scene.js';

test('backups keep their order and get names of their own, however the clock jumps', async () => {
	const {run, target, time, catalog} = newTrashScene();
	const start = time.now;
	const made: string[] = [];
	for (const now of [start, start, 0, 0, start - day, Date.UTC(2099, 0, 1), start + day]) {
		time.now = now;
		const {result} = await run(createRequest(target));
		made.push(result?.type === 'create' ? result.backup.key : 'failed');
	}

	expect(new Set(made).size).toBe(7);
	expect(made[1]).toBe(made[0]?.replace('.zip', '-2.zip'));
	expect(made[3]).toMatch(/_19700101-000000z_manual-2\.zip$/);
	const listed = (await catalog()).list();
	expect(listed.map(({key}) => key)).toEqual(made.toReversed());
	expect(listed.map(({sequence}) => sequence)).toEqual([7, 6, 5, 4, 3, 2, 1]);
});

test('the number of a deleted backup is given to no other, also when the store forgot', async () => {
	const {backup, remove, run, target, ids, catalog, store} = newTrashScene();
	await backup('a');
	await backup('b');
	await remove(['b.zip']);
	rmSync(join(store, '.printkeep.json'));
	await backup('c');
	await run({type: 'trash-restore', target, ids: ids()});
	expect((await catalog()).list().map(({key, sequence}) => [key, sequence])).toEqual([
		['c.zip', 3],
		['b.zip', 2],
		['a.zip', 1],
	]);
});

test('the status says when the clock cannot be believed', async () => {
	const {backup, target, time, catalog, ports} = newTrashScene();
	const report = async () =>
		statusReport(ports, await catalog(), {
			target,
			overdueAfterMilliseconds: 7 * day,
			holder: null,
			jobRunning: false,
		});
	await backup('a');
	expect(await report()).toMatchObject({overdue: false});
	expect((await report()).clockProblem).toBeUndefined();
	time.now += 8 * day;
	expect(await report()).toMatchObject({overdue: true});
	expect((await report()).clockProblem).toBeUndefined();
	time.now -= 9 * day;
	expect(await report()).toMatchObject({
		ageMilliseconds: 0,
		clockProblem: expect.stringContaining('a backup from after that'),
	});
	time.now = 0;
	const inThePast = await report();
	expect(inThePast).toMatchObject({clockProblem: expect.stringContaining('which cannot be')});
	expect(inThePast.days).toHaveLength(14);
	expect(new Set(inThePast.days.map(({date}) => date)).size).toBe(14);
});

test('what speaks against a clock', () => {
	const now = Date.UTC(2026, 5, 1);
	expect(clockDoubt(now, [])).toBe('');
	expect(clockDoubt(now, [now - day, now, now + 30_000])).toBe('');
	expect(clockDoubt(now, [now + 120_000])).not.toBe('');
	expect(clockDoubt(Date.UTC(2025, 11, 31), [])).not.toBe('');
	expect(clockDoubt(Number.NaN, [])).not.toBe('');
});
