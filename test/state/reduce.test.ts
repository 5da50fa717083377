import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {orderBackups} from '../../source/client/order.js';
import type {BackupSummary, EngineEvent, JobProgress} from '../../source/client/protocol.js';
import {defaultSettings} from '../../source/settings/schema.js';
import {backupId, initialModel, type Model, maximumLogEntries} from '../../source/state/model.js';
import {type ModelEvent, reduce} from '../../source/state/reduce.js';
import {makeBackup, makeInstance, makePart, makeStatus, makeTarget, testNow} from '../helpers/make-model.js';

const run = (model: Model, ...events: readonly ModelEvent[]): Model => events.reduce(reduce, model);

const chosen = run(initialModel(defaultSettings), {
	type: 'target-chosen',
	target: makeTarget(),
	instance: makeInstance(),
});

const started: EngineEvent = {
	type: 'job-started',
	jobId: 'a',
	job: 'create',
	title: 'Backing up octoprint',
	at: testNow,
};

const progress = (changes: Partial<JobProgress> = {}): EngineEvent => ({
	type: 'progress',
	jobId: 'a',
	phase: 'writing',
	bytesDone: 10,
	bytesTotal: 100,
	filesDone: 1,
	filesTotal: 4,
	currentFile: 'uploads/benchy.gcode',
	skipped: 0,
	elapsedMilliseconds: 1000,
	bytesPerSecond: null,
	etaMilliseconds: null,
	cancellable: true,
	...changes,
});

const finished = (changes: Partial<Extract<EngineEvent, {type: 'job-finished'}>> = {}): EngineEvent => ({
	type: 'job-finished',
	jobId: 'a',
	job: 'create',
	outcome: 'done',
	result: {
		type: 'create',
		backup: makeBackup(),
		files: 412,
		bytes: 400_000_000,
		storedBytes: 123_400_000,
		skipped: [],
		leftOut: [],
		notes: [],
		reused: {key: null, files: 0, bytes: 0},
		unchangedSince: null,
	},
	error: null,
	durationMilliseconds: 12_300,
	at: testNow,
	...changes,
});

const changed = (
	upserted: readonly BackupSummary[],
	removed: readonly BackupSummary[] = [],
	revision = 2,
): EngineEvent => ({
	type: 'catalog-changed',
	store: makeTarget().store,
	revision,
	upserted,
	removed: removed.map(({key, origin}) => ({key, origin})),
});

describe('a job', () => {
	test('goes from start over progress to a last result with a toast', () => {
		const running = run(chosen, started, {type: 'phase', jobId: 'a', phase: 'writing'}, progress());
		expect(running.job).toMatchObject({id: 'a', phase: 'writing', progress: {bytesDone: 10}});
		const after = run(running, finished());
		expect(after.job).toBeNull();
		expect(after.lastJob).toMatchObject({id: 'a', outcome: 'done'});
		expect(after.toast).toMatchObject({
			level: 'info',
			text: 'Backed up: 412 files, 400 MB in, 123 MB stored, verified, 12 s',
		});
		expect(after.log.map(({text}) => text)).toEqual([
			'Backing up octoprint…',
			'Backed up: 412 files, 400 MB in, 123 MB stored, verified, 12 s',
		]);
	});

	test('that has something to say says where', () => {
		const [event] = [finished()];
		const result = event.type === 'job-finished' && event.result?.type === 'create' ? event.result : null;
		const after = run(
			chosen,
			started,
			finished({result: result && {...result, notes: ['The plugin nas failed: it is not there']}}),
		);
		expect(after.toast?.text).toBe('Backed up: 412 files, 400 MB in, with 1 note (L), 123 MB stored, verified, 12 s');
		expect(after.log.at(-1)?.detail).toContain('The plugin nas failed: it is not there');
	});

	test('that failed says why, with the technical side in the log', () => {
		const after = run(
			chosen,
			started,
			finished({
				outcome: 'failed',
				result: null,
				error: {code: 'no-space', message: 'The disk is full.', hint: 'Free some space.', detail: 'ENOSPC'},
			}),
		);
		expect(after.toast).toMatchObject({level: 'error', text: 'The disk is full.'});
		expect(after.log.at(-1)).toMatchObject({
			level: 'error',
			detail: ['The disk is full.', 'Free some space.', 'Code: no-space', 'ENOSPC'],
		});
	});

	test('is cancelled in two steps and says so until the engine confirms', () => {
		const asked = run(chosen, started, {type: 'cancel-asked', asked: true});
		expect(asked.job).toMatchObject({cancelAsked: true, cancelling: false});
		const cancelling = run(asked, {type: 'phase', jobId: 'a', phase: 'cancelling'}, progress());
		expect(cancelling.job).toMatchObject({cancelAsked: false, cancelling: true});
		const after = run(cancelling, finished({outcome: 'cancelled', result: null}));
		expect(after.toast?.text).toBe('Backing up octoprint: cancelled, nothing left behind');
	});

	test('that only planned stays apart from the last result, and brings no toast', () => {
		const before = run(chosen, started, finished(), {type: 'toast-gone', id: 1});
		expect(before.toast).toBeNull();
		const after = run(
			before,
			{type: 'job-started', jobId: 'p', job: 'plan', title: 'Comparing', at: testNow},
			finished({
				jobId: 'p',
				job: 'plan',
				outcome: 'failed',
				result: null,
				error: {code: 'busy', message: 'Busy.', hint: ''},
			}),
		);
		expect(after.lastPlan).toMatchObject({id: 'p', outcome: 'failed'});
		expect(after.lastJob).toMatchObject({id: 'a'});
	});

	test('late news of another job change nothing', () => {
		const running = run(chosen, started, progress());
		expect(run(running, progress({jobId: 'old', bytesDone: 99})).job).toBe(running.job);
		expect(run(running, finished({jobId: 'old'})).job).toBe(running.job);
		expect(run(chosen, progress()).job).toBeNull();
	});

	test('any order and loss of progress keeps the state whole', () => {
		const anyProgress = fc
			.record({
				jobId: fc.constantFrom('a', 'b'),
				bytesDone: fc.nat(),
				bytesTotal: fc.option(fc.nat()),
				filesDone: fc.nat(),
				skipped: fc.nat(5),
				phase: fc.constantFrom('scanning', 'writing', 'verifying'),
			} as const)
			.map(changes => progress(changes as Partial<JobProgress>));
		const anyEvent = fc.oneof(
			{weight: 5, arbitrary: anyProgress},
			fc.constantFrom<EngineEvent>(
				started,
				{...started, jobId: 'b'},
				finished(),
				finished({jobId: 'b', outcome: 'cancelled', result: null}),
				{type: 'phase', jobId: 'a', phase: 'cancelling'},
				{type: 'file-skipped', jobId: 'a', file: {path: 'x\u001b[2J', reason: 'it vanished'}},
			),
		);
		fc.assert(
			fc.property(fc.array(anyEvent, {maxLength: 40}), events => {
				let model = chosen;
				let running: string | null = null;
				for (const event of events) {
					model = reduce(model, event);
					if (event.type === 'job-started') {
						running = event.jobId;
					} else if (event.type === 'job-finished' && (running === null || running === event.jobId)) {
						running = null;
					}

					expect(model.job?.id ?? null).toBe(running);
					if (model.job?.progress) {
						expect(model.job.progress.jobId).toBe(model.job.id);
						expect(model.job.skipped).toBeGreaterThanOrEqual(model.job.progress.skipped);
					}

					expect(model.log.map(({text}) => text).join('')).not.toContain('\u001b');
				}
			}),
		);
	});
});

describe('the list of backups', () => {
	const one = makeBackup({key: 'one.zip', createdAt: testNow - 3000});
	const two = makeBackup({key: 'two.zip', createdAt: testNow - 2000});
	const three = makeBackup({key: 'three.zip', createdAt: testNow - 1000});
	const loaded = run(chosen, {type: 'backups-loaded', backups: [two, one], revision: 1});

	test('takes in, changes and removes, newest first', () => {
		const after = run(loaded, changed([three]), changed([{...one, pinned: true}], [two], 3));
		expect(after.backups.ordered.map(({key}) => key)).toEqual(['three.zip', 'one.zip']);
		expect(after.backups.ordered.at(-1)?.pinned).toBe(true);
		expect(after.backups.revision).toBe(3);
	});

	test('the same name in the store and at the server are two', () => {
		const twin = {...one, origin: 'server'} as const;
		const after = run(loaded, changed([twin]));
		expect(after.backups.ordered).toHaveLength(3);
		expect(run(after, changed([], [twin], 3)).backups.ordered.map(({key, origin}) => `${origin}/${key}`)).toEqual([
			'store/two.zip',
			'store/one.zip',
		]);
	});

	test('news of another store change nothing', () => {
		expect(run(loaded, {...changed([three]), store: '/elsewhere'} as EngineEvent)).toBe(loaded);
	});

	test('stays visible while it is read again', () => {
		expect(run(loaded, {type: 'backups-loading'}).backups.state).toBe('ready');
		expect(run(chosen, {type: 'backups-loading'}).backups.state).toBe('loading');
	});

	test('list and index agree after any changes, in the order of the engine', () => {
		const backup = fc
			.record({
				key: fc.constantFrom('a.zip', 'b.zip', 'c.zip', 'd.zip', 'e.zip'),
				origin: fc.constantFrom('store', 'server'),
				createdAt: fc.integer({min: 0, max: 5}),
				sequence: fc.option(fc.integer({min: 1, max: 4})),
			} as const)
			.map(changes => makeBackup(changes as Partial<BackupSummary>));
		const change = fc.record({upserted: fc.array(backup, {maxLength: 4}), removed: fc.array(backup, {maxLength: 2})});
		fc.assert(
			fc.property(fc.array(change, {maxLength: 12}), changes => {
				let model = chosen;
				const truth = new Map<string, BackupSummary>();
				for (const [index, {upserted, removed}] of changes.entries()) {
					model = reduce(model, changed(upserted, removed, index));
					for (const gone of removed) {
						truth.delete(backupId(gone));
					}

					for (const added of upserted) {
						truth.set(backupId(added), added);
					}
				}

				expect(model.backups.ordered).toEqual(orderBackups([...truth.values()]));
				expect(model.backups.byId).toEqual(truth);
			}),
		);
	});
});

test('the log keeps its newest entries, with ids that never repeat', () => {
	let model = chosen;
	for (let index = 0; index < maximumLogEntries + 20; index++) {
		model = reduce(model, {type: 'log', level: 'info', at: index, text: `line ${index}`});
	}

	expect(model.log).toHaveLength(maximumLogEntries);
	expect(model.log[0]?.text).toBe('line 20');
	expect(new Set(model.log.map(({id}) => id)).size).toBe(maximumLogEntries);
});

test('a toast that was replaced is not taken away by the timer of the old one', () => {
	const model = run(
		chosen,
		{type: 'toast', level: 'info', text: 'first'},
		{type: 'toast', level: 'error', text: 'second'},
		{type: 'toast-gone', id: 1},
	);
	expect(model.toast?.text).toBe('second');
	expect(run(model, {type: 'toast-gone', id: 2}).toast).toBeNull();
});

test('another instance brings nothing of the former one along', () => {
	const full = run(
		chosen,
		{type: 'backups-loaded', backups: [makeBackup()], revision: 1},
		{type: 'parts-loaded', parts: [makePart()]},
		{type: 'status-loaded', status: makeStatus()},
		{type: 'holder-known', holder: {pid: 1, host: 'octopi', job: 'create', since: 0}},
	);
	const same = run(full, {type: 'target-chosen', target: makeTarget(), instance: makeInstance()});
	expect(same.backups.ordered).toHaveLength(1);
	const other = run(full, {
		type: 'target-chosen',
		target: makeTarget({store: '/other'}),
		instance: makeInstance({name: 'other', dataFolder: '/home/pi/.other'}),
	});
	expect(other).toMatchObject({backups: {state: 'idle', ordered: []}, parts: {list: []}, status: null, holder: null});
});

test('parts are measured one by one; one that cannot be does not spoil the others', () => {
	const model = run(
		chosen,
		{type: 'parts-loading'},
		{type: 'parts-loaded', parts: [makePart(), makePart({name: 'timelapse'})]},
		{type: 'part-unmeasured', name: 'timelapse', error: {code: 'io-error', message: 'The disk is dying.', hint: ''}},
		{type: 'part-measured', size: {name: 'uploads', bytes: 5, files: 1, estimatedBytes: 4}},
	);
	expect(model.parts.sizes.get('uploads')?.bytes).toBe(5);
	expect(model.parts.unmeasured.get('timelapse')?.message).toBe('The disk is dying.');
	expect(run(model, {type: 'parts-loading'}).parts).toMatchObject({sizes: new Map(), unmeasured: new Map()});
});

test('an engine that dies twice is gone', () => {
	const error = {code: 'engine-crashed', message: 'It stopped.', hint: 'Try again.'} as const;
	const once = run(chosen, {type: 'engine-restarted', error});
	expect(once.engine.type).toBe('restarted');
	expect(run(once, {type: 'engine-restarted', error}).engine.type).toBe('gone');
});
