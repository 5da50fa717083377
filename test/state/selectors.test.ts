import {describe, expect, test} from 'vitest';
import type {JobProgress} from '../../source/client/protocol.js';
import {defaultSettings} from '../../source/settings/schema.js';
import {initialModel, type JobState, type Model} from '../../source/state/model.js';
import {jobView, selectBusy, selectRegistered} from '../../source/state/selectors.js';
import {makeInstance, makeTarget} from '../helpers/make-model.js';

const progress: JobProgress = {
	jobId: 'a',
	phase: 'writing',
	bytesDone: 42_300_000,
	bytesTotal: 100_000_000,
	filesDone: 1200,
	filesTotal: 4000,
	currentFile: 'uploads/\u001b]0;x\u0007.gcode',
	skipped: 2,
	elapsedMilliseconds: 61_000,
	bytesPerSecond: 12_300_000,
	etaMilliseconds: 4690,
	cancellable: true,
};

const job: JobState = {
	id: 'a',
	type: 'create',
	title: 'Backing up octoprint',
	startedAt: 0,
	phase: 'writing',
	progress,
	cancelAsked: false,
	cancelling: false,
	skipped: 2,
};

const model: Model = {
	...initialModel({
		...defaultSettings,
		instances: {
			octoprint: {
				kind: 'octoprint',
				dataFolder: '/home/pi/.octoprint',
				excludes: [],
				includes: [],
				overdueAfterHours: 1,
				keepFreeMegabytes: 1,
				restoreUnsupported: false,
			},
		},
	}),
	target: makeTarget(),
	instance: makeInstance(),
};

describe('jobView', () => {
	test('words and steps', () => {
		expect(jobView(job)).toEqual({
			type: 'create',
			title: 'Backing up octoprint',
			phase: 'Writing',
			percent: 42,
			bytes: '42 MB of 100 MB',
			files: '1,200 of 4,000 files',
			rate: '12 MB/s',
			eta: '0:05 left',
			elapsed: '1:01',
			currentFile: 'uploads/\\x1b]0;x\\x07.gcode',
			skipped: '2 skipped',
			cancellable: true,
			cancelAsked: false,
			cancelling: false,
		});
	});

	test('the same job gives the same object', () => {
		expect(jobView(job)).toBe(jobView(job));
	});

	test('nothing is claimed before it is known', () => {
		const early = {...progress, bytesTotal: null, filesTotal: null, bytesPerSecond: null, etaMilliseconds: null};
		expect(jobView({...job, progress: early})).toMatchObject({percent: null, bytes: '42 MB', rate: '', eta: ''});
		expect(jobView({...job, progress: null})).toMatchObject({percent: null, bytes: '', files: '', elapsed: ''});
	});

	test.each([
		[999, 1000, 99],
		[1000, 1000, 100],
		[1200, 1000, 100],
		[0, 1000, 0],
	])('%i of %i bytes is %i percent', (bytesDone, bytesTotal, percent) => {
		expect(jobView({...job, progress: {...progress, bytesDone, bytesTotal}})?.percent).toBe(percent);
	});
});

describe('selectBusy', () => {
	test.each([
		[{}, undefined],
		[{job}, 'Backing up octoprint is running: wait for it or cancel it with x'],
		[
			{holder: {pid: 812, host: 'octopi', job: 'restore', since: 0}},
			'Another printkeep is at work here (restore, process 812 on octopi)',
		],
		[{target: null}, 'No print server is chosen yet'],
	] as const)('%j', (changes, expected) => {
		expect(selectBusy({...model, ...changes})).toBe(expected);
	});
});

test('selectRegistered', () => {
	expect(selectRegistered(model)).toBe('octoprint');
	expect(selectRegistered({...model, instance: makeInstance({dataFolder: '/elsewhere'})})).toBeUndefined();
});
