import {chmodSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {InstanceRef, ServerActivity, ServiceSettings} from '../../../source/client/protocol.js';
import {request} from '../../../source/servers/http.js';
import {activity} from '../../../source/servers/octoprint/activity.js';
import {type FakeServer, fakeServer} from '../../helpers/fake-server.js';
import {addProcess, makeServerPorts, putFile} from '../../helpers/server-ports.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const idleFlags = {
	operational: true,
	printing: false,
	cancelling: false,
	pausing: false,
	resuming: false,
	finishing: false,
	closedOrError: false,
	error: false,
	paused: false,
	ready: true,
	sdReady: false,
};

type State = {readonly text: string; readonly flags: Partial<typeof idleFlags> | null};

/** OctoPrint's API as far as it is asked. `null` flags: no printer is connected. */
const octoPrint = async (
	{text, flags}: State,
	{key = null, host}: {readonly key?: string | null; readonly host?: string} = {},
): Promise<FakeServer> => {
	const server: FakeServer = await fakeServer(path => {
		if (key !== null && server.asked.at(-1)?.headers['x-api-key'] !== key) {
			return {status: 403, body: {error: 'You don’t have the permission'}};
		}

		switch (path) {
			case '/api/printer': {
				return flags === null
					? {status: 409, body: {error: 'Printer is not operational'}}
					: {body: {state: {text, error: '', flags: {...idleFlags, ...flags}}}};
			}

			case '/api/job': {
				return {
					body: {
						job: {file: {name: 'benchy.gcode', display: 'benchy.gcode', origin: 'local'}, user: null},
						progress: {completion: 43.7, filepos: 1, printTime: 3},
						state: text,
					},
				};
			}

			default: {
				return {status: 404, body: 'no'};
			}
		}
	}, host);
	return server;
};

type Machine = {
	readonly instance: InstanceRef;
	readonly root: string;
	readonly ask: (settings?: ServiceSettings) => Promise<ServerActivity>;
};

/** A machine with one instance and, unless there is to be none, a process of its server. */
const machine = (
	line: readonly string[] | null,
	{configuration = '{}', processFolder}: {readonly configuration?: string; readonly processFolder?: string} = {},
): Machine => {
	const root = temporaryDirectory();
	const dataFolder = join(root, '.octoprint');
	putFile(join(dataFolder, 'config.yaml'), configuration);
	mkdirSync(join(root, 'proc'));
	if (line !== null) {
		addProcess(root, 812, {line: ['/o/bin/python', '/o/bin/octoprint', 'serve', '--basedir', dataFolder, ...line]});
	}

	const instance: InstanceRef = {name: 'octoprint', kind: 'octoprint', dataFolder};
	const ports = makeServerPorts(root, {request, ...(processFolder === undefined ? {} : {processFolder})});
	return {instance, root, ask: async settings => activity(ports, instance, settings)};
};

const running = (server: FakeServer, options = {}): Machine => machine(['--port', String(server.port)], options);

describe('what OctoPrint says', () => {
	const cases: ReadonlyArray<readonly [State, ServerActivity['state']]> = [
		[{text: 'Operational', flags: {}}, 'idle'],
		[{text: 'Offline', flags: null}, 'idle'],
		[{text: 'Offline after error', flags: null}, 'idle'],
		[{text: 'Error: MAXTEMP triggered', flags: null}, 'idle'],
		[{text: 'Closed', flags: null}, 'idle'],
		[{text: 'Printing', flags: {printing: true, ready: false}}, 'printing'],
		[{text: 'Printing from SD', flags: {printing: true, ready: false}}, 'printing'],
		[{text: 'Cancelling', flags: {cancelling: true, ready: false}}, 'printing'],
		[{text: 'Finishing', flags: {finishing: true, ready: false}}, 'printing'],
		[{text: 'Resuming', flags: {resuming: true, ready: false}}, 'printing'],
		[{text: 'Paused', flags: {paused: true, ready: false}}, 'paused'],
		[{text: 'Pausing', flags: {pausing: true, ready: false}}, 'paused'],
		[{text: 'Transferring file to SD', flags: {ready: false}}, 'printing'],
		// Words and flags that do not agree: the more careful of the two counts.
		[{text: 'Operational', flags: {printing: true}}, 'printing'],
		[{text: 'Operational', flags: {ready: false}}, 'printing'],
		[{text: 'Printing', flags: {}}, 'printing'],
		[{text: 'Paused', flags: null}, 'paused'],
		[{text: 'Starting print from SD', flags: null}, 'printing'],
		// Not known, and so no proof.
		[{text: 'Connecting', flags: null}, 'unknown'],
		[{text: 'Detecting serial connection', flags: null}, 'unknown'],
		[{text: 'Impression en cours', flags: {}}, 'unknown'],
		[{text: '', flags: {}}, 'unknown'],
	];
	test.each(cases)('%j is %s', async (state, expected) => {
		const found = await running(await octoPrint(state)).ask();
		expect(found.state).toBe(expected);
		expect(found.detail).toBe(
			expected === 'idle'
				? ''
				: expected === 'unknown'
					? `OctoPrint is running and says of its printer only "${state.text}".`
					: 'benchy.gcode, 43 %',
		);
	});

	test('older versions without some of the flags are understood', async () => {
		const server = await fakeServer(path =>
			path === '/api/printer'
				? {body: {state: {text: 'x', flags: {operational: true, printing: false, paused: false, ready: true}}}}
				: {body: {job: {file: {name: null}}, progress: {completion: null}, state: 'Operational'}},
		);
		expect(await running(server).ask()).toEqual({state: 'idle', detail: ''});
	});
});

describe('whether it runs', () => {
	test('no process on the data folder is a stopped server, whatever answers elsewhere', async () => {
		const server = await octoPrint({text: 'Printing', flags: {printing: true}});
		expect(await machine(null).ask({url: server.url})).toEqual({state: 'stopped', detail: ''});
		expect(server.asked).toEqual([]);
	});

	test('where processes cannot be seen, nothing is known', async () => {
		const found = await machine(null, {processFolder: '/nowhere'}).ask();
		expect(found).toMatchObject({state: 'unknown'});
		expect(found.detail).toContain('could not be found out');
	});

	test('a server that does not tell which folder it uses may be the one', async () => {
		// Of a user without a home in the list of users, whose environment may not be read.
		const hidden = machine(null);
		addProcess(hidden.root, 813, {line: ['/o/bin/python', '/o/bin/octoprint', 'serve']});
		expect(await hidden.ask()).toMatchObject({state: 'unknown', detail: expect.stringContaining('could not be found')});
		// In a container that may not be looked into.
		const contained = machine(null);
		const line = ['/o/bin/python', '/o/bin/octoprint', 'serve', '--basedir', '/octoprint/octoprint'];
		addProcess(contained.root, 813, {line, rootFolder: join(contained.root, 'missing')});
		expect((await contained.ask()).state).toBe('stopped');
		writeFileSync(join(contained.root, 'proc/813/cgroup'), `0::/system.slice/docker-${'0a'.repeat(32)}.scope\n`);
		expect((await contained.ask()).state).toBe('unknown');
	});

	test('of two servers on one folder, the busier counts', async () => {
		const idle = await octoPrint({text: 'Operational', flags: {}});
		const busy = await octoPrint({text: 'Printing', flags: {printing: true}});
		const {root, instance, ask} = running(idle);
		addProcess(root, 900, {
			line: ['/o/bin/octoprint', '-b', instance.dataFolder, 'serve', `--port=${busy.port}`],
		});
		expect((await ask()).state).toBe('printing');
	});
});

describe('where it is asked', () => {
	const state: State = {text: 'Operational', flags: {}};

	test('at the port of its command line, before that of its configuration', async () => {
		const server = await octoPrint(state);
		expect((await running(server, {configuration: 'server: {port: 1}'}).ask()).state).toBe('idle');
		expect((await machine([], {configuration: `server: {port: ${server.port}}`}).ask()).state).toBe('idle');
		const elsewhere = await running(server).ask({url: 'http://127.0.0.1:1'});
		expect(elsewhere.detail).toContain('nothing answers at http://127.0.0.1:1/');
	});

	test('over IPv6 where it listens only there', async () => {
		const server = await octoPrint(state, {host: '::1'});
		expect((await running(server).ask()).state).toBe('idle');
	});

	test('at an address a person has set, also below a folder', async () => {
		const server = await fakeServer(path =>
			path.startsWith('/prefix/api/')
				? {
						body: {
							state: {flags: {...idleFlags, paused: true}},
							job: {file: {display: 'a'}},
							progress: null,
						} satisfies object,
					}
				: {status: 404},
		);
		// One answer stands for both questions, and lacks the state in words.
		expect((await running(server).ask({url: `${server.url}/prefix`})).detail).toContain('is not OctoPrint');
		expect(server.asked.map(({url}) => url.split('?')[0])).toEqual(['/prefix/api/printer', '/prefix/api/job']);
	});

	test('nowhere, when it has a network of its own or listens on other addresses only', async () => {
		const {root, ask} = machine(['--host', '192.0.2.7', '--port', '5000']);
		expect((await ask()).detail).toContain('listens on the address 192.0.2.7 only');
		mkdirSync(join(root, 'proc/812/ns'));
		mkdirSync(join(root, 'proc/self/ns'), {recursive: true});
		symlinkSync('net:[1]', join(root, 'proc/812/ns/net'));
		symlinkSync('net:[2]', join(root, 'proc/self/ns/net'));
		const found = await ask();
		expect(found.detail).toContain('a network of its own');
		expect(found.advice).toContain('server-url');
	});

	test('nowhere, when the address is none', async () => {
		const {ask} = machine([]);
		for (const url of ['ftp://127.0.0.1', 'nonsense', 'http://user:word@127.0.0.1', 'javascript:1']) {
			expect(await ask({url})).toMatchObject({state: 'unknown', advice: expect.stringContaining('server-url')});
		}
	});
});

describe('the key', () => {
	const state: State = {text: 'Operational', flags: {}};
	const keyFile = (root: string, content = 'SECRETKEY\n', mode = 0o600): string => {
		const file = join(root, 'key');
		writeFileSync(file, content);
		chmodSync(file, mode);
		return file;
	};

	test('comes from the private file that is set, else from the configuration', async () => {
		const server = await octoPrint(state, {key: 'SECRETKEY'});
		const {root, ask} = running(server, {configuration: 'api: {key: OTHER}'});
		expect((await ask({keyFile: keyFile(root)})).state).toBe('idle');
		expect((await ask()).state).toBe('unknown');
		expect((await running(server, {configuration: 'api: {key: SECRETKEY}'}).ask()).state).toBe('idle');
	});

	test('what is missing or refused is said, with how to make one, and without the key', async () => {
		const server = await octoPrint(state, {key: 'RIGHT'});
		const {root, ask} = running(server);
		const without = await ask();
		expect(without).toMatchObject({
			state: 'unknown',
			detail: 'OctoPrint is running and could not be asked: it wants a key.',
			advice: expect.stringContaining('api-key-file'),
		});
		const wrong = await ask({keyFile: keyFile(root)});
		expect(wrong.detail).toBe('OctoPrint is running and could not be asked: it refuses the key.');
		expect(JSON.stringify(wrong)).not.toContain('SECRETKEY');
	});

	test('is not read from a file that others can read, nor from what is no file of a key', async () => {
		const server = await octoPrint(state, {key: 'SECRETKEY'});
		const {root, ask} = running(server);
		for (const mode of [0o640, 0o604, 0o660, 0o606]) {
			const found = await ask({keyFile: keyFile(root, 'SECRETKEY', mode)});
			expect(found).toMatchObject({state: 'unknown', advice: expect.stringContaining('chmod 600')});
			expect(found.detail).toContain('can be read by others');
		}

		for (const content of ['', 'two words', 'a\nb', 'x'.repeat(5000), 'nül']) {
			const found = await ask({keyFile: keyFile(root, content)});
			expect(found.state).toBe('unknown');
			expect(found.detail).not.toContain('two words');
		}

		expect((await ask({keyFile: root})).detail).toContain('no file of a key');
		expect((await ask({keyFile: join(root, 'missing')})).detail).toContain('does not exist');
		expect(server.asked).toEqual([]);
	});

	test('is sent to nobody but the server itself', async () => {
		const thief = await fakeServer(() => ({body: {}}));
		const server = await fakeServer(() => ({status: 301, headers: {Location: `${thief.url}/api/printer`}}));
		const {root, ask} = running(server);
		const found = await ask({keyFile: keyFile(root)});
		expect(found).toMatchObject({state: 'unknown', advice: expect.stringContaining('server-url')});
		expect(found.detail).toContain(`sends on to ${thief.url}/api/printer`);
		expect(thief.asked).toEqual([]);
	});
});

describe('what is not OctoPrint', () => {
	const answers: Readonly<Record<string, Parameters<typeof fakeServer>[0]>> = {
		'a page': () => ({body: '<html>hello</html>'}),
		'another program with JSON': () => ({body: {status: 'ok'}}),
		'numbers for words': () => ({body: {state: 1, job: 2, progress: 3}}),
		'a list': () => ({body: []}),
		nothing: () => ({body: ''}),
		'404': () => ({status: 404, body: 'not found'}),
		'an answer without end': (_path, response) => {
			response.writeHead(200);
			response.write('x'.repeat(200_000));
			return undefined;
		},
		'an error': () => ({status: 503, body: 'starting'}),
		'409 for everything': () => ({status: 409, body: {error: 'no'}}),
		'a cut connection': (_path, response) => {
			response.destroy();
			return undefined;
		},
		'no HTTP': (_path, response) => {
			response.socket?.end('SSH-2.0-OpenSSH\r\n');
			return undefined;
		},
		'a job that is no object': path =>
			path === '/api/job' ? {body: 'null'} : {body: {state: {text: 'Operational', flags: idleFlags}}},
		'no flags': path =>
			path === '/api/job' ? {body: {job: {}, progress: {}, state: 'Operational'}} : {body: {state: {}}},
	};
	test.each(Object.keys(answers))('%s counts as unknown', async name => {
		const server = await fakeServer(answers[name] ?? (() => undefined));
		const found = await running(server).ask();
		expect(found.state).toBe('unknown');
		expect(found.detail).toMatch(/^OctoPrint is running and could not be asked: .+\.$/u);
		expect(found.advice).not.toBe('');
	});

	test('one that stays silent is given up after three seconds', async () => {
		const server = await fakeServer(() => undefined);
		const start = performance.now();
		expect((await running(server).ask()).detail).toContain('has not answered within 3 seconds');
		expect(performance.now() - start).toBeLessThan(4500);
	});
});
