import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {createInProcessClient} from '../../source/client/in-process.js';
import type {EngineEvent} from '../../source/client/protocol.js';
import {systemClock} from '../../source/clock.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {createRequest, type JobFinished, makeTarget} from '../helpers/engine-client.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';

const day = 24 * 60 * 60 * 1000;

test('an old backup of data that has not changed is not overdue once that was found, and the history says why', async () => {
	const root = temporaryDirectory();
	const dataFolder = join(root, 'octoprint');
	mkdirSync(join(dataFolder, 'uploads'), {recursive: true});
	writeFileSync(join(dataFolder, 'config.yaml'), 'server: {}\n');
	writeFileSync(join(dataFolder, 'uploads', 'benchy.gcode'), 'G28\n');
	// A minute ahead, so that files made just now count as long unchanged.
	let ahead = 60_000;
	const client = createInProcessClient({
		...systemPorts({environment: {HOME: root, PATH: process.env.PATH}, stateFolder: join(root, 'state')}),
		clock: {...systemClock, now: () => systemClock.now() + ahead},
	});
	onTestFinished(client.close);
	const events: EngineEvent[] = [];
	client.subscribe(event => events.push(event));
	const target = {...makeTarget(dataFolder, join(root, 'store')), skipUnchanged: true};
	const backUp = async () => {
		const {jobId} = await client.request('job.start', createRequest(target));
		const {result} = await waitFor('the backup', () =>
			events.find((event): event is JobFinished => event.type === 'job-finished' && event.jobId === jobId),
		);
		return result?.type === 'create' ? result : null;
	};
	const report = async () => client.request('status.report', {target, overdueAfterMilliseconds: 2 * day});

	const first = await backUp();
	expect((await report()).lastJob?.unchanged).toBeUndefined();
	ahead += 5 * day;
	expect(await report()).toMatchObject({overdue: true});
	expect((await backUp())?.unchangedSince).toBe(first?.backup.key);
	const {overdue, ageMilliseconds, lastGood, lastJob, days, total} = await report();
	expect({overdue, total, last: days.at(-1)?.state}).toEqual({overdue: false, total: 1, last: 'ok'});
	expect(ageMilliseconds).toBeLessThan(day);
	expect(lastGood?.key).toBe(first?.backup.key);
	expect(lastJob).toMatchObject({job: 'create', outcome: 'done', key: first?.backup.key, unchanged: true});
});
