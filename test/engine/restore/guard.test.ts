import {join} from 'node:path';
import * as v from 'valibot';
import {describe, expect, test} from 'vitest';
import type {InstanceRef, ServiceSettings} from '../../../source/client/protocol.js';
import {type Clock, systemClock} from '../../../source/clock.js';
import {
	guardFacts,
	guardServer,
	refusalOf,
	serviceRecordSchema,
	startFromRecord,
} from '../../../source/engine/restore/guard.js';
import {octoprintAdapter} from '../../../source/servers/octoprint/adapter.js';
import {type FakeMachine, fakeMachine} from '../../helpers/fake-machine.js';
import {asOrdinaryUser} from '../../helpers/ordinary-user.js';
import {makeServerPorts, putFile} from '../../helpers/server-ports.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {waitFor} from '../../helpers/wait-for.js';

/** A clock on which waiting a minute is over after a second. */
const hurried = (): Clock => ({now: () => 0, monotonic: () => performance.now() * 60});

type Scene = {
	readonly root: string;
	readonly instance: InstanceRef;
	readonly machine: FakeMachine;
	readonly ports: {readonly server: FakeMachine['ports']; readonly clock: Clock};
	readonly facts: (service?: ServiceSettings) => ReturnType<typeof guardFacts>;
	readonly guard: (options?: {
		readonly evenIfPrinting?: boolean;
		readonly stopServer?: boolean;
		readonly service?: ServiceSettings;
	}) => ReturnType<typeof guardServer>;
};

const newScene = async (scope: 'system' | 'user' = 'system', clock = systemClock): Promise<Scene> => {
	const root = temporaryDirectory();
	const dataFolder = join(root, '.octoprint');
	putFile(join(dataFolder, 'config.yaml'), '{}');
	const instance: InstanceRef = {name: 'octoprint', kind: 'octoprint', dataFolder};
	const machine = await fakeMachine(root, {dataFolder, scope});
	const ports = {server: machine.ports, clock};
	return {
		root,
		instance,
		machine,
		ports,
		facts: async service => guardFacts({ports}, {adapter: octoprintAdapter, instance, service}),
		guard: async ({service, ...options} = {}) =>
			guardServer({ports}, {adapter: octoprintAdapter, instance, service, ...options}),
	};
};

const stopCall = 'systemctl stop octoprint.service';
const startCall = 'systemctl start octoprint.service --no-block';
const unitPlan = (isRoot = true) => ({
	name: 'octoprint.service',
	stop: `${isRoot ? '' : 'sudo '}systemctl stop octoprint`,
	start: `${isRoot ? '' : 'sudo '}systemctl start octoprint`,
});
const isRoot = process.geteuid?.() === 0;

/** Root needs no permission. */
const permit = (machine: FakeMachine): void => {
	if (!isRoot) {
		machine.allow(stopCall, 'systemctl start octoprint.service');
	}
};

describe('a print that is running', () => {
	test('blocks a restore, with the file and how far it is', async () => {
		const {machine, facts, guard} = await newScene();
		await machine.start();
		machine.say('printing');
		const refusal = 'A print is running (benchy.gcode, 43 %): restore is blocked.';
		expect(await facts()).toMatchObject({activity: {state: 'printing'}, activityRefusal: refusal});
		await expect(guard()).rejects.toMatchObject({
			code: 'printing',
			message: refusal,
			hint: expect.stringContaining('--even-if-printing'),
		});
		await expect(guard({stopServer: false})).rejects.toMatchObject({code: 'printing'});
		machine.say('paused');
		await expect(guard()).rejects.toMatchObject({
			code: 'printing',
			message: 'A print is paused (benchy.gcode, 43 %): restore is blocked.',
		});
		expect(machine.calls()).toEqual([]);
	});

	test('counts as one when the server cannot be asked', async () => {
		const {machine, guard} = await newScene();
		await machine.start();
		machine.say('silent');
		await expect(guard()).rejects.toMatchObject({
			code: 'printing',
			message:
				'OctoPrint is running and could not be asked: it wants a key. That counts as printing: restore is blocked.',
			hint: expect.stringMatching(/Application Keys.*--even-if-printing/u),
		});
	});

	test('can be overridden in so many words', async () => {
		const {machine, guard} = await newScene();
		await machine.start();
		for (const state of ['printing', 'paused', 'silent'] as const) {
			machine.say(state);
			const {activity, stop, start} = await guard({evenIfPrinting: true, stopServer: false});
			expect(activity.state).toBe(state === 'silent' ? 'unknown' : state);
			await stop();
			await start();
		}

		expect(machine.calls()).toEqual([]);
	});

	test('that begins while the backup is unpacked blocks it too', async () => {
		const {machine, guard} = await newScene();
		await machine.start();
		const {stop} = await guard();
		machine.say('printing');
		await expect(stop()).rejects.toMatchObject({code: 'printing'});
		expect(machine.calls()).toEqual([]);
		expect(machine.pid()).toBeDefined();
	});

	test('is told with its name made safe', () => {
		expect(refusalOf({state: 'printing', detail: 'a\u001b[2J.gcode'})).toBe(
			'A print is running (a\\x1b[2J.gcode): restore is blocked.',
		);
		expect(refusalOf({state: 'printing', detail: ''})).toBe('A print is running: restore is blocked.');
		expect(refusalOf({state: 'idle', detail: ''})).toBe('');
		expect(refusalOf({state: 'stopped', detail: ''})).toBe('');
	});
});

describe('a server that is not running', () => {
	test('is neither stopped nor started', async () => {
		const {machine, facts, guard} = await newScene();
		expect(await facts()).toEqual({
			activity: {state: 'stopped', detail: ''},
			activityRefusal: '',
			service: null,
		});
		const {wasRunning, plan, record, stop, start} = await guard();
		expect({wasRunning, plan, record}).toEqual({wasRunning: false, plan: null, record: null});
		await stop();
		await start();
		expect(machine.calls()).toEqual([]);
	});

	test('and is started meanwhile: nothing is exchanged under it', async () => {
		const {machine, guard} = await newScene();
		const {stop} = await guard();
		await machine.start();
		await expect(stop()).rejects.toMatchObject({code: 'printing', message: expect.stringContaining('meanwhile')});
		const leftAlone = await guard({stopServer: false});
		await leftAlone.stop();
		expect(machine.pid()).toBeDefined();
	});
});

describe('a server that is idle', () => {
	test('is stopped through its unit, gone when that is done, and started again once', async () => {
		const {machine, facts, guard, instance} = await newScene();
		await machine.start();
		const before = machine.pid();
		expect(await facts()).toMatchObject({
			activityRefusal: '',
			service: isRoot ? {...unitPlan(), by: 'unit', reason: ''} : {...unitPlan(false), by: 'none'},
		});
		permit(machine);
		const {record, stop, start} = await guard();
		expect(v.parse(serviceRecordSchema, JSON.parse(JSON.stringify(record)))).toEqual({
			by: 'unit',
			name: 'octoprint.service',
		});
		await start();
		expect(machine.calls()).toEqual([]);
		await stop();
		expect(machine.pid()).toBeUndefined();
		expect(await octoprintAdapter.isRunning(machine.ports, instance)).toBe(false);
		await start();
		expect(machine.pid()).toBeDefined();
		expect(machine.pid()).not.toBe(before);
		await start();
		expect(machine.calls().filter(call => call.startsWith('systemctl'))).toEqual(
			isRoot ? [stopCall, startCall] : [stopCall, 'systemctl start octoprint.service'],
		);
	});

	test('is left running when a person wants that', async () => {
		const {machine, guard} = await newScene();
		await machine.start();
		const {record, plan, stop, start} = await guard({stopServer: false});
		expect(record).toBeNull();
		expect(plan?.name).toBe('octoprint.service');
		await stop();
		await start();
		expect(machine.calls()).toEqual([]);
	});

	test('is stopped through a unit of the user’s own', async () => {
		const {machine, guard} = await newScene('user');
		machine.group('0::/user.slice/user-1000.slice/user@1000.service/app.slice/octoprint.service');
		await machine.start();
		const {plan, stop, start} = await guard();
		expect(plan).toMatchObject({by: 'unit', stop: 'systemctl --user stop octoprint'});
		await stop();
		expect(machine.pid()).toBeUndefined();
		await start();
		await waitFor('it', () => machine.pid());
	});

	test('is stopped by the commands a person has set, before any unit', async () => {
		const {machine, guard, root} = await newScene();
		await machine.start();
		const service = {
			stopCommand: `"${join(root, 'bin/systemctl')}" stop 'octoprint.service' mine`,
			startCommand: 'systemctl start octoprint.service mine',
		};
		const {plan, record, stop, start} = await guard({service});
		expect(plan).toMatchObject({by: 'command', name: service.stopCommand});
		expect(record).toEqual({by: 'command', name: service.stopCommand});
		await stop();
		expect(machine.pid()).toBeUndefined();
		await start();
		expect(machine.calls()).toEqual([`${stopCall} mine`, 'systemctl start octoprint.service mine']);
		expect(machine.pid()).toBeDefined();
	});
});

describe('where printkeep is not root', () => {
	const asUser = async (act: (scene: Scene) => Promise<void>): Promise<void> => {
		const scene = await newScene();
		await scene.machine.start();
		await asOrdinaryUser(scene.root, async () => act(scene));
	};

	test.each([
		[stopCall, 'systemctl start octoprint.service'],
		['systemctl stop octoprint', 'systemctl start octoprint'],
		['service octoprint stop', 'service octoprint start'],
	])('sudo is used as far as it needs no password: %s', async (...allowed) => {
		await asUser(async ({machine, guard}) => {
			machine.allow(...allowed);
			const {plan, stop, start} = await guard();
			expect(plan).toEqual({...unitPlan(false), by: 'unit', reason: ''});
			await stop();
			expect(machine.pid()).toBeUndefined();
			await start();
			expect(machine.pid()).toBeDefined();
			expect(machine.calls().filter(call => call.startsWith('sudo'))).toEqual(allowed.map(call => `sudo ${call}`));
		});
	});

	test('a command that is allowed with a password only is passed over for one that needs none', async () => {
		await asUser(async ({machine, guard}) => {
			machine.break('anything');
			machine.allow('service octoprint stop', 'service octoprint start');
			const {stop} = await guard();
			await stop();
			expect(machine.calls().filter(call => call.startsWith('sudo'))).toEqual(['sudo service octoprint stop']);
		});
	});

	test.each([[[]], [[stopCall]], [['systemctl start octoprint.service']]])(
		'nothing is stopped that could not be started again: %j',
		async allowed => {
			await asUser(async ({machine, guard}) => {
				machine.allow(...allowed);
				const {plan, record, stop, start} = await guard();
				expect(plan).toMatchObject({
					...unitPlan(false),
					by: 'none',
					reason: expect.stringContaining('without a password'),
				});
				expect(plan?.reason).toContain('old settings over the restored ones');
				expect(record).toBeNull();
				await stop();
				await start();
				expect(machine.calls()).toEqual([]);
				expect(machine.pid()).toBeDefined();
			});
		},
	);
});

describe('a server that cannot be stopped from here', () => {
	const cases: ReadonlyArray<readonly [string, string]> = [
		['0::/user.slice/user-1000.slice/session-3.scope', 'started by hand'],
		[`0::/system.slice/docker-${'0123456789abcdef'.repeat(4)}.scope`, 'in the container octoprint-1'],
	];
	test.each(cases)('%s', async (group, reason) => {
		const {machine, guard} = await newScene();
		machine.group(group);
		await machine.start();
		const {plan, record, stop, start} = await guard();
		expect(plan).toMatchObject({by: 'none', reason: expect.stringContaining(reason)});
		expect(record).toBeNull();
		await stop();
		await start();
		expect(machine.calls()).toEqual([]);
	});

	test('a container is named with the command for a person', async () => {
		const {machine, facts} = await newScene();
		machine.group(`0::/docker/${'0123456789abcdef'.repeat(4)}`);
		await machine.start();
		expect((await facts()).service).toMatchObject({stop: 'docker stop octoprint-1', start: 'docker start octoprint-1'});
	});

	test('one that printkeep itself was started by', async () => {
		const {machine, facts, root} = await newScene();
		await machine.start();
		putFile(join(root, 'proc/self/cgroup'), '0::/system.slice/octoprint.service\n');
		expect((await facts()).service).toMatchObject({
			by: 'none',
			reason: expect.stringContaining('printkeep itself was started by octoprint.service'),
		});
	});

	test.each<readonly [ServiceSettings, string]>([
		[{stopCommand: 'x'}, 'only its stop command'],
		[{startCommand: 'x'}, 'only its start command'],
		[{stopCommand: 'a | b', startCommand: 'x'}, 'means something only to a shell'],
	])('its commands are not usable: %j', async (service, reason) => {
		const {machine, facts} = await newScene();
		await machine.start();
		expect((await facts(service)).service).toMatchObject({by: 'none', reason: expect.stringContaining(reason)});
	});
});

describe('what goes wrong', () => {
	test('stopping fails: the reason is said, and it runs on', async () => {
		const {machine, guard} = await newScene();
		await machine.start();
		permit(machine);
		const {stop, start} = await guard();
		machine.break('stop');

		await expect(stop()).rejects.toMatchObject({
			code: 'failed',
			message:
				'octoprint.service could not be stopped: Failed to stop octoprint.service: Access denied. Nothing has been changed.',
			hint: expect.stringMatching(/systemctl stop octoprint$/u),
		});
		await start();
		expect(machine.pid()).toBeDefined();
		expect(machine.calls().filter(call => call.startsWith('systemctl'))).toEqual([stopCall]);
	});

	test('its process does not end: the restore is refused', async () => {
		const {machine, guard, ports} = await newScene('system', hurried());
		machine.break('stubborn');
		await machine.start();
		const service = {stopCommand: 'systemctl stop octoprint.service', startCommand: 'true'};
		const {stop} = await guard({service});
		const before = ports.clock.monotonic();
		await expect(stop()).rejects.toMatchObject({
			code: 'failed',
			message: expect.stringContaining('a process of the server is still running'),
		});
		expect(ports.clock.monotonic() - before).toBeGreaterThan(60_000);
		expect(machine.pid()).toBeDefined();
	});

	test.each<readonly ['start' | 'ends', string]>([
		['start', 'Unit is masked'],
		['ends', 'systemd says that it failed'],
	])('starting fails (%s): a person is told how', async (what, why) => {
		const {machine, guard} = await newScene();
		await machine.start();
		permit(machine);
		const {stop, start} = await guard();
		await stop();
		machine.break(what);
		await expect(start()).rejects.toMatchObject({
			code: 'failed',
			message: expect.stringMatching(new RegExp(`^octoprint.service could not be started again: .*${why}\\.$`, 'u')),
			hint: expect.stringMatching(/systemctl start octoprint$/u),
		});
	});

	test('starting has no effect: that is said, unless systemd has it in its queue', async () => {
		const {machine, guard} = await newScene('system', hurried());
		await machine.start();
		permit(machine);
		const service = {stopCommand: 'systemctl stop octoprint.service', startCommand: 'true'};
		const byCommand = await guard({service});
		await byCommand.stop();
		await expect(byCommand.start()).rejects.toMatchObject({
			code: 'failed',
			message: expect.stringContaining('its process has not appeared'),
			hint: 'Start it yourself: true',
		});
		await machine.start();
		const byUnit = await guard();
		await byUnit.stop();
		machine.break('queued');
		await byUnit.start();
		expect(machine.pid()).toBeUndefined();
	});

	test('a command that is not there is told as such', async () => {
		const {machine, guard} = await newScene();
		await machine.start();
		const {stop} = await guard({service: {stopCommand: '/nowhere/stop x', startCommand: 'true'}});
		await expect(stop()).rejects.toMatchObject({
			message: 'The server could not be stopped: there is no such program. Nothing has been changed.',
			hint: 'Stop it yourself, or set another stop-command than this one: /nowhere/stop x',
		});
		expect(machine.pid()).toBeDefined();
	});
});

describe('after an interrupted restore', () => {
	test('what it had stopped is started, also by somebody who knows only the record', async () => {
		const {machine, guard, ports, instance} = await newScene();
		await machine.start();
		permit(machine);
		const {record, stop} = await guard();
		await stop();
		expect(record).not.toBeNull();
		const known = v.parse(serviceRecordSchema, JSON.parse(JSON.stringify(record)));
		await startFromRecord(ports, known, {adapter: octoprintAdapter, instance, service: undefined});
		const {length} = machine.calls();
		expect(machine.pid()).toBeDefined();
		await startFromRecord(ports, known, {adapter: octoprintAdapter, instance, service: undefined});
		expect(machine.calls()).toHaveLength(length);
	});

	test('a record never chooses what is run', async () => {
		const {machine, ports, instance} = await newScene();
		const record = {by: 'command', name: 'systemctl start evil'} as const;
		permit(machine);
		await startFromRecord(ports, record, {adapter: octoprintAdapter, instance, service: undefined});
		expect(machine.calls().filter(call => call.startsWith('systemctl'))).toEqual([
			isRoot ? startCall : startCall.replace(' --no-block', ''),
		]);

		const nowhere = {server: makeServerPorts(join(instance.dataFolder)), clock: ports.clock};
		await expect(
			startFromRecord(nowhere, record, {adapter: octoprintAdapter, instance, service: undefined}),
		).rejects.toMatchObject({
			code: 'failed',
			message: 'systemctl start evil was stopped for the restore and is not running.',
			hint: 'Start the server yourself.',
		});
	});
});
