import {expect, test} from 'vitest';
import {systemClock} from '../../source/clock.js';
import {createPace} from '../../source/engine/pace.js';
import {pacedPool} from '../../source/engine/pool/paced-pool.js';
import type {Pool} from '../../source/engine/pool/pool.js';

const never = new AbortController().signal;

/** A timer may come a little early by the other clock. */
const slack = 5;

test('what is read takes as long as the rate says, and whoever asks first goes first', async () => {
	const startedAt = systemClock.monotonic();
	const pace = createPace(systemClock, never, 1_000_000);
	const order: string[] = [];
	await Promise.all(
		['a', 'b', 'c'].map(async name => {
			await pace.take(50_000);
			order.push(name);
		}),
	);
	expect(order).toEqual(['a', 'b', 'c']);
	expect(systemClock.monotonic() - startedAt).toBeGreaterThanOrEqual(100 - slack);
});

test('what was not read after all is given back', async () => {
	const startedAt = systemClock.monotonic();
	const pace = createPace(systemClock, never, 1_000_000);
	await pace.take(60_000_000);
	pace.giveBack(59_950_000);
	await pace.take(1);
	const elapsed = systemClock.monotonic() - startedAt;
	expect(elapsed).toBeGreaterThanOrEqual(50 - slack);
	expect(elapsed).toBeLessThan(30_000);
});

test('time in which nothing was read is not saved up', async () => {
	let now = 0;
	const pace = createPace({now: () => 0, monotonic: () => now}, never, 1_000_000);
	await pace.take(1000);
	now = 3_600_000;
	await pace.take(100_000);
	const startedAt = systemClock.monotonic();
	await pace.take(1);
	expect(systemClock.monotonic() - startedAt).toBeGreaterThanOrEqual(100 - slack);
});

test('whoever waits is let go when the job is cancelled', async () => {
	const controller = new AbortController();
	const pace = createPace(systemClock, controller.signal, 1);
	await pace.take(1000);
	const waiting = pace.take(1);
	controller.abort();
	await expect(waiting).rejects.toMatchObject({code: 'cancelled'});
	await expect(pace.take(1)).rejects.toMatchObject({code: 'cancelled'});
});

test('tasks that read are slowed down by what they really read; others are not', async () => {
	const taken: number[] = [];
	const given: number[] = [];
	const ran: string[] = [];
	const content = new Uint8Array(10);
	const pool: Pool = {
		size: 1,
		async run(name) {
			ran.push(name);
			return {content, packed: null, bytes: 700} as never;
		},
		close: async () => undefined,
	};
	const paced = pacedPool(pool, {
		take: async bytes => void taken.push(bytes),
		giveBack: bytes => void given.push(bytes),
	});
	const piece = {position: 0, level: 5, memory: new ArrayBuffer(0)};
	await paced.run('pack-piece', {...piece, descriptor: 3, bytes: 50});
	await paced.run('pack-piece', {...piece, descriptor: null, bytes: 50});
	await paced.run('pack-files', {files: [], part: '', level: 5, maximumBytes: 1, settledBefore: null});
	expect(ran).toEqual(['pack-piece', 'pack-piece', 'pack-files']);
	expect(taken).toEqual([50, 1024 * 1024]);
	expect(given).toEqual([40, 1024 * 1024 - 700]);
});
