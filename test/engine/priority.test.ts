import {execFileSync} from 'node:child_process';
import {readFileSync, readlinkSync} from 'node:fs';
import {getPriority} from 'node:os';
import {basename, join} from 'node:path';
import {expect, test} from 'vitest';
import {createInProcessClient} from '../../source/client/in-process.js';
import type {Target} from '../../source/client/protocol.js';
import {startThreadPool} from '../../source/engine/pool/pool.js';
import {lowNiceness, yieldDisk} from '../../source/engine/priority.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {systemServerPorts} from '../../source/servers/ports.js';
import {createRequest, makeTarget} from '../helpers/engine-client.js';
import {bundleHelper} from '../helpers/helper-threads.js';
import {makeInstance} from '../helpers/make-instance.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** Niceness of a thread of this process, as the kernel says. */
const nicenessOf = (thread: number): number => {
	const text = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
	return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16]);
};

const diskClassOf = (thread: number): string =>
	execFileSync('ionice', ['-p', String(thread)], {encoding: 'utf8'}).trim();

test('helper threads get a low priority for processor and disk, and nobody else does', async () => {
	const before = getPriority();
	const {promise, resolve} = Promise.withResolvers<readonly number[]>();
	const pool = startThreadPool(await bundleHelper(temporaryDirectory()), 2, {isNice: true, onThreads: resolve});
	try {
		const threads = await promise;
		expect(new Set(threads).size).toBe(2);
		expect(threads.map(nicenessOf)).toEqual([lowNiceness, lowNiceness]);
		await yieldDisk(systemServerPorts(process.env), threads);
		expect(threads.map(diskClassOf)).toEqual(['idle', 'idle']);
		const own = Number(basename(readlinkSync('/proc/thread-self')));
		expect(nicenessOf(own)).toBe(before);
		expect(diskClassOf(own)).not.toBe('idle');
	} finally {
		await pool.close();
	}
});

test('helper threads of another job keep the usual priority', async () => {
	let isTold = false;
	const pool = startThreadPool(await bundleHelper(temporaryDirectory()), 1, {
		onThreads() {
			isTold = true;
		},
	});
	await pool.run('pack-files', {files: [], part: '', level: 5, maximumBytes: 1, settledBefore: null});
	await pool.close();
	expect(isTold).toBe(false);
});

test('a program that is missing or refuses does not matter', async () => {
	await yieldDisk({run: async () => null}, [1]);
});

test('a backup has the size of its profile, and reads no faster than told', async () => {
	const root = temporaryDirectory();
	const {dataFolder} = makeInstance(root, {extraBytes: 3_000_000});
	const helper = await bundleHelper(root);
	const back = async (name: string, effort: NonNullable<Target['effort']>) => {
		const client = createInProcessClient(
			systemPorts({environment: {HOME: root}, stateFolder: join(root, 'state'), helperUrl: helper.href}),
		);
		try {
			const {promise, resolve, reject} = Promise.withResolvers<{milliseconds: number; stored: number; read: number}>();
			client.subscribe(event => {
				if (event.type === 'job-finished') {
					const {error, result, durationMilliseconds: milliseconds} = event;
					if (result?.type === 'create') {
						resolve({milliseconds, stored: result.storedBytes, read: result.bytes});
					} else {
						reject(new Error(error?.message));
					}
				}
			});
			const path = join(root, name);
			const target = {...makeTarget(dataFolder, join(root, 'store')), effort};
			await client.request('job.start', createRequest(target, {path}));
			return await promise;
		} finally {
			await client.close();
		}
	};

	const free = await back('free.zip', {jobs: 2, nice: false});
	const small = await back('small.zip', {jobs: 1, nice: false, profile: 'small'});
	const fast = await back('fast.zip', {jobs: 1, nice: false, profile: 'fast'});
	expect(small.stored).toBeLessThan(free.stored);
	expect(fast.stored).toBeGreaterThan(free.stored);

	const bytesPerSecond = 1_500_000;
	const slow = await back('slow.zip', {jobs: 2, maxMemoryBytes: 40_000_000, maxBytesPerSecond: bytesPerSecond});
	expect(slow.read).toBe(free.read);
	// Names and times differ within them.
	expect(Math.abs(slow.stored - free.stored)).toBeLessThan(1000);
	// The last piece is let go when everything before it has had its time.
	expect(slow.milliseconds).toBeGreaterThan(((slow.read - 1024 * 1024) / bytesPerSecond) * 1000);
});
