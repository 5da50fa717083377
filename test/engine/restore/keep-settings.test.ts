/** Settings of this machine that stay when the configuration of another one is restored. */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {parse} from 'yaml';
import {digestTree} from '../../helpers/digest-tree.js';
import {newScene} from './scene.js';

const backedUp =
	'appearance:\n  name: Old\nserial:\n  port: /dev/ttyACM0\nserver:\n  port: 5000 # usual\n  secretKey: abc\n';
const present = 'appearance:\n  name: New\nserial:\n  port: /dev/ttyUSB7\nserver:\n  port: 8080\n  secretKey: xyz\n';

test('chosen groups stay as they are now, everything else comes from the backup', async () => {
	const scene = newScene();
	const config = join(scene.instance.dataFolder, 'config.yaml');
	writeFileSync(config, backedUp);
	const backup = await scene.create();
	writeFileSync(config, present);
	const before = digestTree(scene.instance.dataFolder);
	const plan = await scene.plan(backup);
	expect(plan.keepSettings).toEqual([]);
	expect(plan.machineSettings.map(({group, path}) => `${group} ${path}`).sort()).toEqual([
		'name appearance.name',
		'network server.port',
		'serial serial.port',
	]);
	const keepSettings = ['serial', 'network'];
	const kept = await scene.plan(backup, {keepSettings});
	expect(kept.keepSettings).toEqual(keepSettings);
	expect(kept.parts.find(({name}) => name === 'config')?.counts).toMatchObject({changed: 1, removed: 0});
	const result = await scene.restore(backup, {keepSettings});
	expect(result.skipped).toEqual([]);
	const text = readFileSync(config, 'utf8');
	expect(parse(text)).toEqual({
		appearance: {name: 'Old'},
		serial: {port: '/dev/ttyUSB7'},
		server: {port: 8080, secretKey: 'abc'},
	});
	// Once it is like that there is nothing to change any more.
	expect((await scene.plan(backup, {keepSettings})).counts).toMatchObject({changed: 0, added: 0, removed: 0});
	await scene.undo();
	expect(digestTree(scene.instance.dataFolder)).toEqual(before);
});

test('a configuration that is written and does not read back is taken back', async () => {
	const scene = newScene();
	const config = join(scene.instance.dataFolder, 'config.yaml');
	writeFileSync(config, backedUp);
	const backup = await scene.create();
	writeFileSync(config, present);
	const before = digestTree(scene.instance.dataFolder, {folderTimes: false});
	const {disk} = scene.ports;
	const lying: typeof disk = {
		...disk,
		write(descriptor, bytes, position) {
			const text = Buffer.from(bytes).toString('latin1');
			const isConfiguration = text.startsWith('appearance:');
			disk.write(descriptor, isConfiguration ? Buffer.from(text.replace('8080', '8081'), 'latin1') : bytes, position);
		},
	};
	await expect(scene.restore(backup, {keepSettings: ['network'], disk: lying})).rejects.toMatchObject({
		code: 'io-error',
	});
	expect(digestTree(scene.instance.dataFolder, {folderTimes: false})).toEqual(before);
});

test('folders are not among them: data goes where the restored configuration says', async () => {
	const scene = newScene();
	const config = join(scene.instance.dataFolder, 'config.yaml');
	const far = join(scene.root, 'far');
	mkdirSync(far);
	writeFileSync(config, `${backedUp}folder:\n  timelapse: ${far}\n`);
	writeFileSync(join(far, 'a.mp4'), 'x');
	const backup = await scene.create();
	writeFileSync(config, present);
	await scene.restore(backup, {keepSettings: ['network', 'serial', 'name']});
	expect(parse(readFileSync(config, 'utf8'))).toMatchObject({folder: {timelapse: far}, server: {port: 8080}});
	expect(existsSync(join(far, 'a.mp4'))).toBe(true);
});

test('groups that are none, and choices in which there is nothing to keep, are refused', async () => {
	const scene = newScene();
	const backup = await scene.create();
	const before = digestTree(scene.instance.dataFolder);
	for (const choice of [
		{keepSettings: ['nonsense']},
		{keepSettings: ['network'], parts: ['uploads']},
		{keepSettings: ['network'], files: ['users.yaml']},
		{keepSettings: ['network'], to: join(scene.root, 'copy')},
	]) {
		await expect(scene.plan(backup, choice)).rejects.toMatchObject({code: 'usage'});
		await expect(scene.restore(backup, choice)).rejects.toMatchObject({code: 'usage'});
	}

	expect(digestTree(scene.instance.dataFolder)).toEqual(before);
	// A present configuration that nobody understands keeps nothing, and stands in no one's way.
	writeFileSync(join(scene.instance.dataFolder, 'config.yaml'), 'server: [\n');
	expect((await scene.plan(backup)).machineSettings).toEqual([]);
	await expect(scene.restore(backup, {keepSettings: ['network']})).rejects.toMatchObject({code: 'failed'});
	await scene.restore(backup);
});
