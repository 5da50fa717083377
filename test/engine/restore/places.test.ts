/** Other file systems, private folders inside the data, other users, cancelling, and archives that lie. */
import {createHash} from 'node:crypto';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {JobPhase} from '../../../source/client/protocol.js';
import type {Side} from '../../../source/engine/compare/side.js';
import {systemDisk} from '../../../source/engine/disk.js';
import {
	fromStored,
	joinPath,
	pathBelow,
	toBytePath,
	toDiskPath,
	toText,
} from '../../../source/engine/restore/byte-path.js';
import {readJournal, writeJournal} from '../../../source/engine/restore/journal.js';
import {createMounts, type Mounts} from '../../../source/engine/restore/mounts.js';
import {keepPlan, planFiles} from '../../../source/engine/restore/plan-registry.js';
import {prepare} from '../../../source/engine/restore/prepare.js';
import {findInterrupted, recoverInterrupted} from '../../../source/engine/restore/recover.js';
import {resolveInside} from '../../../source/engine/restore/resolve-inside.js';
import {restoreInPlace} from '../../../source/engine/restore/restore-in-place.js';
import {undoRestore} from '../../../source/engine/restore/undo.js';
import {decodeRawPath} from '../../../source/engine/restore/wanted.js';
import {chooseWorkFolder, makeWorkFolder} from '../../../source/engine/restore/work-folder.js';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {asOrdinaryUser} from '../../helpers/ordinary-user.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {newScene, type Scene} from './scene.js';

const treeOf = ({instance}: Scene): Tree =>
	digestTree(instance.dataFolder, {skip: path => path.startsWith('.printkeep')});

const contentOf = (tree: Tree): Tree =>
	Object.fromEntries(Object.entries(tree).filter(([, {type}]) => type !== 'directory'));

const restoreWith = async (scene: Scene, archivePath: string, mounts: Mounts) => {
	const context = scene.context();
	const prepared = await prepare(
		context,
		{target: scene.target, source: {type: 'file', path: archivePath}},
		{archivePath, mounts},
	);
	try {
		return await restoreInPlace(context, prepared, {allowNewer: false});
	} finally {
		prepared.backup.archive.close();
	}
};

describe('other file systems', () => {
	test('a disk mounted inside a part is never moved; what the backup knows of it is exchanged on it', async () => {
		const scene = newScene();
		const {uploads} = scene.instance;
		const nas = join(uploads, 'nas');
		mkdirSync(nas);
		writeFileSync(join(nas, 'a.gcode'), 'G28\n');
		const backup = await scene.create();
		writeFileSync(join(nas, 'a.gcode'), 'changed\n');
		writeFileSync(join(nas, 'later.gcode'), 'G29\n');
		const before = statSync(nas).ino;
		const mounts = createMounts({mountPoints: [toBytePath(nas)]});
		await restoreWith(scene, backup, mounts);
		expect(statSync(nas).ino).toBe(before);
		expect(readFileSync(join(nas, 'a.gcode'), 'utf8')).toBe('G28\n');
		expect(readdirSync(nas).sort()).toEqual(['.printkeep', 'a.gcode']);
		await undoRestore(scene.context(), {target: scene.target, mounts});
		expect(readFileSync(join(nas, 'later.gcode'), 'utf8')).toBe('G29\n');
		expect(statSync(nas).ino).toBe(before);
	});

	test('a disk the backup knows nothing of keeps everything', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const nas = join(scene.instance.uploads, 'nas');
		mkdirSync(nas);
		writeFileSync(join(nas, 'precious.gcode'), 'G28\n');
		const before = digestTree(nas);
		await restoreWith(scene, backup, createMounts({mountPoints: [toBytePath(nas)]}));
		expect(digestTree(nas)).toEqual(before);
	});

	test('undo does not carry a disk away that was mounted since', async () => {
		const scene = newScene();
		const backup = await scene.create();
		await scene.restore(backup);
		const nas = join(scene.instance.uploads, 'nas');
		mkdirSync(nas);
		const before = treeOf(scene);
		await expect(
			undoRestore(scene.context(), {target: scene.target, mounts: createMounts({mountPoints: [toBytePath(nas)]})}),
		).rejects.toMatchObject({code: 'unsafe-destination'});
		expect(treeOf(scene)).toEqual(before);
	});

	test('a data folder that is a mount point itself keeps its private folder inside', async () => {
		const scene = newScene();
		const {dataFolder, uploads} = scene.instance;
		const mounts = createMounts({mountPoints: [toBytePath(dataFolder)]});
		const backup = await scene.create();
		await restoreWith(scene, backup, mounts);
		const restored = treeOf(scene);
		writeFileSync(join(uploads, 'new.gcode'), 'G28\n');
		const changed = treeOf(scene);
		await restoreWith(scene, backup, mounts);
		expect(treeOf(scene)).toEqual(restored);
		expect(readdirSync(join(dataFolder, '.printkeep')).sort()).toEqual(
			['rollback.json', expect.stringMatching(/^rollback-/)].sort(),
		);
		expect(readdirSync(scene.root).filter(name => name.startsWith('.printkeep'))).toEqual([]);
		await undoRestore(scene.context(), {target: scene.target, mounts});
		expect(contentOf(treeOf(scene))).toEqual(contentOf(changed));
		// The private folder is no part of the data: neither backed up nor compared.
		const plan = await scene.plan(await scene.create());
		expect(plan.counts).toMatchObject({added: 0, removed: 0});
	});

	test('a folder that is a link to another disk is followed, and stays a link', async () => {
		const scene = newScene();
		const {uploads, elsewhere} = scene.instance;
		mkdirSync(join(elsewhere, 'usb'));
		writeFileSync(join(elsewhere, 'usb/u.gcode'), 'G28\n');
		symlinkSync(join(elsewhere, 'usb'), join(uploads, 'usb'));
		const backup = await scene.create();
		writeFileSync(join(elsewhere, 'usb/u.gcode'), 'changed\n');
		await scene.restore(backup);
		expect(readFileSync(join(elsewhere, 'usb/u.gcode'), 'utf8')).toBe('G28\n');
		expect(statSync(join(uploads, 'usb')).ino).toBe(statSync(join(elsewhere, 'usb')).ino);
		await scene.undo();
		expect(readFileSync(join(elsewhere, 'usb/u.gcode'), 'utf8')).toBe('changed\n');
	});
});

describe('private folders', () => {
	test('one that is a link or belongs to somebody else is refused', async () => {
		const root = temporaryDirectory();
		mkdirSync(join(root, 'target'));
		symlinkSync(join(root, 'target'), join(root, 'link'));
		await expect(makeWorkFolder(systemDisk, toBytePath(join(root, 'link')))).rejects.toThrow(/not a private folder/);
		mkdirSync(join(root, 'open'), {mode: 0o755});
		await makeWorkFolder(systemDisk, toBytePath(join(root, 'open')));
		expect(statSync(join(root, 'open')).mode & 0o777).toBe(0o700);
	});

	test('beside the root, or inside when that is a mount point', () => {
		const root = temporaryDirectory();
		const data = toBytePath(join(root, 'data'));
		mkdirSync(join(root, 'data'));
		expect(chooseWorkFolder(data, createMounts({mountPoints: []}))).toBe(join(root, '.printkeep-data'));
		expect(chooseWorkFolder(data, createMounts({mountPoints: [data]}))).toBe(join(root, 'data/.printkeep'));
	});
});

test('an ordinary user restores what is theirs', async () => {
	const scene = newScene();
	await asOrdinaryUser(scene.root, async () => {
		const backup = await scene.create();
		writeFileSync(join(scene.instance.uploads, 'later.gcode'), 'G28\n');
		chmodSync(join(scene.instance.dataFolder, 'scripts'), 0o500);
		const result = await scene.restore(backup);
		expect(result.skipped).toEqual([]);
		expect(existsSync(join(scene.instance.uploads, 'later.gcode'))).toBe(false);
		await scene.undo();
		expect(existsSync(join(scene.instance.uploads, 'later.gcode'))).toBe(true);
	});
});

describe('cancelling', () => {
	test.each(['verifying', 'comparing', 'staging', 'syncing'] as const)(
		'while %s leaves everything as it was',
		async phase => {
			const scene = newScene({linkedUploads: true});
			const backup = await scene.create();
			writeFileSync(join(scene.instance.uploads, 'later.gcode'), 'G28\n');
			const before = {data: treeOf(scene), uploads: contentOf(digestTree(scene.instance.uploads))};
			const controller = new AbortController();
			const onPhase = (now: JobPhase): void => {
				if (now === phase) {
					controller.abort();
				}
			};
			await expect(scene.restore(backup, {signal: controller.signal, onPhase})).rejects.toMatchObject({
				code: 'cancelled',
			});
			expect(treeOf(scene)).toEqual(before.data);
			expect(contentOf(digestTree(scene.instance.uploads))).toEqual(before.uploads);
			expect(readdirSync(scene.root).filter(name => name.startsWith('.printkeep'))).toEqual([]);
			expect(readdirSync(scene.instance.elsewhere).filter(name => name.startsWith('.printkeep'))).toEqual([]);
			const to = join(scene.root, 'copy/deep');
			if (phase !== 'comparing') {
				const again = new AbortController();
				await expect(
					scene.restore(backup, {
						to,
						signal: again.signal,
						onPhase: now => {
							if (now === phase) {
								again.abort();
							}
						},
					}),
				).rejects.toMatchObject({code: 'cancelled'});
				expect(existsSync(join(scene.root, 'copy'))).toBe(false);
			}
		},
	);

	test('after the swap has begun is too late, and says so beforehand', async () => {
		const scene = newScene();
		const backup = await scene.create();
		writeFileSync(join(scene.instance.uploads, 'later.gcode'), 'G28\n');
		const controller = new AbortController();
		const result = await scene.restore(backup, {
			signal: controller.signal,
			onPhase(now) {
				if (now === 'swapping') {
					controller.abort();
				}
			},
		});
		expect(result.type).toBe('restore');
		expect(existsSync(join(scene.instance.uploads, 'later.gcode'))).toBe(false);
	});
});

test('a stage left by a killed restore into another folder is found and cleaned', async () => {
	const scene = newScene();
	const stage = join(scene.root, '.printkeep-copy/stage-0a');
	mkdirSync(stage, {recursive: true});
	writeFileSync(join(stage, 'config.yaml'), 'x');
	mkdirSync(join(scene.root, 'state'), {recursive: true});
	const note = join(scene.root, 'state/stage-0b.json');
	writeFileSync(
		note,
		JSON.stringify({
			pid: 4_000_000,
			startTicks: null,
			bootId: null,
			machineId: null,
			pidNamespace: null,
			host: 'testhost',
			job: 'restore',
			since: 1,
			nonce: '0b',
			stage,
		}),
	);
	const machine = readMachineId();
	writeFileSync(note, readFileSync(note, 'utf8').replace('"machineId":null', `"machineId":${JSON.stringify(machine)}`));
	expect(await findInterrupted(scene.ports, scene.target)).toMatchObject([
		{type: 'stage', path: stage, remedy: 'clean'},
	]);
	expect(await scene.recover()).toMatchObject({cleaned: [{path: stage}]});
	expect(existsSync(stage)).toBe(false);
	expect(await findInterrupted(scene.ports, scene.target)).toEqual([]);
});

const readMachineId = (): string | null => {
	try {
		return readFileSync('/etc/machine-id', 'utf8').trim() || null;
	} catch {
		return null;
	}
};

describe('a journal that cannot be followed', () => {
	test('one that says nothing stops everything that would need it, and is explained', async () => {
		const scene = newScene();
		const backup = await scene.create();
		const work = join(scene.root, '.printkeep-octoprint');
		mkdirSync(work, {mode: 0o700});
		for (const text of ['', '{"format": 2}', '{"format":1,"places":[]}']) {
			writeFileSync(join(work, 'journal.json'), text);
			await expect(scene.restore(backup)).rejects.toMatchObject({code: 'needs-recovery'});
			await expect(scene.undo()).rejects.toMatchObject({code: 'needs-recovery'});
			expect(await findInterrupted(scene.ports, scene.target)).toMatchObject([
				{type: 'interrupted-restore', remedy: 'none'},
			]);
		}
	});

	test('paths that lead out of their place are not followed', async () => {
		const scene = newScene();
		const work = toBytePath(join(scene.root, '.printkeep-octoprint'));
		mkdirSync(join(scene.root, '.printkeep-octoprint'), {mode: 0o700});
		const journal = {
			format: 1,
			id: '0a',
			job: 'restore',
			startedAt: 1,
			key: 'x.zip',
			places: [{live: toBytePath(scene.instance.dataFolder), work, made: false}],
			moves: [{place: 0, path: fromStored('../../etc/passwd'), out: true, in: false}],
			folders: [],
			stageName: fromStored('stage-0a'),
			rollbackName: fromStored('rollback-0a'),
			rollbackBytes: 0,
			phase: 'forward',
			replaced: null,
		} as const;
		await writeJournal(
			systemDisk,
			work,
			{...journal, moves: [...journal.moves], places: [...journal.places], folders: []},
			'01',
		);
		expect(() => readJournal(work)).toThrow(/cannot be understood/);
		await expect(recoverInterrupted(scene.ports, scene.target.instance)).rejects.toMatchObject({
			code: 'needs-recovery',
		});
	});

	test('a missing disk is waited for', async () => {
		const scene = newScene();
		const work = toBytePath(join(scene.root, '.printkeep-octoprint'));
		mkdirSync(join(scene.root, '.printkeep-octoprint'), {mode: 0o700});
		const far = toBytePath(join(scene.root, 'usb/uploads'));
		await writeJournal(
			systemDisk,
			work,
			{
				format: 1,
				id: '0a',
				job: 'restore',
				startedAt: 1,
				key: 'x.zip',
				places: [
					{live: toBytePath(scene.instance.dataFolder), work, made: false},
					{live: far, work: toBytePath(join(scene.root, 'usb/.printkeep-uploads')), made: false},
				],
				moves: [{place: 1, path: toBytePath('a.gcode'), out: true, in: true}],
				folders: [],
				stageName: fromStored('stage-0a'),
				rollbackName: fromStored('rollback-0a'),
				rollbackBytes: 0,
				phase: 'forward',
				replaced: null,
			},
			'01',
		);
		await expect(recoverInterrupted(scene.ports, scene.target.instance)).rejects.toMatchObject({
			code: 'needs-recovery',
			message: expect.stringContaining('usb/uploads'),
		});
		expect(readJournal(work)).not.toBeNull();
	});
});

describe('pure parts', () => {
	test('paths keep their bytes whatever these are', () => {
		fc.assert(
			fc.property(fc.uint8Array({minLength: 1, maxLength: 40}), bytes => {
				const path = fromStored(Buffer.from(bytes).toString('latin1'));
				expect(Buffer.from(toDiskPath(path)).equals(Buffer.from(bytes))).toBe(true);
			}),
		);
		fc.assert(
			fc.property(fc.string({unit: 'binary', maxLength: 20}), text => {
				fc.pre(text.isWellFormed());
				expect(toText(toBytePath(text))).toBe(text);
			}),
		);
		expect(pathBelow(toBytePath('/a'), toBytePath('/ab'))).toBeUndefined();
		expect(pathBelow(toBytePath('/'), toBytePath('/ab'))).toBe('ab');
		expect(joinPath(toBytePath('/'), toBytePath('ab'))).toBe('/ab');
	});

	test('a link target never resolves to a place outside', () => {
		const name = fc.constantFrom('..', '.', 'a', 'b', '', '…');
		fc.assert(
			fc.property(
				fc.array(name, {maxLength: 8}),
				fc.array(fc.constantFrom('a', 'b'), {minLength: 1, maxLength: 4}),
				(target, at) => {
					const result = resolveInside(toBytePath(at.join('/')), target.join('/'));
					expect(result === undefined || !/(^|\/)\.\.(\/|$)|^\//.test(result)).toBe(true);
				},
			),
		);
		expect(resolveInside(toBytePath('uploads/a'), '../data/x')).toBe('data/x');
		expect(resolveInside(toBytePath('uploads/a'), '../../x')).toBeUndefined();
		expect(resolveInside(toBytePath('uploads/a'), '/etc/passwd')).toBeUndefined();
	});

	test('raw names from a manifest stay inside', () => {
		const encode = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
		expect(decodeRawPath(encode('uploads/f\xfcr'), 'uploads/f%FCr')).toBe('uploads/f\xfcr');
		expect(decodeRawPath(encode('uploads/f\xfcr'), 'uploads/f%FCr~2')).toBe('uploads/f\xfcr');
		// Another path than the one the entry's name was judged for: backups, settings, parts that were not chosen.
		for (const bad of ['data/backup', 'uploads/y', 'scripts/x', '../x', '/etc', 'a//b', 'a/./b', 'x', 'a/\0', '']) {
			expect(() => decodeRawPath(encode(bad), 'uploads/x'), bad).toThrow(/cannot be used/);
		}
	});

	test('the last four plans can be paged', () => {
		const nothing: Side = {read: async () => ({type: 'none'})};
		const files = Array.from({length: 300}, (_, index) => ({
			path: `uploads/${index}`,
			part: index % 2 === 0 ? 'uploads' : 'data',
			action: index < 10 ? ('added' as const) : ('kept' as const),
			bytes: 1,
		}));
		for (const id of ['a', 'b', 'c', 'd', 'e']) {
			keepPlan(id, files, {left: nothing, right: nothing, secretFiles: []});
		}

		expect(planFiles({planId: 'e', offset: 0, limit: 1000})).toMatchObject({total: 300, items: {length: 200}});
		expect(
			planFiles({planId: 'e', action: 'added', part: 'data', offset: 2, limit: 2}).items.map(({path}) => path),
		).toEqual(['uploads/5', 'uploads/7']);
		expect(() => planFiles({planId: 'a', offset: 0, limit: 1})).toThrow(/not kept/);
	});
});

test('contents are compared by hash, not by date', async () => {
	const scene = newScene();
	const backup = await scene.create();
	await scene.restore(backup);
	const file = join(scene.instance.uploads, 'benchy_0.2mm_PLA.gcode');
	const bytes = readFileSync(file);
	const hash = createHash('sha256').update(bytes).digest('hex');
	rmSync(file);
	writeFileSync(file, bytes);
	expect((await scene.plan(backup)).counts).toMatchObject({added: 0, changed: 0, removed: 0});
	bytes[100] = (bytes[100] ?? 0) ^ 1;
	writeFileSync(file, bytes);
	expect((await scene.plan(backup)).counts).toMatchObject({changed: 1});
	await scene.restore(backup);
	expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(hash);
});
