/** A server that is stopped for the exchange is started again, whatever happens in between. */
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {ServerActivity, Target} from '../../../source/client/protocol.js';
import {createCatalog} from '../../../source/engine/catalog.js';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {runRestore} from '../../../source/engine/jobs/restore.js';
import {runUndo} from '../../../source/engine/jobs/undo.js';
import type {EnginePorts} from '../../../source/engine/ports.js';
import {findPending} from '../../../source/engine/restore/recover.js';
import {recoverPending} from '../../../source/engine/restore/recover-pending.js';
import {octoprintAdapter} from '../../../source/servers/octoprint/adapter.js';
import {makeFailingDisk} from '../../helpers/failing-disk.js';
import {Death, makeMortalDisk} from '../../helpers/mortal-disk.js';
import {change, fastDirectory, privateNames, small, snapshot, treeOf} from './death-sweep.js';
import type {Scene} from './scene.js';

type Machine = {
	readonly scene: Scene;
	readonly target: Target;
	readonly isRunning: () => boolean;
	/** What was run, each with the tree it found: `stop old`. */
	readonly calls: string[];
	/** What the server says it does, one answer after the other; the last one stays. */
	readonly says: ServerActivity['state'][];
	readonly fails: Set<'stop' | 'start'>;
	readonly restore: (backup: string, disk?: Disk) => Promise<{readonly next: readonly string[]}>;
	readonly undo: (disk?: Disk) => Promise<{readonly next: readonly string[]}>;
	readonly recover: () => ReturnType<typeof recoverPending>;
	/** Nothing can be run while this is true, as after the end of the process. */
	readonly deadWhile: (isDead: () => boolean) => void;
	readonly boot: (id: string) => void;
};

const newMachine = (root = join(fastDirectory(), 'root')): Machine => {
	const scene = small(root);
	const target: Target = {...scene.target, service: {stopCommand: '/x/stop', startCommand: '/x/start'}};
	const flag = join(root, 'running');
	const isRunning = (): boolean => existsSync(flag);
	const calls: string[] = [];
	const says: ServerActivity['state'][] = ['idle'];
	const fails = new Set<'stop' | 'start'>();
	let isDead = (): boolean => false;
	const tree = (): string =>
		readFileSync(join(target.instance.dataFolder, 'config.yaml'), 'utf8').startsWith('server') ? 'new' : 'old';
	const ports: EnginePorts = {
		...scene.ports,
		adapters: {
			octoprint: {
				...octoprintAdapter,
				isRunning: async () => isRunning(),
				afterRestore: async () => [isRunning() ? 'Restart OctoPrint.' : 'Start OctoPrint.'],
				activity: async () => ({
					state: isRunning() ? ((says.length > 1 ? says.shift() : says[0]) ?? 'idle') : 'stopped',
					detail: 'benchy.gcode',
				}),
			},
		},
		server: {
			...scene.ports.server,
			async execute(file) {
				if (isDead()) {
					throw new Death('the power is gone');
				}

				const what = file === '/x/stop' ? 'stop' : 'start';
				calls.push(`${what} ${tree()}`);
				if (fails.has(what)) {
					return {exitCode: 1, output: '', errors: 'not today'};
				}

				if (what === 'stop') {
					rmSync(flag, {force: true});
				} else {
					writeFileSync(flag, '');
				}

				return {exitCode: 0, output: '', errors: ''};
			},
		},
	};
	const boot = (id: string): void => {
		mkdirSync(join(root, 'proc/sys/kernel/random'), {recursive: true});
		writeFileSync(join(root, 'proc/sys/kernel/random/boot_id'), `${id}\n`);
	};
	boot('first');
	writeFileSync(flag, '');
	const context = (disk: Disk) => ({...scene.context(), ports: {...ports, disk}});
	return {
		scene,
		target,
		isRunning,
		calls,
		says,
		fails,
		boot,
		restore: async (path, disk = systemDisk) =>
			runRestore(
				context(disk),
				{type: 'restore', target, source: {type: 'file', path}, allowNewer: false},
				await createCatalog(target, join(target.instance.dataFolder, 'data/backup'), ports),
			),
		undo: async (disk = systemDisk) => runUndo(context(disk), {type: 'undo', target}),
		recover: async () => recoverPending(ports, target),
		deadWhile(check) {
			isDead = check;
		},
	};
};

const work = ({scene}: Machine): string => join(scene.root, '.printkeep-octoprint');

test('it is stopped with the old data in place and started with the new, and the same for undo', async () => {
	const machine = newMachine();
	const backup = await machine.scene.create();
	change(machine.scene.instance);
	const {next} = await machine.restore(backup);
	expect(machine.calls).toEqual(['stop old', 'start new']);
	expect([machine.isRunning(), next]).toEqual([true, []]);
	expect(privateNames(work(machine))).toEqual([]);
	await machine.undo();
	expect(machine.calls.slice(2)).toEqual(['stop new', 'start old']);
	expect(privateNames(work(machine))).toEqual([]);
});

test('one that does not run is neither stopped nor started', async () => {
	const machine = newMachine();
	const backup = await machine.scene.create();
	change(machine.scene.instance);
	rmSync(join(machine.scene.root, 'running'));
	const {next} = await machine.restore(backup);
	expect([machine.calls, machine.isRunning()]).toEqual([[], false]);
	expect(next).toHaveLength(1);
});

test('one that has ended by itself meanwhile is not said to have been started again', async () => {
	const machine = newMachine();
	const backup = await machine.scene.create();
	change(machine.scene.instance);
	machine.says.splice(0, 1, 'idle', 'stopped');
	const {next} = await machine.restore(backup);
	expect(machine.calls).toEqual([]);
	expect(next).toHaveLength(1);
});

test('a print that begins while the backup is unpacked stops the restore, and nothing has been changed', async () => {
	const machine = newMachine();
	const backup = await machine.scene.create();
	change(machine.scene.instance);
	const before = treeOf(machine.scene.instance);
	machine.says.splice(0, 1, 'idle', 'printing');
	await expect(machine.restore(backup)).rejects.toMatchObject({code: 'printing'});
	expect([machine.calls, machine.isRunning()]).toEqual([[], true]);
	expect(treeOf(machine.scene.instance)).toEqual(before);
	expect(existsSync(work(machine))).toBe(false);
});

test('one that cannot be stopped stops the restore', async () => {
	const machine = newMachine();
	const backup = await machine.scene.create();
	change(machine.scene.instance);
	const before = treeOf(machine.scene.instance);
	machine.fails.add('stop');
	await expect(machine.restore(backup)).rejects.toMatchObject({
		code: 'failed',
		message: expect.stringContaining('not today'),
	});
	expect(machine.isRunning()).toBe(true);
	expect(treeOf(machine.scene.instance)).toEqual(before);
	expect(existsSync(work(machine))).toBe(false);
});

test('one that does not start again is a step for a person, and the restore is done', async () => {
	const machine = newMachine();
	const backup = await machine.scene.create();
	change(machine.scene.instance);
	machine.fails.add('start');
	const {next} = await machine.restore(backup);
	expect(next).toEqual([expect.stringMatching(/could not be started again: not today.*\/x\/start/)]);
	expect(await machine.recover()).toMatchObject({type: 'none'});
});

test('a restore that is taken back starts it with the old data', async () => {
	const machine = newMachine();
	const backup = await machine.scene.create();
	change(machine.scene.instance);
	const before = treeOf(machine.scene.instance);
	let tried = 0;
	for (let number = 1; number < 12; number++) {
		machine.calls.length = 0;
		const {disk, hasFailed} = makeFailingDisk(systemDisk, {call: 'rename', number, code: 'EBUSY'});
		const error = await machine.restore(backup, disk).then(
			() => null,
			(caught: unknown) => caught,
		);
		if (!hasFailed() || error === null) {
			break;
		}

		tried++;
		expect(treeOf(machine.scene.instance)).toEqual(before);
		expect(machine.isRunning()).toBe(true);
		expect(machine.calls.filter(call => call === 'start new')).toEqual([]);
	}

	expect(tried).toBeGreaterThan(4);
});

test('it is not started on data that is neither the old nor the new; the recovery does that', async () => {
	const machine = newMachine();
	const backup = await machine.scene.create();
	change(machine.scene.instance);
	let renames = 0;
	const stuck: Disk = {
		...systemDisk,
		exchange: undefined,
		rename(from, to) {
			// Records can be replaced; of the data only one thing can be moved, and nothing back.
			if (!String(to).endsWith('.json') && ++renames > 1) {
				throw Object.assign(new Error('EIO: injected'), {code: 'EIO', syscall: 'rename'});
			}

			systemDisk.rename(from, to);
		},
	};
	await expect(machine.restore(backup, stuck)).rejects.toMatchObject({code: 'needs-recovery'});
	expect([machine.calls, machine.isRunning()]).toEqual([['stop old'], false]);
	expect(await machine.recover()).toMatchObject({
		type: 'rolled-back',
		message: expect.stringContaining('was started again'),
	});
	expect(machine.isRunning()).toBe(true);
});

test.each(['restore', 'undo'] as const)(
	'killed at every step of a %s, the next start ends it and starts the server',
	async job => {
		const root = join(fastDirectory(), 'root');
		const machine = newMachine(root);
		const backup = await machine.scene.create();
		change(machine.scene.instance);
		if (job === 'undo') {
			await machine.restore(backup);
		}

		snapshot(root, `${root}-saved`);
		let started = 0;
		let deaths = 0;
		for (let lives = 0; ; lives += 2) {
			snapshot(`${root}-saved`, root);
			const {disk, isDead} = makeMortalDisk(lives);
			machine.deadWhile(isDead);
			await (job === 'restore' ? machine.restore(backup, disk) : machine.undo(disk)).catch(() => undefined);
			machine.deadWhile(() => false);
			if (!isDead()) {
				break;
			}

			deaths++;
			const wasStopped = !machine.isRunning();
			const {type, message} = await machine.recover();
			if (wasStopped) {
				started++;
				expect(message, `dead after ${lives} steps, ${type}`).toContain('was started again');
			}

			expect(machine.isRunning(), `dead after ${lives} steps, ${type}`).toBe(true);
			expect(findPending(machine.target.instance)).toBeNull();
			expect(await machine.recover()).toEqual({type: 'none', message: '', hint: ''});
			expect(existsSync(join(work(machine), 'server.json'))).toBe(false);
		}

		expect(deaths).toBeGreaterThan(20);
		expect(started).toBeGreaterThan(5);
		expect(machine.calls.filter(call => call.startsWith('start')).length).toBeGreaterThanOrEqual(started);
	},
	60_000,
);

const killedInTheSwap = async (machine: Machine): Promise<void> => {
	const backup = await machine.scene.create();
	change(machine.scene.instance);
	snapshot(machine.scene.root, `${machine.scene.root}-saved`);
	for (let lives = 10; ; lives++) {
		snapshot(`${machine.scene.root}-saved`, machine.scene.root);
		const {disk, isDead} = makeMortalDisk(lives);
		machine.deadWhile(isDead);
		await machine.restore(backup, disk).catch(() => undefined);
		machine.deadWhile(() => false);
		if (findPending(machine.target.instance)?.journal.phase === 'forward') {
			return;
		}
	}
};

test('after a boot the machine starts its servers itself', async () => {
	const machine = newMachine();
	await killedInTheSwap(machine);
	machine.boot('second');
	expect(await machine.recover()).toMatchObject({type: 'finished', hint: ''});
	expect(machine.isRunning()).toBe(false);
	expect(existsSync(join(work(machine), 'server.json'))).toBe(false);
});

test('one that does not start after a recovery is said once', async () => {
	const machine = newMachine();
	await killedInTheSwap(machine);
	machine.fails.add('start');
	expect(await machine.recover()).toMatchObject({
		type: 'finished',
		message: expect.stringContaining('not today'),
		hint: expect.stringContaining('/x/start'),
	});
	expect(await machine.recover()).toMatchObject({type: 'none'});
});

test('one that has started on the half-exchanged data is to be restarted', async () => {
	const machine = newMachine();
	await killedInTheSwap(machine);
	writeFileSync(join(machine.scene.root, 'running'), '');
	expect(await machine.recover()).toMatchObject({type: 'finished', hint: expect.stringContaining('Restart')});
});
