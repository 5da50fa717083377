import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {stringify} from 'yaml';
import type {InstanceRef, ServerActivity, ServiceSettings} from '../../source/client/protocol.js';
import {systemClock} from '../../source/clock.js';
import {guardFacts, guardServer} from '../../source/engine/restore/guard.js';
import {octoprintAdapter} from '../../source/servers/octoprint/adapter.js';
import {machinePaths} from '../../source/servers/octoprint/machine-paths.js';
import {withMachineSettings} from '../../source/servers/octoprint/machine-settings.js';
import {systemServerPorts} from '../../source/servers/ports.js';
import {runProgram} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {waitFor} from '../helpers/wait-for.js';
import {octoPrintEnvironment} from './helpers/octoprint.js';
import {applicationKey, type RunningOctoPrint, startOctoPrint} from './helpers/running-octoprint.js';

/** Whether a print is running, asked of the real OctoPrint with its virtual printer. */

let environment: string;
let root: string;
let octoPrint: RunningOctoPrint;
let instance: InstanceRef;
const ports = {server: systemServerPorts(process.env), clock: systemClock};

const ask = async (settings?: ServiceSettings): Promise<ServerActivity> =>
	octoprintAdapter.activity(ports.server, instance, settings);

const keyFile = (name: string, key: string, mode = 0o600): string => {
	const file = join(root, name);
	writeFileSync(file, `${key}\n`, {mode});
	return file;
};

beforeAll(async () => {
	environment = await octoPrintEnvironment();
	root = makeTemporaryDirectory();
	octoPrint = await startOctoPrint(environment, root);
	instance = {name: 'octoprint', kind: 'octoprint', dataFolder: octoPrint.dataFolder};
	await octoPrint.whenState(/^Operational$/u);
});

afterAll(async () => {
	process.kill(octoPrint.pid(), 'SIGKILL');
	await waitFor(
		'OctoPrint to be gone',
		async () => (await octoprintAdapter.isRunning(ports.server, instance)) === false,
	);
	removeDirectory(root);
});

describe('the real OctoPrint', () => {
	test('idle: it is asked at its own port, with its own key or an application key', async () => {
		expect(await ask()).toEqual({state: 'idle', detail: ''});
		expect(await ask({keyFile: keyFile('key', applicationKey)})).toEqual({state: 'idle', detail: ''});
		expect(await ask({url: `http://localhost:${octoPrint.port}`})).toEqual({state: 'idle', detail: ''});
		const {activity} = await guardServer({ports}, {adapter: octoprintAdapter, instance, service: undefined});
		expect(activity.state).toBe('idle');
	});

	test('a wrong key, and a key others can read, are no answer', async () => {
		expect(await ask({keyFile: keyFile('wrong', 'A'.repeat(32))})).toMatchObject({
			state: 'unknown',
			detail: 'OctoPrint is running and could not be asked: it refuses the key.',
		});
		expect((await ask({keyFile: keyFile('open', applicationKey, 0o644)})).state).toBe('unknown');
	});

	test('no printer connected: idle', async () => {
		expect((await octoPrint.api('connection', {command: 'disconnect'})).status).toBe(204);
		await octoPrint.whenState(/^Offline$/u);
		expect(await ask()).toEqual({state: 'idle', detail: ''});
		await octoPrint.api('connection', {command: 'connect', port: 'VIRTUAL'});
		await octoPrint.whenState(/^Operational$/u);
	});

	test('printing and paused: refused with the name of the file, cancelled: allowed', async () => {
		expect((await octoPrint.api('files/local/benchy.gcode', {command: 'select', print: true})).status).toBe(204);
		await octoPrint.whenState(/^Printing$/u);
		expect(await ask()).toMatchObject({
			state: 'printing',
			detail: expect.stringMatching(/^benchy\.gcode, \d{1,2} %$/u),
		});
		const guarded = {adapter: octoprintAdapter, instance, service: undefined};
		await expect(guardServer({ports}, guarded)).rejects.toMatchObject({
			code: 'printing',
			message: expect.stringMatching(/^A print is running \(benchy\.gcode, \d{1,2} %\): restore is blocked\.$/u),
		});
		expect((await guardFacts({ports}, guarded)).activityRefusal).toContain('benchy.gcode');

		await octoPrint.api('job', {command: 'pause', action: 'pause'});
		await octoPrint.whenState(/^Paused$/u);
		await expect(guardServer({ports}, guarded)).rejects.toMatchObject({
			code: 'printing',
			message: expect.stringMatching(/^A print is paused \(benchy\.gcode/u),
		});
		const overridden = await guardServer({ports}, {...guarded, evenIfPrinting: true, stopServer: false});
		expect(overridden.activity.state).toBe('paused');

		await octoPrint.api('job', {command: 'cancel'});
		await octoPrint.whenState(/^Operational$/u);
		expect((await ask()).state).toBe('idle');
	});

	test('is stopped and started by commands, and stopped counts as idle', async () => {
		const before = octoPrint.pid();
		const service = {stopCommand: `/bin/kill ${before}`, startCommand: octoPrint.startCommand};
		const {stop, start} = await guardServer({ports}, {adapter: octoprintAdapter, instance, service});
		await stop();
		expect(await ask()).toEqual({state: 'stopped', detail: ''});
		await start();
		expect(octoPrint.pid()).not.toBe(before);
		// While it starts it cannot be asked, which is no proof that it does not print.
		await octoPrint.whenState(/^Operational$/u);
		expect((await ask()).state).toBe('idle');
	});
});

test('what keeps the settings of a machine is read by Python as it is meant', async () => {
	const scalar = fc.oneof(
		fc.string({unit: 'grapheme-ascii', maxLength: 10}),
		fc.constantFrom('yes', 'on', 'null', '1:30', '0o17', '1e3', '2020-01-01', 'ümläut', ''),
		fc.integer({min: -1_000_000, max: 1_000_000}),
		fc.boolean(),
	);
	const raw = [
		'1:30',
		'01:30',
		'1e3',
		'0o17',
		'017',
		'1_000',
		'2020-01-01',
		'yes',
		'~',
		'1.10',
		'.5',
		'0x1F',
		'+1',
		'y',
		'12345678901234567890',
	];
	const settings = fc.array(fc.tuple(fc.constantFrom(...machinePaths.map(({path}) => path)), scalar), {maxLength: 6});
	const nested = (entries: ReadonlyArray<readonly [readonly string[], unknown]>): Record<string, unknown> => {
		const rootNode: Record<string, unknown> = {};
		for (const [path, value] of entries) {
			let node = rootNode;
			for (const key of path.slice(0, -1)) {
				node[key] ??= {};
				node = node[key] as Record<string, unknown>;
			}

			node[path.at(-1) ?? ''] = value;
		}

		return rootNode;
	};

	const groups = [...new Set(machinePaths.map(({group}) => group))];
	const cases = fc.sample(fc.tuple(settings, settings), {numRuns: 150, seed: 11}).map(([here, there]) => {
		const present = `${stringify(nested(here), {version: '1.1'})}\n`;
		const plain = raw.map((text, index) => `  v${index}: ${text}`).join('\n');
		const backup = `# a comment\nother:\n  empty:\n${plain}\n${stringify({...nested(there), zz: 1}, {version: '1.1'})}`;
		return {present, backup, result: withMachineSettings(present, backup, groups)};
	});
	expect(cases.filter(({backup, result}) => backup !== result).length).toBeGreaterThan(100);
	const script = `
import json, sys, yaml
paths = json.loads(sys.argv[1])
missing = object()
def get(node, path):
    for key in path:
        if not isinstance(node, dict) or key not in node: return missing
        node = node[key]
    return node
for case in json.load(sys.stdin):
    present, backup, result = (yaml.safe_load(case[name]) or {} for name in ('present', 'backup', 'result'))
    for path in paths:
        value, node = get(present, path), backup
        for key in path[:-1]:
            if value is not missing and node.get(key) is None: node[key] = {}
            node = {} if node.get(key) is None else node[key]
        if value is missing: node.pop(path[-1], None)
        else: node[path[-1]] = value
    assert backup == result, (backup, result)
print('fine')
`;
	const {stdout, stderr} = await runProgram(
		join(environment, 'bin/python'),
		['-c', script, JSON.stringify(machinePaths.map(({path}) => path))],
		{env: process.env, input: JSON.stringify(cases)},
	);
	expect(stderr).toBe('');
	expect(stdout).toBe('fine\n');
});
