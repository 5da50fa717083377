import {
	appendFileSync,
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {undoInfo} from '../../../source/engine/restore/undo-info.js';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {makeForeignArchive, octoprintMembers} from '../../helpers/foreign-archive.js';
import {dumpDatabase} from '../../helpers/sqlite.js';
import {newScene, type Scene} from './scene.js';

/** The data folder without what a restore never touches and what it makes beside it. */
const treeOf = ({instance}: Pick<Scene, 'instance'>): Tree => digestTree(instance.dataFolder);

const isDatabase = (path: string): boolean => /\.db(-wal|-shm)?$/.test(path);

const damage = ({instance: {dataFolder, uploads}}: Scene): void => {
	rmSync(join(uploads, 'Kalibrierung'), {recursive: true});
	appendFileSync(join(uploads, 'benchy_0.2mm_PLA.gcode'), 'M112\n');
	writeFileSync(join(uploads, 'new since.gcode'), 'G28\n');
	writeFileSync(join(dataFolder, 'config.yaml'), 'server:\n  host: 0.0.0.0\n');
	chmodSync(join(dataFolder, 'scripts/lüfter.sh'), 0o600);
	rmSync(join(dataFolder, 'printerProfiles'), {recursive: true});
	writeFileSync(join(dataFolder, 'printerProfiles'), 'a file where a folder was');
	unlinkSync(join(dataFolder, 'data/PrintJobHistory/printJobHistory.db'));
	mkdirSync(join(dataFolder, 'data/newPlugin'));
	writeFileSync(join(dataFolder, 'data/newPlugin/state.json'), '{}');
};

const leftovers = ({root}: Scene): readonly string[] => readdirSync(root).filter(name => name.startsWith('.printkeep'));

describe('restoring in place', () => {
	test('brings every file back as it was: content, mode, time, empty folders; databases by what is in them', async () => {
		const scene = newScene();
		const before = digestTree(scene.instance.dataFolder, {skip: isDatabase, folderTimes: false});
		const dumps = scene.instance.databases.map(path => dumpDatabase(join(scene.instance.dataFolder, path)));
		const backup = await scene.create();
		damage(scene);
		const result = await scene.restore(backup);
		expect(result).toMatchObject({type: 'restore', inPlace: true, skipped: []});
		expect(digestTree(scene.instance.dataFolder, {skip: isDatabase, folderTimes: false})).toEqual(before);
		expect(scene.instance.databases.map(path => dumpDatabase(join(scene.instance.dataFolder, path)))).toEqual(dumps);
		// The old write-ahead log would be replayed over the restored database.
		expect(existsSync(join(scene.instance.dataFolder, 'data/SpoolManager/spoolmanager.db-wal'))).toBe(false);
		expect(statSync(join(scene.instance.dataFolder, 'users.yaml')).mode & 0o777).toBe(0o600);
	});

	test('restoring again changes nothing, dates of folders included, and the plan says so', async () => {
		const scene = newScene();
		const backup = await scene.create();
		await scene.restore(backup);
		const first = treeOf(scene);
		const plan = await scene.plan(backup);
		expect(plan.counts).toMatchObject({added: 0, changed: 0, removed: 0});
		expect(plan.counts.kept).toBeGreaterThan(15);
		await scene.restore(backup);
		expect(treeOf(scene)).toEqual(first);
	});

	test('the plan tells what happens, and then it happens', async () => {
		const scene = newScene();
		const backup = await scene.create();
		await scene.restore(backup);
		damage(scene);
		const plan = await scene.plan(backup);
		expect(plan).toMatchObject({
			inPlace: true,
			destination: scene.instance.dataFolder,
			enoughSpace: true,
			backupVersion: '1.11.8',
			installedVersion: '1.11.8',
			newerVersion: false,
			restoreDisabled: '',
			proof: 'sha256',
		});
		// Gone: Kalibrierung/…, the profile, a database. Changed: benchy, config.yaml. More: new since, newPlugin/state.json, the file printerProfiles.
		expect(plan.counts).toMatchObject({added: 3, changed: 2, removed: 3});
		expect(plan.untouched).toEqual(expect.arrayContaining(['logs', 'generated', 'watched']));
		const uploads = plan.parts.find(({name}) => name === 'uploads');
		expect(uploads?.counts).toEqual({added: 1, changed: 1, removed: 1, kept: 3});
		const {counts} = await scene.restore(backup);
		expect(counts).toEqual(plan.counts);
	});

	test('keeps what the backup does not cover', async () => {
		const scene = newScene();
		const {dataFolder, timelapse} = scene.instance;
		const backup = await scene.create({excludes: ['timelapse']});
		mkdirSync(join(dataFolder, 'data/backup'), {recursive: true});
		mkdirSync(join(dataFolder, 'foreign folder'));
		writeFileSync(join(dataFolder, 'data/backup/other.zip'), 'another backup');
		writeFileSync(join(dataFolder, 'foreign folder/notes.txt'), 'unknown to the backup');
		writeFileSync(join(timelapse, 'later.mp4'), 'made after the backup');
		writeFileSync(join(dataFolder, 'logs/later.log'), 'a later log');
		const kept = (): Tree => ({
			...digestTree(join(dataFolder, 'data/backup')),
			...digestTree(join(dataFolder, 'foreign folder')),
			...digestTree(timelapse),
			...digestTree(join(dataFolder, 'logs')),
			...digestTree(join(dataFolder, 'generated')),
		});
		const before = kept();
		damage(scene);
		await scene.restore(backup);
		expect(kept()).toEqual(before);
		expect(existsSync(join(dataFolder, 'data/newPlugin'))).toBe(false);
	});

	test('a store inside a part stays, and so do the backups in it', async () => {
		const scene = newScene();
		const store = join(scene.instance.dataFolder, 'data/plugin/store');
		const inside = {...scene.target, store};
		mkdirSync(store, {recursive: true});
		const backup = await scene.create();
		const moved = join(store, 'backup.zip');
		renameSync(backup, moved);
		writeFileSync(join(store, '.printkeep-index.json'), '{}');
		damage(scene);
		const before = digestTree(store);
		await scene.restore(moved, {target: inside});
		expect(digestTree(store)).toEqual(before);
		expect(existsSync(join(scene.instance.dataFolder, 'data/newPlugin'))).toBe(false);
	});

	test('restores only the chosen parts', async () => {
		const scene = newScene();
		const backup = await scene.create();
		damage(scene);
		const config = readFileSync(join(scene.instance.dataFolder, 'config.yaml'), 'utf8');
		const result = await scene.restore(backup, {parts: ['uploads']});
		expect(result.counts).toEqual({added: 1, changed: 1, removed: 1, kept: 3});
		expect(existsSync(join(scene.instance.uploads, 'Kalibrierung'))).toBe(true);
		expect(readFileSync(join(scene.instance.dataFolder, 'config.yaml'), 'utf8')).toBe(config);
		await expect(scene.restore(backup, {parts: ['logs']})).rejects.toMatchObject({code: 'usage'});
	});

	test('a linked uploads folder and a timelapse folder configured elsewhere are filled where they are; the link stays', async () => {
		const scene = newScene({linkedUploads: true, externalTimelapse: true});
		const {dataFolder, elsewhere, uploads, timelapse} = scene.instance;
		const skip = (path: string): boolean => isDatabase(path) || path.startsWith('.printkeep');
		const before = {data: digestTree(dataFolder, {skip, folderTimes: false}), far: digestTree(elsewhere, {skip})};
		const backup = await scene.create();
		writeFileSync(join(uploads, 'more.gcode'), 'G28\n');
		unlinkSync(join(timelapse, 'benchy_20260101120000.mp4'));
		rmSync(join(uploads, 'leer'), {recursive: true});
		const plan = await scene.plan(backup);
		expect(plan.parts.find(({name}) => name === 'uploads')?.externalTarget).toBe(uploads);
		await scene.restore(backup);
		expect(readlinkSync(join(dataFolder, 'uploads'))).toBe(uploads);
		expect(digestTree(dataFolder, {skip, folderTimes: false})).toEqual(before.data);
		const after = digestTree(elsewhere, {skip});
		// The folder that holds the two is nobody's part; a private folder beside each has changed its date.
		expect({...after, '.': null}).toEqual({...before.far, '.': null});
		await scene.undo();
		expect(existsSync(join(uploads, 'more.gcode'))).toBe(true);
		expect(existsSync(join(timelapse, 'benchy_20260101120000.mp4'))).toBe(false);
	});

	test('a folder on another file system gets its own private folder there', async ({skip}) => {
		if (!existsSync('/dev/shm') || statSync('/dev/shm').dev === statSync('/tmp').dev) {
			skip();
		}

		const scene = newScene();
		const far = newScene().root;
		const shm = `/dev/shm/printkeep-test-${process.pid}-${Math.floor(performance.now())}`;
		mkdirSync(join(shm, 'uploads'), {recursive: true});
		try {
			const {dataFolder} = scene.instance;
			rmSync(join(dataFolder, 'uploads'), {recursive: true});
			appendFileSync(join(dataFolder, 'config.yaml'), `folder:\n  uploads: ${shm}/uploads\n`);
			writeFileSync(join(shm, 'uploads/a.gcode'), 'G28\n');
			const backup = await scene.create();
			writeFileSync(join(shm, 'uploads/a.gcode'), 'changed\n');
			const plan = await scene.plan(backup);
			expect(plan.space).toHaveLength(2);
			await scene.restore(backup);
			expect(readFileSync(join(shm, 'uploads/a.gcode'), 'utf8')).toBe('G28\n');
			await scene.undo();
			expect(readFileSync(join(shm, 'uploads/a.gcode'), 'utf8')).toBe('changed\n');
			expect(readdirSync(shm).sort()).toEqual(['.printkeep-uploads', 'uploads']);
		} finally {
			rmSync(shm, {recursive: true});
			rmSync(far, {recursive: true, force: true});
		}
	});

	test('files whose names are no UTF-8 get their own names back', async () => {
		const scene = newScene();
		const folder = Buffer.concat([Buffer.from(`${scene.instance.uploads}/`), Buffer.from([0x66, 0xfc, 0x72])]);
		mkdirSync(folder);
		const file = Buffer.concat([folder, Buffer.from('/w\xfcrfel\nline.gcode', 'latin1')]);
		writeFileSync(file, 'G28\n');
		const backup = await scene.create();
		rmSync(folder, {recursive: true});
		await scene.restore(backup);
		expect(readFileSync(file, 'utf8')).toBe('G28\n');
		expect(readdirSync(folder)).toHaveLength(1);
		// Again, with the odd names in the way.
		const plan = await scene.plan(backup);
		expect(plan.counts).toMatchObject({added: 0, changed: 0, removed: 0});
		await scene.restore(backup);
		expect(readFileSync(file, 'utf8')).toBe('G28\n');
	});

	test('links inside the data come back as links; links out of it only where they still are', async () => {
		const scene = newScene();
		const {uploads} = scene.instance;
		symlinkSync('benchy_0.2mm_PLA.gcode', join(uploads, 'latest.gcode'));
		symlinkSync('/etc/hostname', join(uploads, 'host.gcode'));
		symlinkSync('../nowhere', join(uploads, 'dangling'));
		symlinkSync('/nowhere/at/all', join(uploads, 'far'));
		const backup = await scene.create();
		const there = await scene.restore(backup);
		expect(there.skipped).toEqual([]);
		for (const [name, target] of [
			['latest.gcode', 'benchy_0.2mm_PLA.gcode'],
			['host.gcode', '/etc/hostname'],
			['dangling', '../nowhere'],
			['far', '/nowhere/at/all'],
		] as const) {
			expect(readlinkSync(join(uploads, name))).toBe(target);
			unlinkSync(join(uploads, name));
		}

		const gone = await scene.restore(backup);
		expect(gone.skipped).toMatchObject([{path: 'uploads/far'}]);
		expect(readlinkSync(join(uploads, 'latest.gcode'))).toBe('benchy_0.2mm_PLA.gcode');
		expect(readlinkSync(join(uploads, 'dangling'))).toBe('../nowhere');
		expect(lstatSync(join(uploads, 'host.gcode')).isFile()).toBe(true);
	});

	test('an archive of OctoPrint: modes from its entries, parts it does not have stay, nested backups are ignored', async () => {
		const scene = newScene();
		const zip = join(scene.root, 'octoprint-backup.zip');
		await makeForeignArchive(zip, {
			...octoprintMembers,
			'basedir/data/backup/nested.zip': 'PK',
			'basedir/timelapse/tmp/frame.jpg': 'x',
		});
		const timelapse = digestTree(scene.instance.timelapse);
		const plan = await scene.plan(zip);
		expect(plan).toMatchObject({proof: 'crc32'});
		expect(plan.warnings.join('\n')).toMatch(/CRC-32/);
		expect(plan.warnings.join('\n')).toMatch(/2 entries .* never restored/);
		expect(plan.untouched).toContain('timelapse');
		const result = await scene.restore(zip);
		expect(result.skipped).toEqual([]);
		expect(readdirSync(scene.instance.uploads)).toEqual(['cube.gcode']);
		expect(digestTree(scene.instance.timelapse)).toEqual(timelapse);
		expect(existsSync(join(scene.instance.dataFolder, 'data/backup'))).toBe(false);
		expect(statSync(join(scene.instance.dataFolder, 'config.yaml')).mode & 0o777).toBe(0o600);
	});

	test('an archive without users leaves the present ones', async () => {
		const scene = newScene();
		const zip = join(scene.root, 'octoprint-backup.zip');
		const {'basedir/users.yaml': _, ...members} = octoprintMembers;
		await makeForeignArchive(zip, members);
		const users = readFileSync(join(scene.instance.dataFolder, 'users.yaml'), 'utf8');
		const plan = await scene.plan(zip);
		expect(plan.warnings.join('\n')).toMatch(/users\.yaml is not in the backup/);
		await scene.restore(zip);
		expect(readFileSync(join(scene.instance.dataFolder, 'users.yaml'), 'utf8')).toBe(users);
	});
});

describe('undo', () => {
	test('brings the replaced tree back, and undoing the undo the restored one, as often as wanted', async () => {
		const scene = newScene();
		const backup = await scene.create();
		damage(scene);
		const damaged = treeOf(scene);
		await scene.restore(backup);
		const restored = treeOf(scene);
		expect(undoInfo(scene.target)).toMatchObject({key: expect.stringMatching(/\.zip$/)});
		for (const expected of [damaged, restored, damaged, restored]) {
			await scene.undo();
			expect(treeOf(scene)).toEqual(expected);
		}
	});

	test('only the newest rollback copy is kept, and nothing else', async () => {
		const scene = newScene();
		const backup = await scene.create();
		await scene.restore(backup);
		await scene.restore(backup);
		const {rollbackCopy} = await scene.restore(backup);
		const work = join(scene.root, '.printkeep-octoprint');
		expect(leftovers(scene)).toEqual(['.printkeep-octoprint']);
		expect(statSync(work).mode & 0o777).toBe(0o700);
		expect(readdirSync(work).sort()).toEqual(['rollback.json', rollbackCopy?.slice(work.length + 1)].sort());
		expect(statSync(join(work, 'rollback.json')).mode & 0o777).toBe(0o600);
	});

	test('keeps what was made since', async () => {
		const scene = newScene();
		const backup = await scene.create();
		await scene.restore(backup);
		writeFileSync(join(scene.instance.uploads, 'printed today.gcode'), 'G28\n');
		await scene.undo();
		expect(existsSync(join(scene.instance.uploads, 'printed today.gcode'))).toBe(false);
		await scene.undo();
		expect(existsSync(join(scene.instance.uploads, 'printed today.gcode'))).toBe(true);
	});

	test('with nothing to undo says so', async () => {
		const scene = newScene();
		expect(undoInfo(scene.target)).toBeNull();
		await expect(scene.undo()).rejects.toMatchObject({code: 'nothing-to-undo'});
	});
});

describe('restoring into another folder', () => {
	test('makes the folder, with the contents of the data folder directly in it, external parts included', async () => {
		const scene = newScene({linkedUploads: true, externalTimelapse: true});
		const skip = (path: string): boolean =>
			isDatabase(path) || /^(logs|generated|watched|timelapse\/tmp)($|\/)/.test(path) || path.startsWith('.printkeep');
		const backup = await scene.create();
		const live = treeOf(scene);
		const to = join(scene.root, 'new/folder');
		const result = await scene.restore(backup, {to});
		expect(result).toMatchObject({inPlace: false, destination: to, rollbackCopy: null, skipped: [], next: []});
		expect(readFileSync(join(to, 'config.yaml'), 'utf8')).toBe(
			readFileSync(join(scene.instance.dataFolder, 'config.yaml'), 'utf8'),
		);
		expect(digestTree(join(to, 'uploads'), {skip})).toEqual(digestTree(scene.instance.uploads, {skip}));
		expect(existsSync(join(to, 'timelapse/benchy_20260101120000.mp4'))).toBe(true);
		expect(readdirSync(dirname(to))).toEqual(['folder']);
		expect(treeOf(scene)).toEqual(live);
		expect(leftovers(scene)).toEqual([]);
	});

	test('an empty folder keeps its mode; anything else is refused and untouched', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const empty = join(scene.root, 'empty');
		mkdirSync(empty, {mode: 0o750});
		await scene.restore(backup, {to: empty});
		expect(statSync(empty).mode & 0o777).toBe(0o750);
		const {dataFolder} = scene.instance;
		for (const [to, code] of [
			[empty, 'destination-exists'],
			[join(dataFolder, 'config.yaml'), 'unsafe-destination'],
			[join(dataFolder, 'copy'), 'unsafe-destination'],
			[join(scene.target.store, 'copy'), 'unsafe-destination'],
			['/', 'unsafe-destination'],
			['relative', 'usage'],
		] as const) {
			await expect(scene.restore(backup, {to})).rejects.toMatchObject({code});
		}

		const file = join(scene.root, 'file');
		writeFileSync(file, '');
		await expect(scene.restore(backup, {to: file})).rejects.toMatchObject({code: 'destination-exists'});
	});

	test('only some parts', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const to = join(scene.root, 'copy');
		await scene.restore(backup, {to, parts: ['scripts']});
		expect(readdirSync(to)).toEqual(['scripts']);
	});
});

describe('refusals', () => {
	test('a damaged backup never touches the live data', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const before = treeOf(scene);
		const bytes = readFileSync(backup);
		const damaged = join(scene.root, 'damaged.zip');
		for (const where of [0.2, 0.5, 0.8]) {
			const copy = Buffer.from(bytes);
			const at = Math.floor(copy.length * where);
			copy[at] = (copy[at] ?? 0) ^ 1;
			writeFileSync(damaged, copy);
			await expect(scene.restore(damaged)).rejects.toMatchObject({
				code: expect.stringMatching(/^archive-(damaged|refused)$/),
			});
		}

		writeFileSync(damaged, bytes.subarray(0, bytes.length - 100));
		await expect(scene.restore(damaged)).rejects.toMatchObject({code: expect.stringMatching(/^(archive|not-a-zip)/)});
		writeFileSync(damaged, 'no zip');
		await expect(scene.restore(damaged)).rejects.toMatchObject({code: 'not-a-zip'});
		expect(treeOf(scene)).toEqual(before);
		expect(leftovers(scene)).toEqual([]);
	});

	test('another server, a newer version, restoring switched off', async () => {
		const scene = newScene();
		const before = treeOf(scene);
		const zip = join(scene.root, 'other.zip');
		await makeForeignArchive(zip, {'index.html': 'x'});
		await expect(scene.restore(zip)).rejects.toMatchObject({code: 'wrong-server'});
		await makeForeignArchive(zip, {...octoprintMembers, 'metadata.json': '{"version": "2.1.0", "excludes": []}'});
		expect(await scene.plan(zip)).toMatchObject({newerVersion: true, backupVersion: '2.1.0'});
		await expect(scene.restore(zip)).rejects.toMatchObject({code: 'newer-version'});
		const off = {...scene.target, restoreUnsupported: true};
		await makeForeignArchive(zip);
		await expect(scene.restore(zip, {target: off})).rejects.toMatchObject({code: 'restore-unsupported'});
		expect((await scene.plan(zip, {target: off})).restoreDisabled).not.toBe('');
		expect(treeOf(scene)).toEqual(before);
		expect(leftovers(scene)).toEqual([]);
		await scene.restore(zip, {target: off, to: join(scene.root, 'elsewhere now')});
		await makeForeignArchive(zip, {...octoprintMembers, 'metadata.json': '{"version": "2.1.0", "excludes": []}'});
		await scene.restore(zip, {allowNewer: true});
		expect(readdirSync(scene.instance.uploads)).toEqual(['cube.gcode']);
	});

	test("a configuration that leads into the system's folders is refused", async () => {
		const scene = newScene();
		const zip = join(scene.root, 'hostile.zip');
		await makeForeignArchive(zip, {
			...octoprintMembers,
			'basedir/config.yaml': 'folder:\n  uploads: /etc/cron.d\n',
		});
		await expect(scene.restore(zip)).rejects.toMatchObject({code: 'unsafe-destination'});
	});

	test('a folder whose disk is missing is named', async () => {
		const scene = newScene();
		const zip = join(scene.root, 'far.zip');
		await makeForeignArchive(zip, {
			...octoprintMembers,
			'basedir/config.yaml': `folder:\n  uploads: ${scene.root}/not/mounted/uploads\n`,
		});
		await expect(scene.restore(zip)).rejects.toMatchObject({
			code: 'missing-folder',
			message: expect.stringContaining('not/mounted/uploads'),
		});
	});

	test('too little space is told before anything is written', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const plan = await scene.plan(backup);
		expect(plan.space[0]?.neededBytes).toBeGreaterThan(plan.bytesToWrite);
	});
});

test('dates from before 1970 and after 2038 are kept', async () => {
	const scene = newScene();
	const file = join(scene.instance.uploads, 'empty.gcode');
	for (const seconds of [-1000, 5_000_000_000]) {
		utimesSync(file, new Date(seconds * 1000), new Date(seconds * 1000));
		const backup = await scene.create();
		utimesSync(file, 0, 0);
		await scene.restore(backup);
		expect(Math.round(statSync(file).mtimeMs / 1000)).toBe(seconds);
	}
});
