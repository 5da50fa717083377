/** What must not be lost or led astray when others write, plant things or fill the disk meanwhile. */
import {
	chmodSync,
	chownSync,
	existsSync,
	lchownSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {fromStored, toBytePath} from '../../../source/engine/restore/byte-path.js';
import {type Journal, writeJournal} from '../../../source/engine/restore/journal.js';
import {findPending, recoverInterrupted} from '../../../source/engine/restore/recover.js';
import {digestTree} from '../../helpers/digest-tree.js';
import {makeForeignArchive, octoprintMembers} from '../../helpers/foreign-archive.js';
import {asOrdinaryUser} from '../../helpers/ordinary-user.js';
import {newScene} from './scene.js';

const isRoot = process.getuid?.() === 0;

const plainJournal = (options: Pick<Journal, 'places' | 'moves'>): Journal => ({
	format: 1,
	id: '0a',
	job: 'restore',
	startedAt: 1,
	key: 'x.zip',
	folders: [],
	stageName: fromStored('stage-0a'),
	rollbackName: fromStored('rollback-0a'),
	rollbackBytes: 0,
	phase: 'forward',
	replaced: null,
	...options,
});

describe('a journal that somebody else has put there', () => {
	test('does not make recovery move things outside of its own private folders', async () => {
		const scene = newScene();
		const victim = join(scene.root, 'victim');
		const staged = join(scene.root, 'anywhere/stage-0a');
		mkdirSync(victim);
		mkdirSync(staged, {recursive: true});
		writeFileSync(join(victim, 'authorized_keys'), 'mine');
		writeFileSync(join(staged, 'authorized_keys'), 'theirs');
		const work = join(scene.root, '.printkeep-octoprint');
		mkdirSync(work, {mode: 0o700});
		await writeJournal(
			systemDisk,
			toBytePath(work),
			plainJournal({
				places: [{live: toBytePath(victim), work: toBytePath(join(scene.root, 'anywhere')), made: false}],
				moves: [{place: 0, path: toBytePath('authorized_keys'), out: true, in: true}],
			}),
			'01',
		);
		await expect(recoverInterrupted(scene.ports, scene.target.instance)).rejects.toMatchObject({
			code: 'needs-recovery',
		});
		expect(readFileSync(join(victim, 'authorized_keys'), 'utf8')).toBe('mine');
	});

	test.runIf(isRoot)('is not followed when the private folder belongs to another user', async () => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		const work = join(scene.root, '.printkeep-octoprint');
		mkdirSync(join(work, 'stage-0a'), {recursive: true, mode: 0o700});
		writeFileSync(join(work, 'stage-0a/users.yaml'), 'intruder: {}');
		await writeJournal(
			systemDisk,
			toBytePath(work),
			plainJournal({
				places: [{live: toBytePath(dataFolder), work: toBytePath(work), made: false}],
				moves: [{place: 0, path: toBytePath('users.yaml'), out: true, in: true}],
			}),
			'01',
		);
		chownSync(work, 4242, 4242);
		const before = digestTree(dataFolder);
		await expect(recoverInterrupted(scene.ports, scene.target.instance)).rejects.toMatchObject({
			code: 'needs-recovery',
		});
		expect(digestTree(dataFolder)).toEqual(before);
	});

	test('is not followed through a link', async () => {
		const scene = newScene();
		const elsewhere = join(scene.root, 'planted');
		mkdirSync(elsewhere, {mode: 0o700});
		writeFileSync(join(elsewhere, 'journal.json'), '{}');
		symlinkSync(elsewhere, join(scene.root, '.printkeep-octoprint'));
		await expect(recoverInterrupted(scene.ports, scene.target.instance)).rejects.toMatchObject({
			code: 'needs-recovery',
		});
	});
});

describe('undo', () => {
	test("the server's own backups stay where they are, also in folders that came or went as a whole", async () => {
		for (const hadData of [true, false]) {
			const scene = newScene();
			const {dataFolder} = scene.instance;
			const backup = await scene.create();
			if (hadData) {
				writeFileSync(join(dataFolder, 'data/last_safe_mode'), 'changed');
			} else {
				rmSync(join(dataFolder, 'data'), {recursive: true});
			}

			await scene.restore(backup);
			const native = join(dataFolder, 'data/backup');
			mkdirSync(native, {recursive: true});
			writeFileSync(join(native, 'octoprint-backup.zip'), 'precious');
			await scene.undo();
			expect(readFileSync(join(native, 'octoprint-backup.zip'), 'utf8')).toBe('precious');
			if (hadData) {
				expect(readFileSync(join(dataFolder, 'data/last_safe_mode'), 'utf8')).toBe('changed');
			} else {
				expect(readdirSync(join(dataFolder, 'data'))).toEqual(['backup']);
			}

			await scene.undo();
			expect(readFileSync(join(native, 'octoprint-backup.zip'), 'utf8')).toBe('precious');
			expect(readFileSync(join(dataFolder, 'data/last_safe_mode'), 'utf8')).not.toBe('changed');
		}
	});
});

describe('a swap that cannot go on', () => {
	test('a disk that is full from then on: everything is moved back', async () => {
		let failures = 0;
		for (let allowed = 0; ; allowed++) {
			const scene = newScene();
			const {dataFolder} = scene.instance;
			const backup = await scene.create();
			writeFileSync(join(dataFolder, 'config.yaml'), 'changed: true\n');
			writeFileSync(join(dataFolder, 'data/later.json'), '{}');
			const before = digestTree(dataFolder, {folderTimes: false});
			let isSwapping = false;
			let left = allowed;
			let isFull = false;
			const full =
				<Arguments extends unknown[], Result>(call: (...args: Arguments) => Result) =>
				(...args: Arguments): Result => {
					if (isSwapping && left-- <= 0) {
						isFull = true;
						throw Object.assign(new Error('ENOSPC: injected'), {code: 'ENOSPC', syscall: 'open'});
					}

					return call(...args);
				};
			const disk: Disk = {
				...systemDisk,
				create: full(systemDisk.create),
				write: full(systemDisk.write),
				makeDirectory: full(systemDisk.makeDirectory),
			};
			let error: unknown;
			try {
				await scene.restore(backup, {
					disk,
					onPhase(phase) {
						isSwapping ||= phase === 'swapping';
					},
				});
			} catch (caught) {
				error = caught;
			}

			if (!isFull) {
				break;
			}

			failures++;
			const pending = findPending(scene.target.instance);
			if (pending?.journal.phase === 'swapped') {
				expect(error).toMatchObject({
					code: 'needs-recovery',
					message: expect.stringMatching(/^The backup is restored/),
				});
			} else {
				expect(error).toMatchObject({code: 'no-space'});
				expect(digestTree(dataFolder, {folderTimes: false}), `full after ${allowed}`).toEqual(before);
				expect(pending).toBeNull();
			}
		}

		expect(failures).toBeGreaterThan(3);
	});

	test('what a server makes after everything was moved back is not taken for something restored', async () => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		const backup = await scene.create();
		// The restore would add this file.
		rmSync(join(dataFolder, 'translations'), {recursive: true});
		writeFileSync(join(dataFolder, 'config.yaml'), 'changed: true\n');
		let isBack = false;
		const die = (): never => {
			throw new Error('the power is gone');
		};
		const disk: Disk = {
			...systemDisk,
			rename(from, to) {
				if (String(from).includes('/stage-') && String(to).endsWith('/users.yaml')) {
					isBack = true;
					throw Object.assign(new Error('EBUSY: injected'), {code: 'EBUSY', syscall: 'rename'});
				}

				systemDisk.rename(from, to);
			},
			removeDirectory(path) {
				// The stage is nearly gone when the power goes.
				if (isBack && /\/stage-[0-9a-f]+$/.test(String(path))) {
					die();
				}

				systemDisk.removeDirectory(path);
			},
			syncDirectory: async path =>
				isBack && !readdirSync(join(scene.root, '.printkeep-octoprint')).some(name => name.startsWith('rollback-'))
					? die()
					: systemDisk.syncDirectory(path),
		};
		await expect(scene.restore(backup, {disk})).rejects.toThrow();
		expect(isBack).toBe(true);
		mkdirSync(join(dataFolder, 'translations'));
		writeFileSync(join(dataFolder, 'translations/mine'), 'made since');
		await recoverInterrupted(scene.ports, scene.target.instance);
		expect(readFileSync(join(dataFolder, 'translations/mine'), 'utf8')).toBe('made since');
		expect(readFileSync(join(dataFolder, 'config.yaml'), 'utf8')).toBe('changed: true\n');
	});

	test('something that vanished just before the swap does not come from the backup when all is taken back', async () => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		const backup = await scene.create();
		writeFileSync(join(dataFolder, 'config.yaml'), 'changed: true\n');
		let hasVanished = false;
		const disk: Disk = {
			...systemDisk,
			rename(from, to) {
				if (!hasVanished && String(to).includes('/rollback-')) {
					hasVanished = true;
					rmSync(join(dataFolder, 'plugins'), {recursive: true});
				}

				if (String(from).includes('/stage-') && String(to).endsWith('/users.yaml')) {
					throw Object.assign(new Error('EBUSY: injected'), {code: 'EBUSY', syscall: 'rename'});
				}

				systemDisk.rename(from, to);
			},
		};
		await expect(scene.restore(backup, {disk})).rejects.toThrow();
		expect(hasVanished).toBe(true);
		expect(existsSync(join(dataFolder, 'plugins'))).toBe(false);
		expect(readFileSync(join(dataFolder, 'config.yaml'), 'utf8')).toBe('changed: true\n');
	});

	test('something that vanished just before the swap does not stop a recovery', async () => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		const backup = await scene.create();
		writeFileSync(join(dataFolder, 'config.yaml'), 'changed: true\n');
		let hasVanished = false;
		let isDead = false;
		const mortal =
			<Arguments extends unknown[], Result>(call: (...args: Arguments) => Result) =>
			(...args: Arguments): Result => {
				if (isDead) {
					throw new Error('the power is gone');
				}

				return call(...args);
			};
		const disk: Disk = {
			...systemDisk,
			create: mortal(systemDisk.create),
			unlink: mortal(systemDisk.unlink),
			removeDirectory: mortal(systemDisk.removeDirectory),
			rename: mortal((from, to) => {
				if (!hasVanished && String(to).includes('/rollback-')) {
					hasVanished = true;
					rmSync(join(dataFolder, 'plugins'), {recursive: true});
				}

				systemDisk.rename(from, to);
				isDead = String(from).includes('/stage-') && String(to).endsWith('/users.yaml');
			}),
		};
		await expect(scene.restore(backup, {disk})).rejects.toThrow();
		expect(await recoverInterrupted(scene.ports, scene.target.instance)).toMatchObject({type: 'finished'});
		expect(readFileSync(join(dataFolder, 'config.yaml'), 'utf8')).not.toBe('changed: true\n');
		expect(existsSync(join(dataFolder, 'plugins/single_file.py'))).toBe(true);
	});
});

describe('what a partial backup could not take in', () => {
	test.skipIf(!isRoot && process.platform !== 'linux')(
		'everything in a folder that could not be read stays',
		async () => {
			const scene = newScene();
			const {uploads, dataFolder} = scene.instance;
			const secret = join(uploads, 'Kalibrierung');
			await asOrdinaryUser(scene.root, async () => {
				chmodSync(secret, 0o000);
				const backup = await scene.create();
				chmodSync(secret, 0o755);
				await scene.restore(backup);
				expect(readdirSync(secret)).toEqual(['Würfel größe 2.gcode']);
				expect(existsSync(join(dataFolder, 'config.yaml'))).toBe(true);
			});
		},
	);
});

describe('owners', () => {
	test.runIf(isRoot)('folders that an archive only implies belong to the user of the data folder', async () => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		chownSync(dataFolder, 4242, 4243);
		chownSync(join(dataFolder, 'uploads'), 4242, 4243);
		chmodSync(join(dataFolder, 'uploads'), 0o750);
		const archive = join(scene.root, 'foreign.zip');
		await makeForeignArchive(archive, {...octoprintMembers, 'basedir/uploads/new/cube.gcode': 'G28\n'});
		await scene.restore(archive);
		for (const path of ['uploads/new/cube.gcode', 'uploads/new', 'uploads']) {
			expect([path, lstatSync(join(dataFolder, path)).uid]).toEqual([path, 4242]);
		}

		expect(statSync(join(dataFolder, 'uploads')).mode & 0o777).toBe(0o750);
		await scene.restore(archive, {to: join(scene.root, 'copy')});
		for (const path of ['', 'uploads/new', 'uploads']) {
			expect([path, lstatSync(join(scene.root, 'copy', path)).uid]).toEqual([path, 4242]);
		}

		expect(statSync(join(dataFolder, 'users.yaml')).mode & 0o777).toBe(0o600);
	});
});

test.runIf(isRoot)('one file that was edited as root does not give the others to a stranger', async () => {
	const scene = newScene();
	const {dataFolder} = scene.instance;
	const give = (path: string, owner: number): void => {
		lchownSync(path, owner, owner);
		if (lstatSync(path).isDirectory()) {
			for (const name of readdirSync(path)) {
				give(join(path, name), owner);
			}
		}
	};
	give(dataFolder, 4242);
	chownSync(join(dataFolder, 'config.yaml'), 0, 0);
	const backup = await scene.create();
	give(dataFolder, 4243);
	await scene.restore(backup);
	for (const path of ['users.yaml', 'uploads', 'uploads/empty.gcode']) {
		expect([path, lstatSync(join(dataFolder, path)).uid]).toEqual([path, 4243]);
	}
});

describe('a configuration out of an archive', () => {
	test.each(['.ssh', '.config/autostart', '.octoprint2/uploads'])('does not lead to %s', async hidden => {
		const scene = newScene();
		const home = join(scene.root, 'home');
		mkdirSync(join(home, hidden), {recursive: true});
		writeFileSync(join(home, hidden, 'mine'), 'mine');
		const archive = join(scene.root, 'hostile.zip');
		await makeForeignArchive(archive, {
			...octoprintMembers,
			'basedir/config.yaml': `folder: {uploads: ${join(home, hidden)}}\n`,
		});
		await expect(scene.restore(archive)).rejects.toMatchObject({code: 'unsafe-destination'});
		expect(readdirSync(join(home, hidden))).toEqual(['mine']);
	});

	test("a link that somebody has put into the data leads no restore to the system's folders", async () => {
		const scene = newScene();
		symlinkSync('/srv', join(scene.instance.uploads, 'planted'));
		const archive = join(scene.root, 'hostile.zip');
		await makeForeignArchive(archive, {...octoprintMembers, 'basedir/uploads/planted/a.gcode': 'G28\n'});
		const {warnings} = await scene.plan(archive);
		expect(warnings.join()).toContain('uploads/planted');
		const before = readdirSync('/srv');
		await scene.restore(archive);
		expect(readdirSync('/srv')).toEqual(before);
	});

	test('nor does its file of users', async () => {
		const scene = newScene();
		const victim = join(scene.root, '.bashrc');
		writeFileSync(victim, 'mine');
		const archive = join(scene.root, 'hostile.zip');
		await makeForeignArchive(archive, {
			...octoprintMembers,
			'basedir/config.yaml': `accessControl: {userfile: ${victim}}\n`,
		});
		await expect(scene.restore(archive)).rejects.toMatchObject({code: 'unsafe-destination'});
		expect(readFileSync(victim, 'utf8')).toBe('mine');
	});
});

describe('links and folders that others share', () => {
	test('a link to a folder the backup does not know stays, and with it the way to the store', async () => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		const disk = join(scene.root, 'disk');
		mkdirSync(join(disk, 'backups'), {recursive: true});
		writeFileSync(join(disk, 'backups/precious.zip'), 'precious');
		const archive = join(scene.root, 'foreign.zip');
		await makeForeignArchive(archive);
		symlinkSync(disk, join(dataFolder, 'disk'));
		symlinkSync(join(disk, 'backups'), join(dataFolder, 'uploads/backups'));
		const target = {...scene.target, store: join(dataFolder, 'disk/backups')};
		await scene.restore(archive, {target});
		expect(readFileSync(join(dataFolder, 'disk/backups/precious.zip'), 'utf8')).toBe('precious');
		expect(readFileSync(join(dataFolder, 'uploads/backups/precious.zip'), 'utf8')).toBe('precious');
	});

	test('what another instance keeps of a folder that both use is never cleaned away', async () => {
		const scene = newScene({externalTimelapse: true});
		const backup = await scene.create();
		await scene.restore(backup);
		const work = join(scene.instance.elsewhere, '.printkeep-timelapse');
		const theirs = ['rollback-00ff', 'stage-00fe'];
		for (const name of theirs) {
			mkdirSync(join(work, name));
			writeFileSync(join(work, name, 'a.mp4'), 'theirs');
		}

		await scene.recover();
		await scene.restore(backup);
		await scene.recover();
		expect(readdirSync(work).filter(name => theirs.includes(name))).toEqual(theirs);
	});
});
