/** Who runs at which priority in the built program: the command gives way as a whole, in the dashboard only the helpers do. */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createWorkerClient} from '../../source/client/worker-client.js';
import {lowNiceness} from '../../source/engine/priority.js';
import {createRequest, makeTarget, workerUrl} from '../helpers/engine-client.js';
import {makeInstance} from '../helpers/make-instance.js';
import {cliPath, isolatedEnvironment, runPrintkeep, runProgram} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';

type Thread = {readonly id: number; readonly name: string; readonly niceness: number};

/** The threads of a process, as the kernel lists them. */
const threadsOf = (processId: number | 'self'): readonly Thread[] =>
	readdirSync(`/proc/${processId}/task`).flatMap(id => {
		try {
			const text = readFileSync(`/proc/${processId}/task/${id}/stat`, 'utf8');
			const end = text.lastIndexOf(')');
			return {
				id: Number(id),
				name: text.slice(text.indexOf('(') + 1, end),
				niceness: Number(text.slice(end + 2).split(' ')[16]),
			};
		} catch {
			// It has ended meanwhile.
			return [];
		}
	});

const isLow = ({niceness}: Thread): boolean => niceness === lowNiceness;

/** Slow enough that it is certainly still reading when it is looked at. */
const slowly = 500_000;

test.each([
	[['--jobs', '2'], true],
	[['--jobs', '1'], true],
	[['--jobs', '2', '--no-nice'], false],
])('printkeep backup %j: gives way %s', async (options, isNice) => {
	const root = temporaryDirectory();
	const {dataFolder} = makeInstance(root, {extraBytes: 8_000_000});
	let processId: number | undefined;
	let kill: (signal: NodeJS.Signals) => boolean = () => false;
	let printed = '';
	const ended = runPrintkeep(
		['backup', '--basedir', dataFolder, '--store', join(root, 'store'), '--max-rate', '500kB', '--plain', ...options],
		{
			home: root,
			onStart(child) {
				processId = child.pid;
				kill = child.kill;
			},
			onOutput(text) {
				printed += text;
			},
		},
	);
	await waitFor('the backup to write', () => printed.includes('Writing'));
	const threads = await waitFor('the helpers to have started', () => {
		const found = threadsOf(processId ?? 0);
		return options[1] === '1' || found.filter(isLow).length >= (isNice ? 2 : 0) ? found : undefined;
	});
	expect(threads.find(({id}) => id === processId)).toMatchObject({niceness: isNice ? lowNiceness : 0});
	expect(threads.some(isLow)).toBe(isNice);
	kill('SIGTERM');
	expect((await ended).code).toBe(143);
});

test('a priority that is lower already stays', async () => {
	const root = temporaryDirectory();
	const {dataFolder} = makeInstance(root, {extraBytes: 8_000_000});
	let processId: number | undefined;
	let kill: (signal: NodeJS.Signals) => boolean = () => false;
	let printed = '';
	const command = ['backup', '--basedir', dataFolder, '--store', join(root, 'store'), '--max-rate', '500kB', '--plain'];
	const ended = runProgram('nice', ['-n', '15', process.execPath, cliPath, ...command], {
		env: isolatedEnvironment(root),
		onStart(child) {
			processId = child.pid;
			kill = child.kill;
		},
		onOutput(text) {
			printed += text;
		},
	});
	await waitFor('the backup to write', () => printed.includes('Writing'));
	expect(threadsOf(processId ?? 0).filter(({niceness}) => niceness !== 15)).toEqual([]);
	kill('SIGTERM');
	expect((await ended).code).toBe(143);
});

test('beside a screen only the helpers give way, and are gone with the job', async () => {
	const root = temporaryDirectory();
	const {dataFolder} = makeInstance(root, {extraBytes: 8_000_000});
	const before = threadsOf('self').filter(isLow);
	const client = createWorkerClient(workerUrl, {
		environment: {HOME: root, PATH: process.env.PATH},
		stateFolder: join(root, 'state'),
		helperUrl: new URL('helper.js', workerUrl).href,
	});
	try {
		const {promise: finished, resolve} = Promise.withResolvers<string>();
		client.subscribe(event => {
			if (event.type === 'job-finished') {
				resolve(event.outcome);
			}
		});
		const target = makeTarget(dataFolder, join(root, 'store'));
		const effort = {jobs: 1, maxBytesPerSecond: slowly};
		const {jobId} = await client.request('job.start', createRequest({...target, effort}));
		const low = await waitFor('the helper', () => {
			const found = threadsOf('self').filter(isLow);
			return found.length > before.length ? found : undefined;
		});
		expect(low.length - before.length).toBe(1);
		await client.request('job.cancel', {jobId});
		expect(await finished).toBe('cancelled');
		await waitFor('the helper to be gone', () => threadsOf('self').filter(isLow).length === before.length);
	} finally {
		await client.close();
	}
});
