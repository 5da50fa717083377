import {execFileSync} from 'node:child_process';
import {mkdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {createInProcessClient} from '../../../source/client/in-process.js';
import type {EngineEvent} from '../../../source/client/protocol.js';
import {systemClock} from '../../../source/clock.js';
import {startThreadPool} from '../../../source/engine/pool/pool.js';
import {systemPorts} from '../../../source/engine/system-ports.js';
import {createRequest} from '../../helpers/engine-client.js';
import {expectSound, finishedJob, setUp} from './scene.js';

/** What a backup takes over from an earlier one; that nothing else slips through is proven with the fault suites. */

test('nothing has changed: all of it is taken over, in a complete archive of its own', async () => {
	const {create} = setUp();
	const first = await create();
	expect(first.reused).toEqual({key: null, files: 0, bytes: 0});
	const second = await create();
	expect(second.reused).toEqual({key: first.backup.key, files: first.files, bytes: first.bytes});
	expect(second.unchangedSince).toBeNull();
	expect(second.files).toBe(first.files);
	rmSync(first.backup.path);
	expectSound(second.backup.path);
	const third = await create();
	expect(third.reused).toMatchObject({key: second.backup.key, files: first.files});
	expectSound(third.backup.path);
});

describe('when nothing at all has changed, and that is wished', () => {
	test('no backup is made, and the earlier one is named', async () => {
		const {create, target, store, data} = setUp();
		const skip = {target: {...target, skipUnchanged: true}};
		const first = await create(skip);
		expect(first.unchangedSince).toBeNull();
		const second = await create(skip);
		expect(second).toMatchObject({unchangedSince: first.backup.key, backup: {key: first.backup.key}});
		expect(execFileSync('ls', ['-A', store]).toString()).not.toMatch(/partial|part$/);
		// A name of one's own is always a backup.
		expect((await create({...skip, name: 'mine.zip'})).unchangedSince).toBeNull();
		// So is anything that differs: an empty folder, a part left out.
		mkdirSync(join(data, 'uploads', 'empty'));
		const third = await create(skip);
		expect(third.unchangedSince).toBeNull();
		expect((await create({...skip, excludes: ['uploads']})).unchangedSince).toBeNull();
		rmSync(join(data, 'uploads', 'folder', '3.gcode'));
		expect((await create(skip)).unchangedSince).toBeNull();
	});
});

test('helper threads take over the same bytes as the engine’s own', async () => {
	const {root, target, time} = setUp();
	const ports = {
		...systemPorts({environment: {HOME: root, PATH: process.env.PATH}, stateFolder: join(root, 'state')}),
		clock: {...systemClock, now: () => systemClock.now() + time.offset},
		startPool: (size: number) => startThreadPool(new URL('../../../dist/helper.js', import.meta.url), size),
	};
	const client = createInProcessClient(ports);
	onTestFinished(client.close);
	const events: EngineEvent[] = [];
	client.subscribe(event => events.push(event));
	const run = async () => {
		const {jobId} = await client.request('job.start', createRequest({...target, effort: {jobs: 2}}));
		const {result} = await finishedJob(events, jobId);
		return result?.type === 'create' ? result : null;
	};
	const first = await run();
	const second = await run();
	expect(second?.reused.files).toBe(first?.files);
	expectSound(second?.backup.path ?? '');
});
