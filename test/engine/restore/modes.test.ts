/** What each mode removes, writes and leaves, in place and elsewhere. */
import {
	appendFileSync,
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {makeForeignArchive, octoprintMembers} from '../../helpers/foreign-archive.js';
import {makeWalDatabase} from '../../helpers/sqlite.js';
import {newScene, type Scene} from './scene.js';

const treeOf = ({instance}: Pick<Scene, 'instance'>): Tree => digestTree(instance.dataFolder);

const content = (path: string): string => readFileSync(path, 'utf8');

describe('merge', () => {
	test('writes what is in the backup and removes nothing', async () => {
		const scene = newScene();
		const {dataFolder, uploads} = scene.instance;
		const backup = await scene.create();
		await scene.restore(backup);
		rmSync(join(uploads, 'Kalibrierung'), {recursive: true});
		appendFileSync(join(uploads, 'benchy_0.2mm_PLA.gcode'), 'M112\n');
		writeFileSync(join(uploads, 'new since.gcode'), 'G28\n');
		mkdirSync(join(dataFolder, 'data/newPlugin'));
		writeFileSync(join(dataFolder, 'data/newPlugin/state.json'), '{}');
		chmodSync(join(dataFolder, 'uploads'), 0o750);
		const before = treeOf(scene);
		const plan = await scene.plan(backup, {mode: 'merge'});
		expect(plan).toMatchObject({mode: 'merge', files: null, lowSpace: false});
		expect(plan.counts).toMatchObject({added: 1, changed: 1, removed: 0});
		const result = await scene.restore(backup, {mode: 'merge'});
		expect(result.counts).toEqual(plan.counts);
		expect(result.skipped).toEqual([]);
		const after = treeOf(scene);
		expect(existsSync(join(uploads, 'Kalibrierung/Würfel größe 2.gcode'))).toBe(true);
		expect(content(join(uploads, 'benchy_0.2mm_PLA.gcode'))).not.toContain('M112');
		for (const path of ['uploads/new since.gcode', 'data/newPlugin/state.json', 'data/newPlugin', 'uploads', '.']) {
			expect([path, after[path]]).toEqual([path, before[path]]);
		}

		await scene.undo();
		expect(treeOf(scene)).toEqual(before);
		await scene.undo();
		expect(treeOf(scene)).toEqual(after);
	});

	test('does not put a file in the place of a folder with something in it, nor a folder in the place of a file', async () => {
		const scene = newScene();
		const {dataFolder, uploads} = scene.instance;
		const backup = await scene.create();
		unlinkSync(join(uploads, 'benchy_0.2mm_PLA.gcode'));
		mkdirSync(join(uploads, 'benchy_0.2mm_PLA.gcode'));
		// An empty folder holds nothing that could be lost.
		await scene.restore(backup, {mode: 'merge'});
		expect(statSync(join(uploads, 'benchy_0.2mm_PLA.gcode')).isFile()).toBe(true);
		unlinkSync(join(uploads, 'benchy_0.2mm_PLA.gcode'));
		mkdirSync(join(uploads, 'benchy_0.2mm_PLA.gcode/with'), {recursive: true});
		const before = treeOf(scene);
		for (const choice of [{mode: 'merge'}, {files: ['uploads/benchy_0.2mm_PLA.gcode']}] as const) {
			await expect(scene.plan(backup, choice)).rejects.toMatchObject({code: 'unsafe-destination'});
			await expect(scene.restore(backup, choice)).rejects.toMatchObject({code: 'unsafe-destination'});
		}

		rmSync(join(uploads, 'benchy_0.2mm_PLA.gcode'), {recursive: true});
		rmSync(join(dataFolder, 'printerProfiles'), {recursive: true});
		writeFileSync(join(dataFolder, 'printerProfiles'), 'a file');
		await expect(scene.restore(backup, {mode: 'merge'})).rejects.toMatchObject({
			code: 'unsafe-destination',
			message: expect.stringContaining('printerProfiles'),
		});
		expect(content(join(dataFolder, 'printerProfiles'))).toBe('a file');
		expect(before['.']).toBeDefined();
	});

	test('a link that is not made from an archive takes the place of nothing', async () => {
		const scene = newScene();
		const {uploads} = scene.instance;
		symlinkSync('/nowhere/at/all', join(uploads, 'far'));
		const backup = await scene.create();
		unlinkSync(join(uploads, 'far'));
		writeFileSync(join(uploads, 'far'), 'precious');
		const result = await scene.restore(backup, {mode: 'merge'});
		expect(result.skipped).toMatchObject([{path: 'uploads/far'}]);
		expect(content(join(uploads, 'far'))).toBe('precious');
	});

	test('the journal of a database does not stay to be replayed over the restored one', async () => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		const backup = await scene.create();
		await scene.restore(backup);
		const database = join(dataFolder, 'data/SpoolManager/spoolmanager.db');
		rmSync(database);
		makeWalDatabase(database, 7);
		expect(existsSync(`${database}-wal`)).toBe(true);
		writeFileSync(join(dataFolder, 'data/SpoolManager/notes-wal'), 'no journal');
		for (const choice of [{mode: 'merge'}, {files: ['data/SpoolManager/spoolmanager.db']}] as const) {
			const plan = await scene.plan(backup, choice);
			expect(plan.counts.removed).toBe(0);
			expect(plan.warnings.join('\n')).toMatch(/1 journal beside databases/);
		}

		const {skipped} = await scene.restore(backup, {files: ['data/SpoolManager/spoolmanager.db']});
		expect(skipped).toEqual([]);
		expect(existsSync(`${database}-wal`)).toBe(false);
		expect(existsSync(join(dataFolder, 'data/SpoolManager/notes-wal'))).toBe(true);
		await scene.undo();
		expect(existsSync(`${database}-wal`)).toBe(true);
	});
});

describe('exact', () => {
	const disturb = (scene: Scene): void => {
		const {dataFolder, uploads, timelapse} = scene.instance;
		writeFileSync(join(uploads, 'new since.gcode'), 'G28\n');
		mkdirSync(join(dataFolder, 'foreign folder/deep'), {recursive: true});
		writeFileSync(join(dataFolder, 'foreign folder/deep/notes.txt'), 'unknown to the backup');
		writeFileSync(join(dataFolder, 'stray.txt'), 'unknown too');
		writeFileSync(join(timelapse, 'later.mp4'), 'made after the backup');
		writeFileSync(join(dataFolder, 'logs/later.log'), 'a later log');
	};

	test('leaves nothing that is not in the backup, and counts all of it', async () => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		const backup = await scene.create({excludes: ['timelapse']});
		const skip = (path: string): boolean =>
			/^(logs|generated|watched|timelapse)($|\/)/.test(path) || /\.db(-wal|-shm)?$/.test(path);
		const made = digestTree(dataFolder, {skip});
		disturb(scene);
		const before = treeOf(scene);
		const plan = await scene.plan(backup, {mode: 'exact'});
		expect(plan).toMatchObject({mode: 'exact', untouched: []});
		expect(plan.warnings.join('\n')).toMatch(/Everything that is not in the backup leaves/);
		const result = await scene.restore(backup, {mode: 'exact'});
		expect(result.counts).toEqual(plan.counts);
		const after = treeOf(scene);
		const isFile = (path: string): boolean => before[path]?.type === 'file' && !skip(path.replace(/^timelapse/, '-'));
		const gone = Object.keys(before).filter(path => before[path]?.type === 'file' && after[path] === undefined);
		expect(plan.counts.removed).toBe(gone.length);
		expect(gone.filter(isFile).length).toBeGreaterThan(4);
		expect(digestTree(dataFolder, {skip: path => /\.db(-wal|-shm)?$/.test(path), folderTimes: false})).toEqual(
			Object.fromEntries(
				Object.entries(made).map(([path, item]) => [path, item.type === 'directory' ? {...item, modifiedAt: 0} : item]),
			),
		);
		const parts = Object.fromEntries(plan.parts.map(({name, counts}) => [name, counts.removed]));
		expect(parts).toMatchObject({logs: 2, timelapse: 3, timelapse_tmp: 1, uploads: 1, other: 1, config: 1});
		// Undo brings all of it back; a server that ran meanwhile has made its log anew.
		mkdirSync(join(dataFolder, 'logs'));
		writeFileSync(join(dataFolder, 'logs/octoprint.log'), 'started\n');
		await scene.undo();
		expect({...treeOf(scene), '.': null}).toEqual({...before, '.': null});
	});

	test('backups stay wherever they lie, and so do users and mounts nobody knows', async () => {
		const scene = newScene();
		const {dataFolder, uploads} = scene.instance;
		const store = join(dataFolder, 'data/plugin/store');
		mkdirSync(store, {recursive: true});
		mkdirSync(join(dataFolder, 'data/backup'), {recursive: true});
		mkdirSync(join(dataFolder, 'kaputt.bck'));
		const kept = [
			[join(store, 'octopi_octoprint.zip'), 'precious'],
			[join(dataFolder, 'data/backup/native.zip'), 'precious'],
			[join(dataFolder, 'kaputt.bck/config.yaml'), 'old'],
			[join(dataFolder, 'basedir_before_restore.bck.zip'), 'old'],
			[join(dataFolder, '.printkeep.lock'), '{}'],
		] as const;
		for (const [path, text] of kept) {
			writeFileSync(path, text);
		}

		const zip = join(scene.root, 'foreign.zip');
		const {'basedir/users.yaml': _, ...members} = octoprintMembers;
		await makeForeignArchive(zip, members);
		const users = content(join(dataFolder, 'users.yaml'));
		const keys = content(join(dataFolder, 'data/appkeys/keys.yaml'));
		await scene.restore(zip, {mode: 'exact', target: {...scene.target, store}});
		for (const [path, text] of kept) {
			expect([path, content(path)]).toEqual([path, text]);
		}

		expect(content(join(dataFolder, 'users.yaml'))).toBe(users);
		expect(content(join(dataFolder, 'data/appkeys/keys.yaml'))).toBe(keys);
		expect(readdirSync(uploads)).toEqual(['cube.gcode']);
		expect(readdirSync(dataFolder).sort()).toEqual(
			[
				'.printkeep.lock',
				'basedir_before_restore.bck.zip',
				'config.yaml',
				'data',
				'kaputt.bck',
				'uploads',
				'users.yaml',
			].sort(),
		);
		expect(readdirSync(join(dataFolder, 'data')).sort()).toEqual(['appkeys', 'backup', 'plugin']);
	});

	test.each(['backups', 'uploads', 'uploads/backups'])('a store at %s stays with what is in it', async place => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		const store = join(dataFolder, place);
		const zip = join(scene.root, 'foreign.zip');
		await makeForeignArchive(zip);
		mkdirSync(store, {recursive: true});
		writeFileSync(join(store, 'octopi_octoprint.zip'), 'precious');
		const plan = await scene.plan(zip, {mode: 'exact', target: {...scene.target, store}});
		expect(plan.counts.removed).toBeGreaterThan(10);
		await scene.restore(zip, {mode: 'exact', target: {...scene.target, store}});
		expect(content(join(store, 'octopi_octoprint.zip'))).toBe('precious');
		expect(existsSync(join(dataFolder, 'scripts'))).toBe(false);
	});

	test('a folder configured elsewhere is emptied when it is the present one; a foreign link goes, what it leads to stays', async () => {
		const scene = newScene({linkedUploads: true, externalTimelapse: true});
		const {dataFolder, elsewhere, uploads, timelapse} = scene.instance;
		const nas = join(elsewhere, 'nas');
		mkdirSync(nas);
		writeFileSync(join(nas, 'precious'), 'x');
		writeFileSync(join(elsewhere, 'neighbour'), 'x');
		const backup = await scene.create({excludes: ['timelapse', 'uploads']});
		symlinkSync(nas, join(dataFolder, 'nas'));
		mkdirSync(join(dataFolder, 'timelapse'), {recursive: true});
		writeFileSync(join(dataFolder, 'timelapse/left behind.mp4'), 'x');
		const before = {data: treeOf(scene), far: digestTree(elsewhere)};
		const plan = await scene.plan(backup, {mode: 'exact'});
		const {counts} = await scene.restore(backup, {mode: 'exact'});
		expect(counts).toEqual(plan.counts);
		expect(readlinkSync(join(dataFolder, 'uploads'))).toBe(uploads);
		expect(readdirSync(uploads)).toEqual([]);
		expect(readdirSync(timelapse)).toEqual([]);
		expect(existsSync(join(dataFolder, 'nas'))).toBe(false);
		expect(content(join(nas, 'precious'))).toBe('x');
		expect(content(join(elsewhere, 'neighbour'))).toBe('x');
		expect(existsSync(join(dataFolder, 'timelapse'))).toBe(false);
		await scene.undo();
		expect({...treeOf(scene), '.': null}).toEqual({...before.data, '.': null});
		const skip = (path: string): boolean => path.startsWith('.printkeep');
		expect({...digestTree(elsewhere, {skip}), '.': null}).toEqual({...before.far, '.': null});
	});

	test('a folder that only the configuration of the backup names is not emptied', async () => {
		const scene = newScene();
		const documents = join(scene.root, 'documents');
		mkdirSync(documents);
		writeFileSync(join(documents, 'mine.txt'), 'mine');
		const zip = join(scene.root, 'foreign.zip');
		await makeForeignArchive(zip, {
			...octoprintMembers,
			'basedir/config.yaml': `folder: {timelapse: ${documents}}\n`,
		});
		await scene.restore(zip, {mode: 'exact'});
		expect(content(join(documents, 'mine.txt'))).toBe('mine');
	});
});

describe('single files', () => {
	test('only those are written, and nothing around them changes', async () => {
		const scene = newScene();
		const {dataFolder, uploads} = scene.instance;
		const backup = await scene.create();
		const profile = content(join(dataFolder, 'printerProfiles/_default.profile'));
		writeFileSync(join(dataFolder, 'printerProfiles/_default.profile'), 'broken');
		rmSync(join(uploads, 'Kalibrierung'), {recursive: true});
		writeFileSync(join(dataFolder, 'config.yaml'), 'server:\n  port: 1\n');
		utimesSync(uploads, 1_650_000_000, 1_650_000_000);
		utimesSync(join(dataFolder, 'printerProfiles'), 1_650_000_000, 1_650_000_000);
		const before = treeOf(scene);
		const files = ['printerProfiles/_default.profile', 'uploads/Kalibrierung/'];
		const plan = await scene.plan(backup, {files});
		expect(plan).toMatchObject({
			mode: 'merge',
			files: ['printerProfiles/_default.profile', 'uploads/Kalibrierung'],
			counts: {added: 1, changed: 1, removed: 0, kept: 0},
		});
		expect(plan.parts.map(({name}) => name).sort()).toEqual(['printerProfiles', 'uploads']);
		expect(plan.untouched).toContain('config');
		await scene.restore(backup, {files});
		const after = treeOf(scene);
		expect(content(join(dataFolder, 'printerProfiles/_default.profile'))).toBe(profile);
		const changed = Object.keys(after).filter(path => JSON.stringify(after[path]) !== JSON.stringify(before[path]));
		expect(changed.sort()).toEqual([
			'printerProfiles/_default.profile',
			'uploads/Kalibrierung',
			'uploads/Kalibrierung/Würfel größe 2.gcode',
		]);
		// The folder is made as it was.
		expect(after['uploads/Kalibrierung']?.modifiedAt).toBe(1_690_000_000_000);
		await scene.undo();
		expect(treeOf(scene)).toEqual(before);
	});

	test('folders above that are missing are made as they were', async () => {
		const scene = newScene();
		const {dataFolder} = scene.instance;
		chmodSync(join(dataFolder, 'slicingProfiles/curalegacy'), 0o710);
		const backup = await scene.create();
		rmSync(join(dataFolder, 'slicingProfiles'), {recursive: true});
		await scene.restore(backup, {files: ['slicingProfiles/curalegacy/fein.profile', 'slicingProfiles']});
		expect(statSync(join(dataFolder, 'slicingProfiles/curalegacy')).mode & 0o777).toBe(0o710);
		expect(content(join(dataFolder, 'slicingProfiles/curalegacy/fein.profile'))).toBe('layer_height: 0.1\n');
	});

	test('into a folder: the tree with only these', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const to = join(scene.root, 'copy');
		const before = treeOf(scene);
		await scene.restore(backup, {to, files: ['scripts', 'uploads/benchy_0.2mm_PLA.gcode']});
		expect(readdirSync(to).sort()).toEqual(['scripts', 'uploads']);
		expect(readdirSync(join(to, 'uploads'))).toEqual(['benchy_0.2mm_PLA.gcode']);
		expect(statSync(join(to, 'scripts/lüfter.sh')).mode & 0o777).toBe(0o755);
		expect(treeOf(scene)).toEqual(before);
	});

	test('what goes where a folder is configured goes there', async () => {
		const scene = newScene({externalTimelapse: true});
		const {timelapse} = scene.instance;
		const backup = await scene.create();
		unlinkSync(join(timelapse, 'benchy_20260101120000.mp4'));
		writeFileSync(join(timelapse, 'later.mp4'), 'stays');
		await scene.restore(backup, {files: ['timelapse/benchy_20260101120000.mp4']});
		expect(existsSync(join(timelapse, 'benchy_20260101120000.mp4'))).toBe(true);
		expect(content(join(timelapse, 'later.mp4'))).toBe('stays');
	});

	test('choices that make no sense are refused', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const before = treeOf(scene);
		for (const [choice, code, words] of [
			[{files: ['uploads/no such.gcode']}, 'not-found', 'no such.gcode'],
			[{files: ['uploads/benchy_0.2mm_PLA.gcode', 'nothing']}, 'not-found', 'nothing'],
			[{files: ['logs/octoprint.log']}, 'not-found', 'logs'],
			[{files: ['uploads'], parts: ['uploads']}, 'usage', 'together'],
			[{files: ['uploads'], mode: 'replace'}, 'usage', 'replace'],
			[{files: ['uploads'], mode: 'exact'}, 'usage', 'exact'],
			[{files: []}, 'usage', 'No file'],
			[{files: ['/etc/passwd']}, 'usage', '/etc/passwd'],
			[{files: ['uploads/../config.yaml']}, 'usage', '..'],
			[{parts: ['uploads'], mode: 'exact'}, 'usage', 'exact'],
			[{keepSettings: ['network'], to: join(scene.root, 'x')}, 'usage', 'in place'],
		] as const) {
			await expect(scene.plan(backup, choice)).rejects.toMatchObject({code, message: expect.stringContaining(words)});
			await expect(scene.restore(backup, choice)).rejects.toMatchObject({code});
		}

		expect(treeOf(scene)).toEqual(before);
		expect(existsSync(join(scene.root, 'x'))).toBe(false);
	});
});

test('an archive of another program comes with a warning, and what an interrupted restore of the server left is told', async () => {
	const scene = newScene();
	const zip = join(scene.root, 'foreign.zip');
	await makeForeignArchive(zip);
	mkdirSync(`${scene.instance.dataFolder}.bck`);
	const {warnings, activity, service} = await scene.plan(zip);
	expect(warnings.join('\n')).toMatch(/can run programs.*not made by printkeep/);
	expect(warnings.join('\n')).toMatch(/octoprint\.bck: .*deletes it at its next start/);
	expect(activity).toMatchObject({state: 'stopped'});
	expect(service).toBeNull();
	expect((await scene.plan(zip, {to: join(scene.root, 'copy')})).activity).toBeNull();
	const own = await scene.plan(await scene.create());
	expect(own.warnings.join('\n')).not.toMatch(/can run programs/);
});
