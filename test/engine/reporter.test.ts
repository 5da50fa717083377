import {expect, test} from 'vitest';
import type {EngineEvent} from '../../source/client/protocol.js';
import {createEventBus} from '../../source/engine/events.js';
import {createReporter} from '../../source/engine/reporter.js';

const setUp = () => {
	const bus = createEventBus();
	const events: EngineEvent[] = [];
	bus.subscribe(event => events.push(event));
	let now = 0;
	const report = createReporter(bus, {now: () => 1_700_000_000_000 + now, monotonic: () => now}, 'job');
	return {
		report,
		progress: () => events.flatMap(event => (event.type === 'progress' ? [event] : [])),
		pass(milliseconds: number) {
			now += milliseconds;
		},
	};
};

test('sends at most three progress messages a second, whatever the job does', () => {
	const {report, progress, pass} = setUp();
	report.phase('writing');
	report.total(10_000, 1000);
	for (let step = 0; step < 1000; step++) {
		pass(1);
		report.advance(10, 1);
	}

	expect(progress().length).toBeLessThanOrEqual(4);
	report.flush();
	expect(progress().at(-1)).toMatchObject({bytesDone: 10_000, filesDone: 1000, bytesTotal: 10_000});
});

test('knows no time left before it knows total and rate', () => {
	const {report, progress, pass} = setUp();
	report.phase('writing');
	report.advance(1_000_000, 1);
	pass(2000);
	report.advance(1_000_000, 1);
	expect(progress().at(-1)).toMatchObject({bytesTotal: null, etaMilliseconds: null});
	report.total(4_000_000, 4);
	pass(1000);
	report.advance(0, 0);
	expect(progress().at(-1)?.etaMilliseconds).toBeGreaterThan(0);
});

test('a new phase counts from zero', () => {
	const {report, progress} = setUp();
	report.phase('writing');
	report.advance(100, 1);
	report.phase('verifying');
	expect(progress().at(-1)).toMatchObject({phase: 'verifying', bytesDone: 0, filesDone: 0, bytesTotal: null});
});

test('a listener that throws keeps nobody else from hearing', () => {
	const bus = createEventBus();
	const heard: string[] = [];
	bus.subscribe(() => {
		throw new Error('deaf');
	});
	bus.subscribe(event => heard.push(event.type));
	bus.emit({type: 'log', level: 'info', at: 0, text: 'hello'});
	expect(heard).toEqual(['log']);
});
