/** A backup that may only read so fast keeps to it in everything it reads: files, what it takes over, and the new archive. */
import {randomBytes} from 'node:crypto';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {createInProcessClient} from '../../source/client/in-process.js';
import type {Effort, JobPhase, JobResult} from '../../source/client/protocol.js';
import {systemClock} from '../../source/clock.js';
import {openArchive} from '../../source/engine/archive/reader.js';
import {verifyArchive} from '../../source/engine/archive/verify.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {createRequest, makeTarget} from '../helpers/engine-client.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

const mebibyte = 1024 * 1024;

/** An instance of two mebibytes that do not shrink, one in a large file and one in small ones; and backups with the milliseconds of each phase. */
const setUp = () => {
	const root = temporaryDirectory();
	const data = join(root, 'octoprint');
	mkdirSync(join(data, 'uploads'), {recursive: true});
	writeFileSync(join(data, 'config.yaml'), 'server: {}\n');
	writeFileSync(join(data, 'uploads', 'large.bin'), randomBytes(mebibyte + 1));
	for (let number = 0; number < 8; number++) {
		writeFileSync(join(data, 'uploads', `${number}.bin`), randomBytes(mebibyte / 8));
	}

	// A minute ahead, so that files made just now count as long unchanged.
	const client = createInProcessClient({
		...systemPorts({environment: {HOME: root, PATH: process.env.PATH}, stateFolder: join(root, 'state')}),
		clock: {...systemClock, now: () => systemClock.now() + 60_000},
	});
	onTestFinished(client.close);
	const create = async (effort: Effort) => {
		const {promise, resolve, reject} = Promise.withResolvers<Extract<JobResult, {type: 'create'}>>();
		const phases: Partial<Record<JobPhase, number>> = {};
		let phase: JobPhase = 'waiting';
		let since = systemClock.monotonic();
		const unsubscribe = client.subscribe(event => {
			if (event.type === 'phase' || event.type === 'job-finished') {
				const now = systemClock.monotonic();
				phases[phase] = (phases[phase] ?? 0) + now - since;
				since = now;
			}

			if (event.type === 'phase') {
				({phase} = event);
			} else if (event.type === 'job-finished') {
				if (event.result?.type === 'create') {
					resolve(event.result);
				} else {
					reject(new Error(event.error?.message));
				}
			}
		});
		await client.request('job.start', createRequest({...makeTarget(data, join(root, 'store')), effort}));
		const result = await promise;
		unsubscribe();
		return {result, writing: phases.writing ?? 0, verifying: phases.verifying ?? 0};
	};

	return {create};
};

/** Two mebibytes take a second; what is paid for last is let go at once, and is no more than one of them. */
const maxBytesPerSecond = 2 * mebibyte;

test('files are read no faster than told, and so is the new archive', async () => {
	const {create} = setUp();
	const {writing, verifying} = await create({maxBytesPerSecond});
	expect(writing).toBeGreaterThan(490);
	expect(verifying).toBeGreaterThan(490);
});

test('what is taken over from an earlier backup is read no faster', async () => {
	const {create} = setUp();
	const first = await create({});
	const {result, writing, verifying} = await create({maxBytesPerSecond});
	expect(result.reused).toMatchObject({key: first.result.backup.key, files: first.result.files});
	expect(writing).toBeGreaterThan(490);
	expect(verifying).toBeGreaterThan(490);
});

test('whoever verifies is told every byte of the archive once', async () => {
	const {create} = setUp();
	const {result} = await create({});
	const archive = await openArchive(result.backup.path);
	let bytes = 0;
	try {
		await verifyArchive(archive, {
			signal: new AbortController().signal,
			breathe: async () => undefined,
			onRead(more) {
				bytes += more;
			},
		});
	} finally {
		archive.close();
	}

	// Everything but the end record with its comment.
	expect(bytes).toBeLessThan(result.storedBytes);
	expect(bytes).toBeGreaterThan(result.storedBytes - 2000);
});
