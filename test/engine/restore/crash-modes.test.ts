/** Death at every step of restores that exchange file by file, that remove nothing, and that remove everything else. */
import {chmodSync, existsSync, mkdirSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {RestoreChoice} from '../../../source/client/protocol.js';
import {systemDisk} from '../../../source/engine/disk.js';
import type {MadeInstance} from '../../helpers/make-instance.js';
import {change, fastDirectory, type Sweep, small, sweep} from './death-sweep.js';

type Choice = Pick<RestoreChoice, 'mode' | 'lowSpace' | 'files'>;

const whole = (seconds: number, ...paths: readonly string[]): void => {
	for (const path of paths) {
		utimesSync(path, seconds, seconds);
	}
};

/** More than the usual: the same bytes with another mode and date, things no backup knows, in folders that stay. */
const changeMore = (instance: MadeInstance): void => {
	const {dataFolder, uploads} = instance;
	const inData = (path: string): string => join(dataFolder, path);
	change(instance);
	mkdirSync(inData('unknown/deep'), {recursive: true});
	mkdirSync(inData('logs'), {recursive: true});
	writeFileSync(inData('unknown/deep/notes.txt'), 'notes');
	writeFileSync(inData('logs/octoprint.log'), 'log');
	chmodSync(inData('users.yaml'), 0o640);
	chmodSync(join(uploads, 'a.gcode'), 0o600);
	whole(1_650_000_003, join(uploads, 'a.gcode'), inData('unknown/deep/notes.txt'), inData('logs/octoprint.log'));
	whole(1_650_000_004, inData('unknown/deep'), inData('unknown'), inData('logs'), dataFolder);
};

const restoringWith =
	(choice: Choice): Sweep['prepare'] =>
	async scene => {
		const backup = await scene.create();
		changeMore(scene.instance);
		return async (again, disk) => again.restore(backup, {...choice, disk});
	};

const undoingWith =
	(choice: Choice): Sweep['prepare'] =>
	async scene => {
		const backup = await scene.create();
		changeMore(scene.instance);
		await scene.restore(backup, choice);
		return async (again, disk) => again.undo({disk});
	};

test.each([
	['a restore of what differs', restoringWith({lowSpace: true})],
	['the undo of a restore of what differs', undoingWith({lowSpace: true})],
	['a restore that removes nothing', restoringWith({mode: 'merge'})],
	['a restore that removes everything else', restoringWith({mode: 'exact'})],
	['a restore of single files', restoringWith({files: ['scripts', 'config.yaml', 'uploads/a.gcode']})],
] as const)(
	'%s leaves the old tree or the new one, wherever it dies',
	async (_, prepare) => {
		const {deaths, outcomes} = await sweep({prepare, root: join(fastDirectory(), 'root')});
		expect(deaths).toBeGreaterThan(30);
		expect(outcomes.get('finished')).toBeGreaterThan(4);
	},
	60_000,
);

test('what is swept is what is meant', async () => {
	const scene = small(join(fastDirectory(), 'root'));
	const run = await restoringWith({mode: 'exact', lowSpace: true})(scene);
	const {dataFolder, uploads} = scene.instance;
	const file = join(uploads, 'a.gcode');
	const {ino} = statSync(file);
	await run(scene, systemDisk);
	expect([existsSync(join(dataFolder, 'logs')), existsSync(join(dataFolder, 'unknown'))]).toEqual([false, false]);
	expect(existsSync(join(dataFolder, 'data/backup/native.zip'))).toBe(true);
	expect([statSync(file).ino, statSync(file).mode & 0o777]).toEqual([ino, 0o644]);
});
