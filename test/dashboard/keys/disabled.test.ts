import {describe, expect, test} from 'vitest';
import {disabledReason} from '../../../source/dashboard/keys/disabled.js';
import {defaultSettings} from '../../../source/settings/schema.js';
import {initialModel, type JobState, type Model} from '../../../source/state/model.js';
import {aBackup, anInstance, aStatus} from '../../helpers/scripted-client.js';

const ready: Model = {
	...initialModel(defaultSettings),
	engine: {type: 'ready'},
	instance: anInstance,
	target: {instance: anInstance, store: '/srv/backups', keepFreeBytes: 0, restoreUnsupported: false},
};

const job: JobState = {
	id: '1',
	type: 'create',
	title: 'Backing up octoprint',
	startedAt: 0,
	phase: 'writing',
	progress: null,
	cancelAsked: false,
	cancelling: false,
	skipped: 0,
};

const good = aBackup(1);
const foreign = aBackup(2, {origin: 'server'});
const bad = aBackup(3, {
	health: {type: 'bad', error: {code: 'not-a-zip', message: 'It is not a ZIP archive.', hint: ''}},
});

describe('why something cannot be done', () => {
	test('everything can be done with a good backup while nothing runs', () => {
		for (const action of ['back-up', 'restore', 'verify', 'delete', 'export', 'pin', 'import', 'compare'] as const) {
			expect(disabledReason(action, {model: ready, backups: [good]})).toBeUndefined();
		}
	});

	test('a running job blocks others, and says which it is', () => {
		expect(disabledReason('verify', {model: {...ready, job}, backups: [good]})).toContain('Backing up octoprint');
		expect(disabledReason('pin', {model: {...ready, job}, backups: [good]})).toBeUndefined();
	});

	test('another printkeep at work makes this one read-only, and is named', () => {
		const model: Model = {...ready, holder: {pid: 812, host: 'octopi', job: 'restore', since: 0}};
		expect(disabledReason('delete', {model, backups: [good]})).toContain('812');
	});

	test('what the print server keeps is neither deleted nor pinned here', () => {
		expect(disabledReason('delete', {model: ready, backups: [good, foreign]})).toContain('print server');
		expect(disabledReason('pin', {model: ready, backups: [foreign]})).toContain('pinned');
		expect(disabledReason('restore', {model: ready, backups: [foreign]})).toBeUndefined();
	});

	test('a bad backup is not restored, but can be deleted', () => {
		expect(disabledReason('restore', {model: ready, backups: [bad]})).toContain('It is not a ZIP archive.');
		expect(disabledReason('delete', {model: ready, backups: [bad]})).toBeUndefined();
	});

	test('undo needs a restore', () => {
		expect(disabledReason('undo', {model: ready, backups: []})).toContain('no restore');
		const status = aStatus([], '/srv/backups', {
			undo: {takesBack: 'restore', restoredAt: 0, key: 'a.zip', bytes: 1, expiresAt: null},
		});
		expect(disabledReason('undo', {model: {...ready, status}, backups: []})).toBeUndefined();
	});

	test('the moment of putting a restore in place cannot be cancelled', () => {
		const progress = {
			jobId: '1',
			phase: 'swapping',
			bytesDone: 0,
			bytesTotal: 1,
			filesDone: 0,
			filesTotal: 1,
			currentFile: '',
			skipped: 0,
			elapsedMilliseconds: 0,
			bytesPerSecond: null,
			etaMilliseconds: null,
			cancellable: false,
		} as const;
		expect(disabledReason('cancel-job', {model: {...ready, job: {...job, progress}}, backups: []})).toBeDefined();
		expect(disabledReason('cancel-job', {model: {...ready, job}, backups: []})).toBeUndefined();
	});
});

test('what was just deleted can be brought back before the trash has been read again', () => {
	const item = {id: 'a', key: 'a.zip', bytes: 1, deletedAt: 1, expiresAt: null, createdAt: null, note: ''};
	const empty: Model = {...ready, trash: []};
	expect(disabledReason('bring-back', {model: empty, backups: []})).toContain('The trash is empty');
	const lastJob = {
		id: '1',
		type: 'delete',
		title: 'Deleting',
		outcome: 'done',
		result: {type: 'delete', deleted: ['a.zip'], freedBytes: 0, remaining: 1, trashed: [item]},
		error: null,
		durationMilliseconds: 1,
		at: 1,
	} as const;
	expect(disabledReason('bring-back', {model: {...empty, lastJob}, backups: []})).toBeUndefined();
	expect(disabledReason('bring-back', {model: {...ready, trash: [item]}, backups: []})).toBeUndefined();
});
