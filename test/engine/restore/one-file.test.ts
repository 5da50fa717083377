/** One file out of a backup, to a place of choice. */
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {systemDisk} from '../../../source/engine/disk.js';
import {digestTree} from '../../helpers/digest-tree.js';
import {makeFailingDisk} from '../../helpers/failing-disk.js';
import {makeMortalDisk} from '../../helpers/mortal-disk.js';
import {newScene, type Scene} from './scene.js';

const profile = 'printerProfiles/_default.profile';

const copyOf = (
	scene: Scene,
	path: string,
): {readonly content: string; readonly mode: number; readonly time: number} => {
	const full = join(scene.instance.dataFolder, path);
	return {content: readFileSync(full, 'utf8'), mode: statSync(full).mode & 0o777, time: statSync(full).mtimeMs};
};

const hidden = (folder: string): readonly string[] => readdirSync(folder).filter(name => name.startsWith('.'));

describe('one file', () => {
	test('to a new name, into a folder, into folders that are made: content, mode and time as backed up', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const wanted = copyOf(scene, 'scripts/lüfter.sh');
		const live = digestTree(scene.instance.dataFolder);
		const folder = join(scene.root, 'folder');
		mkdirSync(folder);
		for (const [to, path] of [
			[join(scene.root, 'fan.sh'), join(scene.root, 'fan.sh')],
			[folder, join(folder, 'lüfter.sh')],
			[join(scene.root, 'new/deep/fan.sh'), join(scene.root, 'new/deep/fan.sh')],
			[`${scene.root}/made/`, join(scene.root, 'made/lüfter.sh')],
		] as const) {
			const choice = {to, files: ['scripts/lüfter.sh']};
			const plan = await scene.plan(backup, choice);
			expect(plan).toMatchObject({
				destination: path,
				inPlace: false,
				files: ['scripts/lüfter.sh'],
				counts: {added: 1, changed: 0, removed: 0, kept: 0},
				enoughSpace: true,
			});
			expect(existsSync(path)).toBe(false);
			const result = await scene.restore(backup, choice);
			expect(result).toMatchObject({destination: path, inPlace: false, files: 1, rollbackCopy: null, skipped: []});
			expect(readFileSync(path, 'utf8')).toBe(wanted.content);
			expect(statSync(path).mode & 0o777).toBe(wanted.mode);
			expect(statSync(path).mtimeMs).toBe(wanted.time);
		}

		expect(statSync(join(scene.root, 'new/deep')).mode & 0o777).toBe(0o700);
		expect([...hidden(scene.root), ...hidden(folder)]).toEqual([]);
		expect(readdirSync(join(scene.root, 'state'))).toEqual([]);
		expect(digestTree(scene.instance.dataFolder)).toEqual(live);
	});

	test('what a link led to comes as a file; secrets stay private', async () => {
		const scene = newScene();
		symlinkSync('benchy_0.2mm_PLA.gcode', join(scene.instance.uploads, 'latest.gcode'));
		const backup = await scene.create();
		const to = join(scene.root, 'latest.gcode');
		await scene.restore(backup, {to, files: ['uploads/latest.gcode']});
		expect(readFileSync(to, 'utf8')).toBe(copyOf(scene, 'uploads/benchy_0.2mm_PLA.gcode').content);
		await scene.restore(backup, {to: join(scene.root, 'users'), files: ['users.yaml']});
		expect(statSync(join(scene.root, 'users')).mode & 0o777).toBe(0o600);
	});

	test('never over anything, never into the live data, the backups or private folders', async () => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		const backup = await scene.create();
		const file = join(scene.root, 'mine');
		writeFileSync(file, 'mine');
		symlinkSync('/nowhere', join(scene.root, 'dangling'));
		mkdirSync(join(scene.root, 'taken/_default.profile'), {recursive: true});
		mkdirSync(join(scene.root, '.printkeep-octoprint'));
		symlinkSync(dataFolder, join(scene.root, 'way in'));
		for (const [to, code] of [
			[file, 'destination-exists'],
			[join(scene.root, 'dangling'), 'destination-exists'],
			[join(scene.root, 'taken'), 'destination-exists'],
			[join(dataFolder, 'printerProfiles'), 'unsafe-destination'],
			[join(dataFolder, 'new.profile'), 'unsafe-destination'],
			[join(scene.root, 'way in/new.profile'), 'unsafe-destination'],
			[join(scene.target.store, 'new.profile'), 'unsafe-destination'],
			[join(scene.root, '.printkeep-octoprint'), 'unsafe-destination'],
			['relative.profile', 'usage'],
			[join(file, 'below'), 'failed'],
		] as const) {
			await expect(scene.restore(backup, {to, files: [profile]}), to).rejects.toMatchObject({code});
		}

		expect(readFileSync(file, 'utf8')).toBe('mine');
		expect(hidden(scene.root)).toEqual(['.printkeep-octoprint']);
	});

	test('a file that somebody makes meanwhile is not overwritten', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const to = join(scene.root, 'fan.sh');
		await expect(
			scene.restore(backup, {
				to,
				files: ['scripts/lüfter.sh'],
				onPhase(phase) {
					if (phase === 'checking') {
						writeFileSync(to, 'mine');
					}
				},
			}),
		).rejects.toMatchObject({code: 'destination-exists'});
		expect(readFileSync(to, 'utf8')).toBe('mine');
		expect(hidden(scene.root)).toEqual([]);
	});

	test('a disk that fails leaves nothing; dying leaves nothing under the name, or the whole file', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const wanted = copyOf(scene, profile).content;
		const to = join(scene.root, 'new/back.profile');
		for (const call of [
			'create',
			'write',
			'syncFile',
			'syncDirectory',
			'makeDirectory',
			'link',
			'changeMode',
		] as const) {
			for (let number = 1; ; number++) {
				const {disk, hasFailed} = makeFailingDisk(systemDisk, {call, number, code: 'EIO'});
				const error = await scene.restore(backup, {to, files: [profile], disk}).catch((caught: unknown) => caught);
				if (!hasFailed()) {
					unlinkSync(to);
					break;
				}

				if (existsSync(to)) {
					expect(readFileSync(to, 'utf8')).toBe(wanted);
					unlinkSync(to);
				} else {
					expect(error).toMatchObject({name: 'PrintkeepError'});
				}

				expect(hidden(scene.root), `${call} ${number}`).toEqual([]);
			}
		}

		let deaths = 0;
		for (let lives = 0; ; lives++) {
			const {disk, isDead} = makeMortalDisk(lives);
			await scene.restore(backup, {to, files: [profile], disk}).catch(() => undefined);
			if (!isDead()) {
				break;
			}

			deaths++;
			if (existsSync(to)) {
				expect(readFileSync(to, 'utf8')).toBe(wanted);
				unlinkSync(to);
			}
		}

		expect(deaths).toBeGreaterThan(10);
	});
});
