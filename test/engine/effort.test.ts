import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {Effort, JobRequest} from '../../source/client/protocol.js';
import {prepareEffort, threadsFor} from '../../source/engine/effort.js';
import {inlinePool, type PoolOptions} from '../../source/engine/pool/pool.js';
import type {EnginePorts} from '../../source/engine/ports.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {request} from '../../source/servers/http.js';
import {createRequest, makeTarget} from '../helpers/engine-client.js';
import {type FakeServer, fakeServer} from '../helpers/fake-server.js';
import {addProcess, makeServerPorts, putFile} from '../helpers/server-ports.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

test.each([
	[{}, 1, 0, 1],
	[{}, 4, 0, 4],
	[{}, 16, 0, 4],
	[{}, 4, 1, 3],
	[{}, 16, 1, 4],
	[{jobs: 7}, 2, 0, 7],
	[{maxMemoryBytes: 16_000_000}, 4, 0, 1],
	[{maxMemoryBytes: 32_000_000}, 4, 0, 2],
	[{maxMemoryBytes: 60_000_000}, 4, 0, 3],
	[{maxMemoryBytes: 64_000_000}, 4, 0, 4],
	[{jobs: 8, maxMemoryBytes: 64_000_000}, 4, 0, 4],
])('%j on %i cores, %i of them left to others: %i threads', (effort, cores, spare, expected) => {
	expect(threadsFor(effort, cores, spare)).toBe(expected);
});

/** A print server that says what it does, and a job that is prepared beside it. */
const machine = async (state: 'Printing' | 'Paused' | 'Operational' | 'silent' | null) => {
	const root = temporaryDirectory();
	const dataFolder = join(root, '.octoprint');
	putFile(join(dataFolder, 'config.yaml'), '{}');
	mkdirSync(join(root, 'proc'));
	const server: FakeServer = await fakeServer(path =>
		state === 'silent'
			? {status: 403}
			: path === '/api/printer'
				? {
						body: {
							state: {
								text: state,
								flags: {
									operational: true,
									printing: state === 'Printing',
									paused: state === 'Paused',
									ready: state === 'Operational',
								},
							},
						},
					}
				: {body: {job: {file: {name: 'benchy.gcode'}}, progress: {completion: 1}, state}},
	);
	if (state !== null) {
		addProcess(root, 812, {
			line: ['/o/bin/python', '/o/bin/octoprint', 'serve', '--basedir', dataFolder, '--port', String(server.port)],
		});
	}

	const timeouts: number[] = [];
	const started: {size: number; options: PoolOptions | undefined}[] = [];
	const programs: string[] = [];
	const log: string[] = [];
	const prepare = async (effort: Effort, job: JobRequest['type'] = 'create', lowerOwnThread?: () => number | null) => {
		const ports: EnginePorts = {
			...systemPorts({environment: {}, stateFolder: root}),
			server: makeServerPorts(root, {
				async request(url, options) {
					timeouts.push(options.timeoutMilliseconds);
					return request(url, options);
				},
				async run(file, args) {
					programs.push([file, ...args].join(' '));
					return '';
				},
			}),
			startPool(size, options) {
				started.push({size, options});
				return inlinePool;
			},
			lowerOwnThread,
		};
		const target = {...makeTarget(dataFolder, join(root, 'store')), effort};
		const create = createRequest(target);
		const {pool} = await prepareEffort(
			ports,
			job === 'create' ? create : {type: 'verify', target, sources: 'all'},
			{log: (_level, text) => void log.push(text)},
			new AbortController().signal,
			4,
		);
		pool();
		return started.at(-1);
	};

	return {prepare, server, timeouts, started, programs, log};
};

test.each(['Printing', 'Paused'] as const)(
	'while the server says %s, a backup leaves it a core and says so once',
	async state => {
		const {prepare, log, timeouts} = await machine(state);
		expect(await prepare({})).toMatchObject({size: 3, options: {isNice: true}});
		expect(log).toEqual(['A print is running: the backup leaves one core to it.']);
		// A server that hangs must not keep the backup waiting.
		expect(Math.max(...timeouts)).toBeLessThanOrEqual(1000);
	},
);

test.each(['Operational', 'silent', null] as const)('a server that is %s costs a backup nothing', async state => {
	const {prepare, log} = await machine(state);
	expect(await prepare({})).toMatchObject({size: 4, options: {isNice: true}});
	expect(log).toEqual([]);
});

test('the server is not asked when it makes no difference', async () => {
	const {prepare, server} = await machine('Printing');
	expect(await prepare({jobs: 4})).toMatchObject({size: 4, options: {isNice: true}});
	expect(await prepare({nice: false})).toMatchObject({size: 4, options: {isNice: false}});
	expect(await prepare({}, 'verify')).toMatchObject({size: 4, options: {isNice: false}});
	expect(server.asked).toEqual([]);
});

test('with one thread a helper takes the work only where the own thread cannot give way', async () => {
	const {prepare, started} = await machine(null);
	await prepare({jobs: 1, nice: false});
	await prepare({jobs: 1}, 'verify');
	await prepare({jobs: 1}, 'create', () => 4711);
	expect(started).toEqual([]);
	expect(await prepare({jobs: 1})).toMatchObject({size: 1, options: {isNice: true}});
	expect(await prepare({jobs: 1}, 'create', () => null)).toMatchObject({size: 1, options: {isNice: true}});
});

test('the own thread gives way only for a backup that is to, and its disk with it', async () => {
	const {prepare, programs} = await machine(null);
	let lowered = 0;
	const lower = (): number => {
		lowered++;
		return 4711;
	};
	await prepare({nice: false}, 'create', lower);
	await prepare({}, 'verify', lower);
	expect(lowered).toBe(0);
	const pool = await prepare({}, 'create', lower);
	expect(lowered).toBe(1);
	pool?.options?.onThreads?.([1, 2]);
	expect(programs).toEqual(['ionice -c 3 -p 4711', 'ionice -c 3 -p 1 2']);
});
