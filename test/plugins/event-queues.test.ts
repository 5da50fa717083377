import {describe, expect, test} from 'vitest';
import type {EngineEvent} from '../../source/client/protocol.js';
import {createEventQueues, percentOf} from '../../source/plugins/event-queues.js';
import {limitOf, usualLimits} from '../../source/plugins/limits.js';

const progress = (jobId: string, bytesDone: number, phase = 'writing'): EngineEvent =>
	({type: 'progress', jobId, phase, bytesDone, bytesTotal: 1000, filesDone: 0, filesTotal: null}) as EngineEvent;

const started = (jobId: string, at = 0): EngineEvent => ({type: 'job-started', jobId, job: 'create', title: '', at});

const setUp = (waitingEvents?: number) => {
	const calls: string[] = [];
	const isolated: string[] = [];
	/** Plugins whose calls wait until they are let go. */
	const held = new Map<string, PromiseWithResolvers<void>>();
	const queues = createEventQueues({
		async call(id, name, input) {
			const {payload, percent} = input as {readonly payload?: {readonly at?: number}; readonly percent?: number};
			calls.push(`${id} ${name} ${percent ?? payload?.at ?? ''}`.trim());
			await held.get(id)?.promise;
			if (id === 'throws') {
				throw new Error('no');
			}
		},
		isolate: (id, reason) => isolated.push(`${id}: ${reason}`),
		...(waitingEvents === undefined ? {} : {waitingEvents}),
	});
	const add = (event: EngineEvent, events: readonly string[], receivers: readonly string[] = []): void =>
		queues.add(event, null, {events, progress: receivers});
	return {calls, isolated, held, queues, add};
};

describe('events', () => {
	test('reach each plugin one after the other, whatever the others do', async () => {
		const {calls, held, queues, add} = setUp();
		held.set('slow', Promise.withResolvers());
		for (let at = 1; at <= 3; at++) {
			add(started('x', at), ['slow', 'quick', 'throws']);
		}

		await new Promise(setImmediate);
		expect(calls.filter(call => call.startsWith('slow'))).toEqual(['slow onEvent 1']);
		expect(calls.filter(call => call.startsWith('quick'))).toEqual([
			'quick onEvent 1',
			'quick onEvent 2',
			'quick onEvent 3',
		]);
		expect(calls.filter(call => call.startsWith('throws'))).toHaveLength(3);
		held.get('slow')?.resolve();
		await queues.drained();
		expect(calls.filter(call => call.startsWith('slow'))).toEqual([
			'slow onEvent 1',
			'slow onEvent 2',
			'slow onEvent 3',
		]);
	});

	test('that pile up end the plugin they are for', async () => {
		const {isolated, held, queues, add} = setUp(5);
		held.set('slow', Promise.withResolvers());
		for (let at = 1; at <= 7; at++) {
			add(started('x', at), ['slow', 'quick']);
			await new Promise(setImmediate);
		}

		expect(isolated).toEqual(['slow: It did not keep up: over 5 events waited for it.']);
		held.get('slow')?.resolve();
		await queues.drained();
	});
});

describe('progress', () => {
	test('is told once for a per cent, and what waits gives way to what is newer', async () => {
		const {calls, held, queues, add} = setUp();
		held.set('one', Promise.withResolvers());
		add(started('a'), []);
		add(started('b'), []);
		for (const bytes of [0, 1, 9, 10, 15, 500]) {
			add(progress('a', bytes), [], ['one']);
		}

		await new Promise(setImmediate);
		for (const bytes of [600, 700]) {
			add(progress('a', bytes), [], ['one']);
		}

		add(progress('b', 10), [], ['one']);
		held.get('one')?.resolve();
		await queues.drained();
		expect(calls[0]).toBe('one onProgress 50');
		expect(calls.slice(1)).toEqual(['one onProgress 70', 'one onProgress 1']);
	});

	test('starts again with each phase, and is of jobs that are known', async () => {
		const {calls, queues, add} = setUp();
		add(progress('a', 10), [], ['one']);
		add(started('a'), []);
		add(progress('a', 10), [], ['one']);
		await queues.drained();
		add(progress('a', 10, 'verifying'), [], ['one']);
		await queues.drained();
		expect(calls).toEqual(['one onProgress 1', 'one onProgress 1']);
	});

	test('counts bytes, or files where there are none', () => {
		const of = (bytesDone: number, bytesTotal: number | null, filesDone: number, filesTotal: number | null) =>
			percentOf({bytesDone, bytesTotal, filesDone, filesTotal});
		expect(of(5, 10, 0, 0)).toBe(50);
		expect(of(999, 1000, 0, 0)).toBe(99);
		expect(of(11, 10, 0, 0)).toBe(100);
		expect(of(0, 0, 1, 4)).toBe(25);
		expect(of(0, null, 0, null)).toBeNull();
		expect(of(0, 0, 0, 0)).toBeNull();
	});
});

test('a plugin may ask for more time than usual, within a day, by name', () => {
	expect(limitOf(usualLimits, 'beforeBackup', {})).toBe(30_000);
	expect(limitOf(usualLimits, 'beforeBackup', {beforeBackup: 3600})).toBe(3_600_000);
	expect(limitOf(usualLimits, 'beforeBackup', {beforeBackup: 0.5})).toBe(500);
	expect(limitOf(usualLimits, 'beforeBackup', {beforeBackup: 1e9})).toBe(86_400_000);
	expect(limitOf(usualLimits, 'beforeBackup', {beforeBackup: -1, afterBackup: 9})).toBe(30_000);
});
