import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {onTestFinished} from 'vitest';
import {createInProcessClient} from '../../../source/client/in-process.js';
import type {EngineEvent} from '../../../source/client/protocol.js';
import {systemClock} from '../../../source/clock.js';
import {openArchive} from '../../../source/engine/archive/reader.js';
import {systemPorts} from '../../../source/engine/system-ports.js';
import {createRequest, type JobFinished, makeTarget} from '../../helpers/engine-client.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {waitFor} from '../../helpers/wait-for.js';

export const minute = 60_000;

export const finishedJob = async (events: readonly EngineEvent[], jobId: string): Promise<JobFinished> =>
	waitFor('the job to end', () =>
		events.find((event): event is JobFinished => event.type === 'job-finished' && event.jobId === jobId),
	);

/** An instance, and an engine whose clock can be set; it begins a minute ahead, so that files made just now count as long unchanged. */
export const setUp = () => {
	const root = temporaryDirectory();
	const data = join(root, 'octoprint');
	mkdirSync(join(data, 'uploads', 'folder'), {recursive: true});
	writeFileSync(join(data, 'config.yaml'), 'server: {}\n');
	for (let number = 0; number < 30; number++) {
		writeFileSync(join(data, 'uploads', 'folder', `${number}.gcode`), `G1 X${number}\n`.repeat(50 + number));
	}

	writeFileSync(join(data, 'uploads', 'large.gcode'), Buffer.alloc(2_500_000, 'G1 X10 Y20 E3\n'));
	mkdirSync(join(data, 'data'));
	const database = new DatabaseSync(join(data, 'data', 'history.db'));
	database.exec('CREATE TABLE prints (name TEXT); INSERT INTO prints VALUES (1), (2)');
	database.close();
	const time = {offset: minute};
	const ports = {
		...systemPorts({environment: {HOME: root, PATH: process.env.PATH}, stateFolder: join(root, 'state')}),
		clock: {...systemClock, now: () => systemClock.now() + time.offset},
	};
	const client = createInProcessClient(ports);
	onTestFinished(client.close);
	const events: EngineEvent[] = [];
	client.subscribe(event => events.push(event));
	const store = join(root, 'store');
	const target = makeTarget(data, store);
	const create = async (options: Parameters<typeof createRequest>[1] = {}) => {
		const {jobId} = await client.request('job.start', createRequest({...target, ...options.target}, options));
		const {result, error} = await finishedJob(events, jobId);
		if (result?.type !== 'create') {
			throw new Error(`${error?.code}: ${error?.message} ${error?.detail ?? ''}`);
		}

		return result;
	};

	return {root, data, store, target, create, events, time, client};
};

/** Every file of an archive with its content. */
export const contentsOf = async (path: string): Promise<Readonly<Record<string, string>>> => {
	const archive = await openArchive(path);
	try {
		const files: Record<string, string> = {};
		for (const {name, type} of archive.entries) {
			if (type === 'file' && name.startsWith('basedir/') && !name.endsWith('.db')) {
				files[name] = (await archive.readMember(name, 10_000_000)).toString('latin1');
			}
		}

		return files;
	} finally {
		archive.close();
	}
};

export const expectSound = (path: string): void => {
	execFileSync('python3', ['-c', 'import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None', path]);
	execFileSync('unzip', ['-tqq', path]);
};
