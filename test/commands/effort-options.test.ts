import {expect, test} from 'vitest';
import type {Target} from '../../source/client/protocol.js';
import {withEffort} from '../../source/commands/effort-options.js';

const target: Target = {
	instance: {name: 'octoprint', kind: 'octoprint', dataFolder: '/home/pi/.octoprint'},
	store: '/store',
	keepFreeBytes: 0,
	restoreUnsupported: false,
};

test('without options the settings hold', () => {
	expect(withEffort(target, {})).toEqual(target);
	const set = {...target, effort: {profile: 'fast', nice: false}, skipUnchanged: true} as const;
	expect(withEffort(set, {nice: false, 'no-nice': false})).toEqual(set);
});

test('options count for more than settings, one by one', () => {
	const set = {...target, effort: {profile: 'fast', jobs: 3}} as const;
	expect(withEffort(set, {profile: 'small', 'max-memory': '64MB', 'max-rate': '20MB', 'no-nice': true}).effort).toEqual(
		{profile: 'small', jobs: 3, maxMemoryBytes: 64_000_000, maxBytesPerSecond: 20_000_000, nice: false},
	);
	expect(withEffort({...target, effort: {nice: false}}, {nice: true}).effort).toEqual({nice: true});
	expect(withEffort({...target, skipUnchanged: true}, {'no-skip-unchanged': true}).skipUnchanged).toBeUndefined();
	expect(withEffort(target, {'skip-unchanged': true}).skipUnchanged).toBe(true);
});

test('auto and none take back what the settings say', () => {
	const set = {...target, effort: {jobs: 1, maxMemoryBytes: 64_000_000, maxBytesPerSecond: 1_000_000}} as const;
	expect(withEffort(set, {jobs: 'auto', 'max-memory': 'none', 'max-rate': 'None'})).toEqual(target);
});

test.each([
	[{jobs: '0'}, '--jobs'],
	[{jobs: 'many'}, '--jobs'],
	[{'max-memory': '1MB'}, '--max-memory'],
	[{'max-rate': '5 bytes'}, '--max-rate'],
	[{profile: 'tiny'}, '--profile'],
	[{nice: true, 'no-nice': true}, '--no-nice'],
	[{'skip-unchanged': true, 'no-skip-unchanged': true}, '--no-skip-unchanged'],
])('%o is refused, naming the option', (values, option) => {
	expect(() => withEffort(target, values)).toThrow(
		expect.objectContaining({code: 'usage', message: expect.stringContaining(option)}),
	);
});
