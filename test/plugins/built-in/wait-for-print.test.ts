/** Waiting for a print, in the real plugin thread. */
import {afterEach, expect, test} from 'vitest';
import type {PluginRecordData, PluginServerActivity} from '../../../source/plugins/api.js';
import {type BuiltInHost, startBuiltIn} from '../../helpers/built-in-host.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {waitFor} from '../../helpers/wait-for.js';

const open: BuiltInHost[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map(async ({host}) => host.close()));
});

/** @param states what the server does, one answer after the other; the last one stays. */
const setUp = (states: readonly PluginServerActivity['state'][], settings: PluginRecordData = {}) => {
	let asked = 0;
	const built = startBuiltIn('wait-for-print', temporaryDirectory(), {
		settings: {pollSeconds: 0.1, ...settings},
		async activity() {
			const state = states[Math.min(asked, states.length - 1)] ?? 'unknown';
			asked++;
			return {state, detail: state === 'printing' ? '42 %' : ''};
		},
	});
	open.push(built);
	const beforeBackup = async (trigger: string, signal?: AbortSignal) =>
		built.host.call(
			'wait-for-print',
			'beforeBackup',
			{excludes: [], trigger, note: ''},
			{instance: built.instance, signal},
		);
	return {...built, beforeBackup, asked: () => asked};
};

test('an automatic backup waits as long as something is printed or paused, and says so once for each', async () => {
	const {beforeBackup, lines, asked} = setUp(['printing', 'printing', 'paused', 'printing', 'idle']);
	await beforeBackup('auto');
	expect(asked()).toBe(5);
	expect(lines).toEqual([
		'info The backup waits, since the server is printing (42 %).',
		'info The backup waits, since a print is paused.',
		'info The backup waits, since the server is printing (42 %).',
		expect.stringMatching(/^info The backup goes on after \d\.\d s: the server is idle\.$/u),
	]);
});

test('nothing is said or asked where nothing is to be waited for', async () => {
	const {beforeBackup, lines, asked} = setUp(['printing']);
	await beforeBackup('manual');
	await beforeBackup('preupgrade');
	expect(asked()).toBe(0);
	const idle = setUp(['idle']);
	await idle.beforeBackup('auto');
	expect(idle.asked()).toBe(1);
	expect([...lines, ...idle.lines]).toEqual([]);
});

test('a person can be made to wait, too', async () => {
	const {beforeBackup, asked} = setUp(['printing', 'stopped'], {triggers: ['manual']});
	await beforeBackup('manual');
	expect(asked()).toBe(2);
	await beforeBackup('auto');
	expect(asked()).toBe(2);
});

test('when it has waited long enough, the hook fails in a sentence', async () => {
	const {beforeBackup, failures} = setUp(['printing'], {maxWaitMinutes: 0.005});
	await expect(beforeBackup('auto')).rejects.toThrow(
		/The backup has waited for 0\.\d s, and the server is printing \(42 %\) still\./u,
	);
	expect(failures).toHaveLength(1);
});

test('a server that cannot be asked stops nobody unless that is wanted', async () => {
	const usual = setUp(['unknown']);
	await usual.beforeBackup('auto');
	expect(usual.lines).toEqual(['warning The backup goes on although it is not known whether the server prints.']);
	await expect(setUp(['unknown'], {unknown: 'fail'}).beforeBackup('auto')).rejects.toThrow(
		'The backup does not begin: it is not known whether the server prints.',
	);
	const patient = setUp(['unknown', 'unknown', 'idle'], {unknown: 'wait'});
	await patient.beforeBackup('auto');
	expect(patient.asked()).toBe(3);
});

test('cancelled, it waits no more', async () => {
	const {beforeBackup, asked, lines} = setUp([...Array.from({length: 12}, () => 'printing' as const), 'idle']);
	const controller = new AbortController();
	const waiting = beforeBackup('auto', controller.signal);
	await waitFor('some questions', () => asked() >= 2);
	controller.abort(new Error('cancelled'));
	await expect(waiting).rejects.toThrow('cancelled');
	await beforeBackup('auto');
	// Had the first one gone on to wait, it would have seen the end of the print as well.
	expect(lines.filter(line => line.includes('goes on'))).toHaveLength(1);
});

test('it says what the server does', async () => {
	const {host, instance} = setUp(['paused']);
	expect(await host.call('wait-for-print', 'get', null, {instance})).toEqual({
		server: 'paused',
		detail: '',
		triggers: ['auto'],
		maxWaitMinutes: 720,
	});
	await expect(
		host.call('wait-for-print', 'changeSettings', {changes: [{path: ['unknown'], value: 'maybe'}]}),
	).rejects.toMatchObject({
		code: 'invalid-setting',
		message: expect.stringContaining('must be one of: go-on, wait, fail'),
	});
});
