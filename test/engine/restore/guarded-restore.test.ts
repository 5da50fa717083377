import {appendFileSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {JobPhase, JobResult} from '../../../source/client/protocol.js';
import {createCatalog} from '../../../source/engine/catalog.js';
import {runRestore} from '../../../source/engine/jobs/restore.js';
import {runUndo} from '../../../source/engine/jobs/undo.js';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {type FakeMachine, fakeMachine} from '../../helpers/fake-machine.js';
import {newScene, type Scene} from './scene.js';

/** Restores under a server that really runs, is asked, stopped and started. */

type Options = {
	readonly evenIfPrinting?: boolean;
	readonly stopServer?: boolean;
	readonly onPhase?: (phase: JobPhase) => void;
};

type Guarded = {
	readonly scene: Scene;
	readonly machine: FakeMachine;
	readonly tree: () => Tree;
	/** True when the file that was changed since the backup is as it was backed up. */
	readonly isRestored: () => boolean;
	readonly restore: (options?: Options) => Promise<Extract<JobResult, {type: 'restore'}>>;
	readonly undo: (options?: Options) => Promise<Extract<JobResult, {type: 'undo'}>>;
};

const guarded = async (): Promise<Guarded> => {
	const scene = newScene();
	const {dataFolder} = scene.target.instance;
	const file = join(dataFolder, 'users.yaml');
	const before = readFileSync(file);
	const path = await scene.create();
	appendFileSync(file, '# changed since\n');
	const machine = await fakeMachine(join(scene.root, 'machine'), {dataFolder});
	// Root needs no permission.
	machine.allow('systemctl stop octoprint.service', 'systemctl start octoprint.service');
	await machine.start();
	const contextOf = (onPhase: Options['onPhase']) => {
		const context = scene.context(onPhase ? {onPhase} : {});
		return {...context, ports: {...context.ports, server: machine.ports}};
	};

	return {
		scene,
		machine,
		tree: () => digestTree(dataFolder),
		isRestored: () => readFileSync(file).equals(before),
		restore: async ({onPhase, ...options} = {}) =>
			runRestore(
				contextOf(onPhase),
				{type: 'restore', target: scene.target, source: {type: 'file', path}, allowNewer: false, ...options},
				await createCatalog(scene.target, join(dataFolder, 'data/backup'), scene.ports),
			),
		undo: async ({onPhase, ...options} = {}) =>
			runUndo(contextOf(onPhase), {type: 'undo', target: scene.target, ...options}),
	};
};

const stops = (machine: FakeMachine): number =>
	machine.calls().filter(call => call.startsWith('systemctl stop')).length;

describe('a restore', () => {
	test('under a print changes nothing, and stops nothing', async () => {
		const {machine, tree, restore} = await guarded();
		const before = tree();
		for (const state of ['printing', 'paused', 'silent'] as const) {
			machine.say(state);
			await expect(restore()).rejects.toMatchObject({code: 'printing'});
		}

		expect(tree()).toEqual(before);
		expect(machine.calls()).toEqual([]);
	});

	test('is given up when a print begins while it is unpacked', async () => {
		const {machine, tree, isRestored, restore} = await guarded();
		const before = tree();
		const onPhase = (phase: JobPhase): void => {
			if (phase === 'staging') {
				machine.say('printing');
			}
		};

		await expect(restore({onPhase})).rejects.toMatchObject({code: 'printing'});
		expect(tree()).toEqual(before);
		expect(machine.pid()).toBeDefined();
		expect(stops(machine)).toBe(0);
		// Nothing is pending, and the next one goes through.
		machine.say('idle');
		await restore();
		expect(isRestored()).toBe(true);
	});

	test('stops an idle server for the exchange, and it runs again afterwards; so does an undo', async () => {
		const {machine, isRestored, restore, undo} = await guarded();
		const before = machine.pid();
		const running: [JobPhase, boolean][] = [];
		const onPhase = (phase: JobPhase): void => {
			running.push([phase, machine.pid() !== undefined]);
		};

		await restore({onPhase});
		expect(isRestored()).toBe(true);
		expect(running.filter(([phase]) => ['staging', 'swapping'].includes(phase))).toEqual([
			['staging', true],
			['swapping', false],
		]);
		expect(machine.pid()).toBeDefined();
		expect(machine.pid()).not.toBe(before);
		expect(stops(machine)).toBe(1);

		await machine.whenReady();
		await undo();
		expect(isRestored()).toBe(false);
		expect(machine.pid()).toBeDefined();
		expect(stops(machine)).toBe(2);
	});

	test('that is wanted even so goes on, and leaves the server alone when that is wanted too', async () => {
		const {machine, isRestored, restore} = await guarded();
		machine.say('printing');
		await restore({evenIfPrinting: true, stopServer: false});
		expect(isRestored()).toBe(true);
		expect(machine.calls()).toEqual([]);
	});

	test('changes nothing when the server cannot be stopped', async () => {
		const {machine, tree, restore} = await guarded();
		const before = tree();
		machine.break('stop');
		await expect(restore()).rejects.toThrow(/could not be stopped: .*Access denied/u);
		expect(tree()).toEqual(before);
		expect(machine.pid()).toBeDefined();
	});

	test('stands when the server cannot be started again, and says what to do', async () => {
		const {machine, isRestored, restore} = await guarded();
		const {next} = await restore({
			onPhase(phase) {
				if (phase === 'swapping') {
					machine.break('start');
				}
			},
		});
		expect(isRestored()).toBe(true);
		expect(next.join('\n')).toMatch(/could not be started again: .*masked.*systemctl start octoprint/u);
	});
});

test('an undo under a print changes nothing', async () => {
	const {machine, tree, restore, undo} = await guarded();
	await restore();
	await machine.whenReady();
	const before = tree();
	machine.say('paused');
	await expect(undo()).rejects.toMatchObject({code: 'printing'});
	expect(tree()).toEqual(before);
});
