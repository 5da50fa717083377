import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {beforeEach, describe, expect, test} from 'vitest';
import type {ArchiveSource, EngineEvent, JobRequest, PlanFile, Target} from '../../../source/client/protocol.js';
import {createCatalog} from '../../../source/engine/catalog.js';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {createEngine} from '../../../source/engine/engine.js';
import {runCompare} from '../../../source/engine/jobs/compare.js';
import {planFiles, planText} from '../../../source/engine/restore/plan-registry.js';
import {digestTree} from '../../helpers/digest-tree.js';
import {makeForeignArchive, octoprintMembers} from '../../helpers/foreign-archive.js';
import {asOrdinaryUser} from '../../helpers/ordinary-user.js';
import {makeDatabase} from '../../helpers/sqlite.js';
import {waitFor} from '../../helpers/wait-for.js';
import {newScene, type Scene} from '../restore/scene.js';

let scene: Scene;

beforeEach(() => {
	scene = newScene();
	// A database with a journal beside it is never as it was backed up, which is as one file.
	rmSync(join(scene.instance.dataFolder, 'data/SpoolManager'), {recursive: true});
});

const at = (path: string): string => join(scene.instance.dataFolder, path);

/** A disk that refuses to be changed in any way. */
const untouchable = new Proxy(systemDisk, {
	get: (_disk, call) => () => {
		throw Object.assign(new Error(`ENOSPC: ${String(call)}`), {code: 'ENOSPC', syscall: String(call)});
	},
}) as Disk;

const sourceOf = (path: string): ArchiveSource => ({type: 'file', path});

const compare = async (left: string, right?: string, target: Target = scene.target) => {
	const catalog = createCatalog(target, join(target.instance.dataFolder, 'data/backup'), scene.ports);
	const {comparison} = await runCompare(
		scene.context({disk: untouchable}),
		{type: 'compare', target, left: sourceOf(left), right: right === undefined ? {type: 'live'} : sourceOf(right)},
		catalog,
	);
	return comparison;
};

const filesOf = (planId: string): readonly PlanFile[] => planFiles({planId, offset: 0, limit: 200}).items;

const differences = async (left: string, right?: string): Promise<readonly string[]> => {
	const {planId} = await compare(left, right);
	return filesOf(planId)
		.filter(({action}) => action !== 'kept')
		.map(({action, path}) => `${action} ${path}`);
};

/** Changes one file, removes one, adds one in a part of its own. */
const change = (): void => {
	writeFileSync(at('config.yaml'), 'server:\n  port: 5001\n');
	rmSync(at('uploads/empty.gcode'));
	writeFileSync(at('scripts/since.gcode'), 'G28\n');
};

const changes = ['changed config.yaml', 'removed scripts/since.gcode', 'added uploads/empty.gcode'];

describe('with what lies on the disk', () => {
	test('nothing differs right after the backup', async () => {
		const backup = await scene.create();
		const comparison = await compare(backup);
		expect(comparison.counts).toEqual({added: 0, changed: 0, removed: 0, kept: expect.any(Number)});
		expect(comparison.counts.kept).toBeGreaterThan(15);
		expect(comparison).toMatchObject({
			right: scene.instance.dataFolder,
			rightIsLive: true,
			proof: 'sha256',
			left: backup.slice(backup.lastIndexOf('/') + 1),
		});
	});

	test('it is the plan of a restore', async () => {
		const backup = await scene.create();
		change();
		const {planId, counts, parts} = await compare(backup);
		const plan = await scene.plan(backup);
		expect(filesOf(planId)).toEqual(filesOf(plan.planId));
		expect(counts).toEqual(plan.counts);
		expect(parts.map(({name, counts: own}) => [name, own])).toEqual(
			plan.parts
				.filter(({counts: own}) => Object.values(own).some(count => count > 0))
				.map(part => [part.name, part.counts]),
		);
		expect(await differences(backup)).toEqual(changes);
	});

	test('where restoring is switched off, nothing can be written and nothing is changed', async () => {
		const backup = await scene.create();
		change();
		const before = digestTree(scene.root, {timeResolution: 0});
		const folders = [
			scene.root,
			...readdirSync(scene.root, {recursive: true, withFileTypes: true}).flatMap(entry =>
				entry.isDirectory() ? [join(entry.parentPath, entry.name)] : [],
			),
		];
		const modes = folders.map(folder => statSync(folder).mode);
		await asOrdinaryUser(scene.root, async () => {
			for (const folder of folders) {
				chmodSync(folder, 0o555);
			}

			const {counts} = await compare(backup, undefined, {...scene.target, restoreUnsupported: true});
			expect(counts).toMatchObject({added: 1, changed: 1, removed: 1});
			for (const [index, folder] of folders.entries()) {
				chmodSync(folder, modes[index] ?? 0o755);
			}
		});
		expect(digestTree(scene.root, {timeResolution: 0})).toEqual(before);
	});

	test('on a disk that is mounted read-only', async context => {
		const backup = await scene.create();
		change();
		try {
			execFileSync('mount', ['--bind', scene.root, scene.root], {stdio: 'ignore'});
		} catch {
			// Only root may; what permissions alone can do is tested above.
			context.skip();
		}

		try {
			execFileSync('mount', ['-o', 'remount,bind,ro', scene.root], {stdio: 'ignore'});
			expect(() => writeFileSync(at('config.yaml'), '')).toThrow('EROFS');
			expect((await compare(backup)).counts).toMatchObject({added: 1, changed: 1, removed: 1});
		} finally {
			execFileSync('umount', [scene.root]);
		}
	});

	test('the whole job takes no lock and writes nothing', async () => {
		const backup = await scene.create();
		change();
		const engine = createEngine({...scene.ports, disk: untouchable});
		const ended: Extract<EngineEvent, {type: 'job-finished'}>[] = [];
		engine.subscribe(event => {
			if (event.type === 'job-finished') {
				ended.push(event);
			}
		});
		const request: JobRequest = {type: 'compare', target: scene.target, left: sourceOf(backup), right: {type: 'live'}};
		await engine.request('job.start', request);
		const [end] = await waitFor('the end', () => (ended.length > 0 ? ended : undefined));
		expect(end).toMatchObject({outcome: 'done', result: {comparison: {counts: {added: 1, changed: 1, removed: 1}}}});
		await engine.close();
	});

	test('an archive without hashes is compared by CRC-32, and says so', async () => {
		const path = join(scene.root, 'foreign.zip');
		await makeForeignArchive(path);
		const {proof, warnings} = await compare(path);
		expect([proof, warnings]).toEqual(['crc32', [expect.stringContaining('CRC-32')]]);
	});
});

describe('with another backup', () => {
	const secondBackup = async (): Promise<string> => scene.create({name: 'second.zip'});

	test('it says what restoring the one over the other would do, either way round', async () => {
		const first = await scene.create();
		change();
		const second = await secondBackup();
		expect(await differences(first, second)).toEqual(changes);
		expect(await differences(second, first)).toEqual([
			'changed config.yaml',
			'added scripts/since.gcode',
			'removed uploads/empty.gcode',
		]);
		const {proof, counts, right, rightIsLive} = await compare(first, second);
		expect([proof, right, rightIsLive]).toEqual(['sha256', 'second.zip', false]);
		expect(counts.kept).toBeGreaterThan(15);
		expect(await differences(first, first)).toEqual([]);
	});

	test('parts that only one of them has are named', async () => {
		const all = await scene.create();
		const without = await scene.create({name: 'small.zip', excludes: ['timelapse']});
		const added = await compare(all, without);
		expect(added.counts).toMatchObject({added: 2, changed: 0, removed: 0});
		expect(added.warnings).toEqual(['Not in small.zip, so that all of it counts as added: Timelapse videos.']);
		const kept = await compare(without, all);
		expect(kept.counts).toMatchObject({added: 0, changed: 0, removed: 0});
		expect(kept.warnings).toEqual(['Not in small.zip, so that it is not compared: Timelapse videos.']);
	});

	test("one of OctoPrint's own is compared without unpacking", async () => {
		const paths = ['a.zip', 'b.zip'].map(name => join(scene.root, name));
		await makeForeignArchive(paths[0] ?? '', octoprintMembers);
		await makeForeignArchive(paths[1] ?? '', {
			...octoprintMembers,
			'basedir/uploads/cube.gcode': 'G29\n',
			'basedir/uploads/ball.gcode': 'G28\n',
			'basedir/logs/octoprint.log': 'never restored\n',
		});
		expect(await differences(paths[0] ?? '', paths[1])).toEqual([
			'removed uploads/ball.gcode',
			'changed uploads/cube.gcode',
		]);
		expect((await compare(paths[0] ?? '', paths[1])).proof).toBe('crc32');
	});

	test('users are not taken away because a backup has none', async () => {
		const [without, all] = ['a.zip', 'b.zip'].map(name => join(scene.root, name));
		const {'basedir/users.yaml': _users, ...others} = octoprintMembers;
		await makeForeignArchive(without ?? '', others);
		await makeForeignArchive(all ?? '');
		expect(await differences(without ?? '', all)).toEqual([]);
	});

	test('it works where there is no instance', async () => {
		const first = await scene.create();
		change();
		const second = await secondBackup();
		renameSync(scene.instance.dataFolder, join(scene.root, 'away'));
		expect(await differences(first, second)).toEqual(changes);
	});

	test('it finds what a comparison with that state on the disk finds', async () => {
		const paths = [
			'uploads/a.gcode',
			'uploads/deep/b.gcode',
			'uploads/deep',
			'data/plugin/c.txt',
			'top.txt',
			'foreign/d.txt',
			'scripts/e',
		];
		const action = fc.tuple(fc.constantFrom(...paths), fc.constantFrom('file 1', 'file 2', 'folder', 'link', 'gone'));
		const apply = ([path, what]: readonly [string, string]): void => {
			try {
				rmSync(at(path), {recursive: true, force: true});
				mkdirSync(join(at(path), '..'), {recursive: true});
				if (what === 'folder') {
					mkdirSync(at(path));
				} else if (what === 'link') {
					symlinkSync('nowhere', at(path));
				} else if (what !== 'gone') {
					writeFileSync(at(path), what);
				}
			} catch (error) {
				// A file or a link to nowhere stands where a folder would have to be: another action had its way.
				expect((error as NodeJS.ErrnoException).code).toMatch(/ENOTDIR|ENOENT|EEXIST/);
			}
		};

		let number = 0;
		await fc.assert(
			fc.asyncProperty(fc.array(action, {maxLength: 6}), fc.array(action, {maxLength: 6}), async (before, after) => {
				before.forEach(apply);
				const first = await scene.create({name: `first-${++number}.zip`});
				after.forEach(apply);
				const second = await scene.create({name: `second-${number}.zip`});
				expect(await differences(first, second)).toEqual(await differences(first));
			}),
			{numRuns: 6},
		);
	});
});

describe('one file', () => {
	const textOf = async (path: string, left: string, right?: string) => {
		const {planId} = await compare(left, right);
		return planText({planId, path});
	};

	test('is compared line by line, on the disk or in another backup, secrets hidden', async () => {
		const first = await scene.create();
		writeFileSync(
			at('config.yaml'),
			'accessControl:\n  salt: another\napi:\n  key: 0123456789ABCDEF0123456789ABCDEF\n',
		);
		const live = await textOf('config.yaml', first);
		expect(live).toMatchObject({type: 'text', added: expect.any(Number), removed: 1});
		expect(JSON.stringify(live)).toContain('salt: ‹hidden›');
		expect(JSON.stringify(live)).not.toMatch(/another|6f0LdyrZ|0123456789ABCDEF|8uT0kXyK3f/);
		expect(live.type === 'text' && live.hidden).toBeGreaterThan(2);
		const second = await scene.create({name: 'second.zip'});
		expect(await textOf('config.yaml', first, second)).toEqual(live);
	});

	test('is all added or all removed when only one side has it', async () => {
		const backup = await scene.create();
		rmSync(at('scripts/gcode/afterPrintCancelled'));
		writeFileSync(at('scripts/since'), 'one\ntwo\n');
		expect(await textOf('scripts/gcode/afterPrintCancelled', backup)).toMatchObject({added: 2, removed: 0});
		expect(await textOf('scripts/since', backup)).toMatchObject({added: 0, removed: 2});
	});

	test('that is the same has no changes', async () => {
		const backup = await scene.create();
		expect(await textOf('printerProfiles/_default.profile', backup)).toMatchObject({
			type: 'text',
			added: 0,
			removed: 0,
			lines: [{type: 'gap', lines: expect.any(Number)}],
		});
	});

	test('that is no text says what it is', async () => {
		writeFileSync(at('uploads/big.gcode'), 'G1\n'.repeat(200_000));
		writeFileSync(at('uploads/long.gcode'), '\n'.repeat(20_001));
		writeFileSync(at('uploads/latin.txt'), Buffer.from('gr\xf6\xdfe', 'latin1'));
		symlinkSync('nowhere', at('uploads/link'));
		const backup = await scene.create();
		for (const [path, reason] of [
			['uploads/big.gcode', 'It is larger than 512 kB, too large to be compared line by line.'],
			['uploads/long.gcode', 'It has more than 20,000 lines.'],
			['uploads/latin.txt', 'It is not text.'],
			['uploads/link', 'It is a symbolic link to nowhere.'],
			['timelapse/benchy_20260101120000.mp4', 'It is not text.'],
			['data/PrintJobHistory/printJobHistory.db', 'It is a database.'],
			['users.yaml', 'It holds passwords or keys and is not shown.'],
			['data/appkeys/keys.yaml', 'It holds passwords or keys and is not shown.'],
		] as const) {
			expect([path, await textOf(path, backup)]).toEqual([path, expect.objectContaining({type: 'other', reason})]);
		}
	});

	test('copies of the users are not shown either, and a database is one under any name', async () => {
		writeFileSync(at('users.yaml.bak'), 'admin:\n  password: x\n');
		makeDatabase(at('uploads/hidden.txt'), 5);
		const backup = await scene.create();
		expect(await textOf('users.yaml.bak', backup)).toMatchObject({reason: expect.stringContaining('passwords')});
		expect(await textOf('uploads/hidden.txt', backup)).toMatchObject({reason: 'It is a database.'});
	});

	test('a link that was put there since is not followed', async () => {
		const backup = await scene.create();
		writeFileSync(join(scene.root, 'private'), 'top secret\n');
		rmSync(at('scripts/gcode/afterPrintCancelled'));
		symlinkSync(join(scene.root, 'private'), at('scripts/gcode/afterPrintCancelled'));
		const text = await textOf('scripts/gcode/afterPrintCancelled', backup);
		expect(text).toMatchObject({type: 'other', reason: expect.stringContaining('symbolic link')});
		expect(JSON.stringify(text)).not.toContain('top secret');
	});

	test('that changed since the comparison says so', async () => {
		const path = 'printerProfiles/_default.profile';
		const backup = await scene.create();
		const changedSince = {type: 'other', reason: expect.stringContaining('changed since')};
		const same = await compare(backup);
		writeFileSync(at(path), 'id: one\n');
		expect(await planText({planId: same.planId, path})).toMatchObject(changedSince);
		const other = await compare(backup);
		expect(await planText({planId: other.planId, path})).toMatchObject({type: 'text'});
		writeFileSync(at(path), 'id: two and more\n');
		expect(await planText({planId: other.planId, path})).toMatchObject(changedSince);
		rmSync(at(path));
		expect(await planText({planId: other.planId, path})).toMatchObject(changedSince);
		const gone = await compare(backup);
		writeFileSync(at(path), 'id: three\n');
		expect(await planText({planId: gone.planId, path})).toMatchObject(changedSince);
	});

	test('of a backup that was replaced since is refused', async () => {
		const first = await scene.create();
		const {planId} = await compare(first);
		rmSync(first);
		await expect(planText({planId, path: 'config.yaml'})).rejects.toMatchObject({code: 'not-found'});
		await makeForeignArchive(first);
		await expect(planText({planId, path: 'config.yaml'})).rejects.toMatchObject({code: 'not-found'});
	});

	test('works for the plan of a restore too', async () => {
		const backup = await scene.create();
		change();
		const {planId} = await scene.plan(backup);
		expect(await planText({planId, path: 'scripts/since.gcode'})).toMatchObject({type: 'text', added: 0, removed: 1});
	});

	test('with a name that is no UTF-8 is found', async () => {
		const odd = Buffer.concat([Buffer.from(at('uploads/gr')), Buffer.from([0xf6]), Buffer.from('n.txt')]);
		writeFileSync(odd, 'one\n');
		const backup = await scene.create();
		writeFileSync(odd, 'two\n');
		const {planId} = await compare(backup);
		const changed = filesOf(planId).find(({action}) => action === 'changed');
		expect(await planText({planId, path: changed?.path ?? ''})).toMatchObject({type: 'text', added: 1, removed: 1});
	});

	test('that is not in the comparison is not found', async () => {
		const {planId} = await compare(await scene.create());
		await expect(planText({planId, path: 'nowhere'})).rejects.toMatchObject({code: 'not-found'});
		await expect(planText({planId: 'none', path: 'config.yaml'})).rejects.toMatchObject({code: 'not-found'});
	});
});
