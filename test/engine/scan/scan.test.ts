import {execFileSync} from 'node:child_process';
import {
	chmodSync,
	linkSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {createServer} from 'node:net';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {
	estimateArchiveBytes,
	measurePart,
	resolveExcludes,
	type ScanItem,
	type ScanProblem,
	scan,
} from '../../../source/engine/scan.js';
import {octoprintAdapter} from '../../../source/servers/octoprint/adapter.js';
import {makeInstance} from '../../helpers/make-instance.js';
import {asOrdinaryUser} from '../../helpers/ordinary-user.js';
import {inTemporaryDirectory} from '../../helpers/temporary.js';

const breathe = async (): Promise<void> => {};

type Scanned = {
	readonly items: readonly ScanItem[];
	readonly problems: readonly ScanProblem[];
	readonly names: readonly string[];
};

const scanFolder = async (dataFolder: string, store: string, excludes: readonly string[] = []): Promise<Scanned> => {
	const layout = await octoprintAdapter.layout({name: 'octoprint', kind: 'octoprint', dataFolder}, store);
	const problems: ScanProblem[] = [];
	const items: ScanItem[] = [];
	for await (const item of scan({
		layout,
		excludes: resolveExcludes(layout, excludes, []),
		breathe,
		onProblem: problem => problems.push(problem),
	})) {
		items.push(item);
	}

	return {items, problems, names: items.map(({type, entryName}) => (type === 'link' ? `${entryName} ->` : entryName))};
};

const put = (path: string, content = 'x'): void => {
	mkdirSync(dirname(path), {recursive: true});
	writeFileSync(path, content);
};

/** A data folder with the given files, and a folder beside it. */
const inInstance = async (
	files: readonly string[],
	callback: (base: string, beside: string) => Promise<void>,
): Promise<void> =>
	inTemporaryDirectory(async directory => {
		const base = join(directory, '.octoprint');
		for (const file of ['config.yaml', 'users.yaml', ...files]) {
			put(join(base, file));
		}

		put(join(base, 'config.yaml'), '{}');
		const beside = join(directory, 'beside');
		mkdirSync(beside);
		await callback(base, beside);
	});

test('takes a realistic data folder in a fixed order, with times and modes', async () =>
	inTemporaryDirectory(async directory => {
		const {dataFolder} = makeInstance(directory, {externalTimelapse: true, ancientFile: true});
		const {items, problems, names} = await scanFolder(dataFolder, join(directory, 'store'));
		expect(problems).toEqual([]);
		expect(names).toEqual([
			'basedir/config.yaml',
			'basedir/users.yaml',
			'basedir/uploads/',
			'basedir/uploads/.metadata.json',
			'basedir/uploads/Kalibrierung/',
			'basedir/uploads/Kalibrierung/Würfel größe 2.gcode',
			'basedir/uploads/benchy_0.2mm_PLA.gcode',
			'basedir/uploads/empty.gcode',
			'basedir/uploads/leer/',
			'basedir/uploads/no clock.gcode',
			'basedir/uploads/プロジェクト/',
			'basedir/uploads/プロジェクト/歯車 ギア.gcode',
			'basedir/timelapse/',
			'basedir/timelapse/benchy_20260101120000.mp4',
			'basedir/timelapse/benchy_20260101120000.mp4.thumb.jpg',
			'basedir/data/',
			'basedir/data/PrintJobHistory/',
			'basedir/data/PrintJobHistory/printJobHistory.db',
			'basedir/data/SpoolManager/',
			'basedir/data/SpoolManager/spoolmanager.db',
			'basedir/data/appkeys/',
			'basedir/data/appkeys/keys.yaml',
			'basedir/data/last_safe_mode',
			'basedir/plugins/',
			'basedir/plugins/single_file.py',
			'basedir/printerProfiles/',
			'basedir/printerProfiles/_default.profile',
			'basedir/slicingProfiles/',
			'basedir/slicingProfiles/curalegacy/',
			'basedir/slicingProfiles/curalegacy/fein.profile',
			'basedir/scripts/',
			'basedir/scripts/gcode/',
			'basedir/scripts/gcode/afterPrintCancelled',
			'basedir/scripts/lüfter.sh',
			'basedir/translations/',
			'basedir/translations/de/',
			'basedir/translations/de/meta.yaml',
			'basedir/virtualSd/',
		]);
		expect(items.filter(item => item.type === 'folder' && item.empty).map(({target}) => target)).toEqual([
			'uploads/leer',
			'virtualSd',
		]);
		const script = items.find(({target}) => target === 'scripts/lüfter.sh');
		const stats = statSync(join(dataFolder, 'scripts/lüfter.sh'), {bigint: true});
		expect(script).toMatchObject({
			type: 'file',
			part: 'scripts',
			bytes: Number(stats.size),
			mode: 0o100755,
			modifiedNanoseconds: stats.mtimeNs,
			uid: Number(stats.uid),
			gid: Number(stats.gid),
			device: stats.dev,
			inode: stats.ino,
		});
		expect(items.every(({rawPath}) => rawPath === undefined)).toBe(true);
		// Every source can be read as it is named.
		for (const item of items) {
			if (item.type === 'file') {
				expect(readFileSync(item.source).length).toBe(item.bytes);
			}
		}
	}));

test('leaves out parts, and what depends on them', async () =>
	inInstance(
		['uploads/a.gcode', 'timelapse/a.mp4', 'data/prusaslicerthumbnails/a.png', 'data/other/b', 'notes/n.txt'],
		async (base, beside) => {
			const all = await scanFolder(base, beside);
			expect(all.names).toContain('basedir/data/prusaslicerthumbnails/a.png');
			const {names} = await scanFolder(base, beside, ['uploads', 'other', 'timelapse_tmp']);
			expect(names).toEqual([
				'basedir/config.yaml',
				'basedir/users.yaml',
				'basedir/timelapse/',
				'basedir/timelapse/a.mp4',
				'basedir/data/',
				'basedir/data/other/',
				'basedir/data/other/b',
			]);
		},
	));

test('never takes volatile folders, backups, the store, or working files', async () =>
	inInstance(
		[
			...['logs/octoprint.log', 'generated/x.js', 'watched/w.gcode', 'uploadtemp/u', 'timelapse/tmp/a.jpg'],
			...['data/backup/a.zip', 'data/backup/.b.zip', 'data/octolapse/tmp/1.jpg', 'x.bck/config.yaml', 'old.bck'],
			...['basedir_before_restore.bck.zip', '.printkeep/stage/x', '.printkeep.lock', 'keep/store/backup.zip', 'keep/k'],
			...['uploads/.printkeep/stage', 'uploads/deep/.printkeep-x/y'],
		],
		async base => {
			const {names} = await scanFolder(base, join(base, 'keep/store'));
			expect(names).toEqual([
				'basedir/config.yaml',
				'basedir/users.yaml',
				'basedir/uploads/',
				'basedir/uploads/deep/',
				'basedir/timelapse/',
				'basedir/data/',
				'basedir/data/octolapse/',
				'basedir/keep/',
				'basedir/keep/k',
			]);
		},
	));

test('a store inside a part, also behind a link, is not entered', async () =>
	inInstance(['uploads/a.gcode', 'uploads/store/b.zip'], async (base, beside) => {
		const {items, names} = await scanFolder(base, join(base, 'uploads/store'));
		expect(names).not.toContain('basedir/uploads/store/b.zip');
		expect(items.find(({target}) => target === 'uploads')).toMatchObject({empty: false});
		renameSync(join(base, 'uploads/store'), join(beside, 'real'));
		symlinkSync(beside, join(base, 'uploads/link'));
		symlinkSync(join(beside, 'real'), join(base, 'uploads/direct'));
		symlinkSync(join(beside, 'real/b.zip'), join(base, 'uploads/file.zip'));
		put(join(beside, 'c.gcode'));
		const behind = await scanFolder(base, join(beside, 'real'));
		expect(behind.names.slice(2)).toEqual([
			'basedir/uploads/',
			'basedir/uploads/a.gcode',
			'basedir/uploads/direct ->',
			'basedir/uploads/file.zip ->',
			'basedir/uploads/link ->',
			'basedir/uploads/link/',
			'basedir/uploads/link/c.gcode',
		]);
	}));

test('a store that is a part itself costs only the archives in it', async () =>
	inInstance(['uploads/a.gcode', 'uploads/b.zip', 'uploads/sub/model.zip', 'c.zip'], async base => {
		const inUploads = await scanFolder(base, join(base, 'uploads'));
		expect(inUploads.names).toContain('basedir/uploads/a.gcode');
		expect(inUploads.names).toContain('basedir/uploads/sub/model.zip');
		expect(inUploads.names).not.toContain('basedir/uploads/b.zip');
		const inBase = await scanFolder(base, base);
		expect(inBase.names).toContain('basedir/uploads/b.zip');
		expect(inBase.names).not.toContain('basedir/c.zip');
		// A folder around the data holds the archives, not the data.
		expect((await scanFolder(base, dirname(base))).names).toContain('basedir/uploads/b.zip');
	}));

test('links are followed once, and never in circles or into another part', async () =>
	inInstance(['uploads/a.gcode', 'uploads/sub/b.gcode', 'timelapse/t.mp4', 'data/d'], async (base, beside) => {
		put(join(beside, 'far/c.gcode'));
		put(join(beside, 'far/deep/d.gcode'));
		symlinkSync('a.gcode', join(base, 'uploads/to-file'));
		symlinkSync(join(beside, 'far'), join(base, 'uploads/to-folder'));
		symlinkSync(join(beside, 'far'), join(base, 'uploads/to-folder-again'));
		symlinkSync('.', join(base, 'uploads/to-self'));
		symlinkSync('loop', join(base, 'uploads/loop'));
		symlinkSync('../..', join(base, 'uploads/sub/up'));
		symlinkSync('../timelapse', join(base, 'uploads/to-timelapse'));
		symlinkSync('nowhere', join(base, 'uploads/to-nothing'));
		symlinkSync(join(beside, 'far'), join(beside, 'far/deep/round'));
		const {items, problems, names} = await scanFolder(base, join(beside, 'store'));
		expect(names.filter(name => name.startsWith('basedir/uploads'))).toEqual([
			'basedir/uploads/',
			'basedir/uploads/a.gcode',
			'basedir/uploads/loop ->',
			'basedir/uploads/sub/',
			'basedir/uploads/sub/b.gcode',
			'basedir/uploads/sub/up ->',
			'basedir/uploads/to-file ->',
			'basedir/uploads/to-file',
			'basedir/uploads/to-folder ->',
			'basedir/uploads/to-folder/',
			'basedir/uploads/to-folder/c.gcode',
			'basedir/uploads/to-folder/deep/',
			'basedir/uploads/to-folder/deep/d.gcode',
			'basedir/uploads/to-folder/deep/round ->',
			'basedir/uploads/to-folder-again ->',
			'basedir/uploads/to-nothing ->',
			'basedir/uploads/to-self ->',
			'basedir/uploads/to-timelapse ->',
		]);
		const links = items
			.filter(item => item.type === 'link')
			.map(({target, linkTarget, linkType, followed}) => [target, linkTarget, linkType, followed]);
		expect(links).toContainEqual(['uploads/to-file', 'a.gcode', 'file', true]);
		expect(links).toContainEqual(['uploads/to-nothing', 'nowhere', 'dangling', false]);
		expect(links).toContainEqual(['uploads/loop', 'loop', 'dangling', false]);
		expect(links).toContainEqual(['uploads/to-timelapse', '../timelapse', 'directory', false]);
		expect(problems.every(({severity}) => severity === 'note')).toBe(true);
		expect(problems.map(({path}) => path)).toContain('uploads/to-timelapse');
	}));

test('of two links to the same folder, the first in the order of the archive is followed, however deep it lies', async () =>
	inInstance(['uploads/sub/b.gcode'], async (base, beside) => {
		put(join(beside, 'far/c.gcode'));
		symlinkSync(join(beside, 'far'), join(base, 'uploads/sub/deep'));
		symlinkSync(join(beside, 'far'), join(base, 'uploads/top'));
		const {names, problems} = await scanFolder(base, join(beside, 'store'));
		expect(names.filter(name => name.startsWith('basedir/uploads/'))).toEqual([
			'basedir/uploads/',
			'basedir/uploads/sub/',
			'basedir/uploads/sub/b.gcode',
			'basedir/uploads/sub/deep ->',
			'basedir/uploads/sub/deep/',
			'basedir/uploads/sub/deep/c.gcode',
			'basedir/uploads/top ->',
		]);
		expect(problems.map(({path}) => path)).toEqual(['uploads/top']);
	}));

test('a folder of the data that is a link itself is stored as a folder, with the link', async () =>
	inTemporaryDirectory(async directory => {
		const {dataFolder, uploads} = makeInstance(directory, {linkedUploads: true});
		symlinkSync(uploads, join(dataFolder, 'shortcut'));
		symlinkSync('config.yaml', join(dataFolder, 'settings'));
		const {items} = await scanFolder(dataFolder, join(directory, 'store'));
		expect(items.filter(({target}) => target === 'uploads')).toEqual([
			expect.objectContaining({type: 'link', linkTarget: uploads, linkType: 'directory', followed: true}),
			expect.objectContaining({type: 'folder', source: uploads, empty: false}),
		]);
		expect(items.find(({target}) => target === 'shortcut')).toMatchObject({
			type: 'link',
			part: 'config',
			followed: false,
		});
		expect(items.filter(({target}) => target === 'settings').map(({type}) => type)).toEqual(['link', 'file']);
		expect(items.some(({target}) => target.startsWith('shortcut/'))).toBe(false);
	}));

test('odd names get entry names of their own and keep their bytes', async () =>
	inInstance(
		['uploads/a%01', 'uploads/a\u0001', 'uploads/back\\slash', 'uploads/line\nbreak/x', 'top\u0007level'],
		async (base, beside) => {
			const latin1 = Buffer.concat([Buffer.from(`${base}/uploads/`), Buffer.from([0x57, 0xfc, 0x72])]);
			writeFileSync(latin1, 'latin1');
			const oddFolder = Buffer.concat([Buffer.from(`${base}/`), Buffer.from([0xe9, 0x74])]);
			mkdirSync(oddFolder);
			writeFileSync(Buffer.concat([oddFolder, Buffer.from('/in')]), 'inside');
			const {items, problems} = await scanFolder(base, beside);
			const files = items.filter(item => item.type === 'file');
			expect(files.map(({entryName}) => entryName)).toEqual([
				'basedir/config.yaml',
				'basedir/users.yaml',
				'basedir/top%07level',
				'basedir/uploads/W%FCr',
				'basedir/uploads/a%01~1',
				'basedir/uploads/a%01',
				'basedir/uploads/back%5Cslash',
				'basedir/uploads/line%0Abreak/x',
				'basedir/%E9t/in',
			]);
			const raw = (entryName: string): string | undefined => files.find(file => file.entryName === entryName)?.rawPath;
			expect(Buffer.from(raw('basedir/uploads/a%01~1') ?? '', 'base64').toString()).toBe('uploads/a\u0001');
			expect(raw('basedir/uploads/a%01')).toBeUndefined();
			expect(Buffer.from(raw('basedir/%E9t/in') ?? '', 'base64')).toEqual(
				Buffer.from([0xe9, 0x74, ...Buffer.from('/in')]),
			);
			expect(files.map(({source}) => readFileSync(source, 'utf8'))).toContain('latin1');
			expect(files.map(({source}) => readFileSync(source, 'utf8'))).toContain('inside');
			expect(problems.filter(({severity}) => severity === 'note').map(({path}) => path)).toEqual(
				expect.arrayContaining(['uploads/W%FCr', 'uploads/line%0Abreak']),
			);
		},
	));

test('pipes and sockets are passed by; what a database keeps beside it is too', async () =>
	inInstance(['uploads/a.gcode', 'uploads/b-wal', 'uploads/plain', 'uploads/plain-journal'], async (base, beside) => {
		execFileSync('mkfifo', [join(base, 'uploads/pipe')]);
		const server = createServer().listen(join(base, 'uploads/socket'));
		linkSync(join(base, 'uploads/a.gcode'), join(base, 'uploads/hard'));
		writeFileSync(join(base, 'uploads/x.db'), `SQLite format 3\0${'\0'.repeat(100)}`);
		for (const suffix of ['-wal', '-shm', '-journal']) {
			writeFileSync(join(base, `uploads/x.db${suffix}`), 'x');
		}

		const {problems, names} = await scanFolder(base, beside);
		server.close();
		expect(problems).toEqual([]);
		expect(
			names.filter(name => name.startsWith('basedir/uploads/')).map(name => name.slice('basedir/uploads/'.length)),
		).toEqual(['', 'a.gcode', 'b-wal', 'hard', 'plain', 'plain-journal', 'x.db']);
	}));

test('what vanishes during the walk is passed by; its folder is told when it cannot be read', async () =>
	inInstance(['uploads/a/1', 'uploads/b/1', 'uploads/c/1'], async (base, beside) => {
		const layout = await octoprintAdapter.layout({name: 'o', kind: 'octoprint', dataFolder: base}, beside);
		const problems: ScanProblem[] = [];
		const names: string[] = [];
		for await (const {target} of scan({layout, excludes: [], breathe, onProblem: problem => problems.push(problem)})) {
			names.push(target);
			if (target === 'uploads/a') {
				rmSync(join(base, 'uploads/b'), {recursive: true});
			}
		}

		expect(names).toContain('uploads/c/1');
		expect(names).not.toContain('uploads/b/1');
		expect(problems).toEqual([]);
	}));

test('stops when it is cancelled', async () =>
	inInstance(['uploads/a', 'uploads/b'], async (base, beside) => {
		const layout = await octoprintAdapter.layout({name: 'o', kind: 'octoprint', dataFolder: base}, beside);
		const controller = new AbortController();
		const seen: string[] = [];
		const walk = async (): Promise<void> => {
			for await (const {target} of scan({layout, excludes: [], breathe, signal: controller.signal})) {
				seen.push(target);
				controller.abort(new Error('enough'));
			}
		};

		await expect(walk()).rejects.toThrow('enough');
		expect(seen).toEqual(['config.yaml']);
	}));

test('measures parts, also those that are never backed up', async () =>
	inInstance(
		['uploads/a.gcode', 'uploads/b.mp4', 'logs/octoprint.log', 'data/backup/z.zip', 'data/p/x'],
		async (base, beside) => {
			writeFileSync(join(base, 'uploads/a.gcode'), 'G1'.repeat(5000));
			writeFileSync(join(base, 'uploads/b.mp4'), 'v'.repeat(10_000));
			utimesSync(join(base, 'uploads/b.mp4'), 1, 1);
			const layout = await octoprintAdapter.layout({name: 'o', kind: 'octoprint', dataFolder: base}, beside);
			expect(await measurePart({layout, part: 'uploads', breathe})).toEqual({
				name: 'uploads',
				bytes: 20_000,
				files: 2,
				estimatedBytes: estimateArchiveBytes('a.gcode', 10_000) + estimateArchiveBytes('b.mp4', 10_000),
			});
			expect(estimateArchiveBytes('a.gcode', 10_000)).toBeLessThan(estimateArchiveBytes('b.mp4', 10_000) / 2);
			expect(await measurePart({layout, part: 'logs', breathe})).toMatchObject({files: 1, bytes: 1});
			expect(await measurePart({layout, part: 'data', breathe})).toMatchObject({files: 1});
			expect(await measurePart({layout, part: 'unknown', breathe})).toMatchObject({files: 0, bytes: 0});
		},
	));

test('says in words which parts can be left out', async () =>
	inInstance([], async (base, beside) => {
		const layout = await octoprintAdapter.layout({name: 'o', kind: 'octoprint', dataFolder: base}, beside);
		expect(resolveExcludes(layout, [], [])).toEqual([]);
		expect(resolveExcludes(layout, ['timelapse', 'VirtualSD', 'uploads', 'generated'], [])).toEqual([
			'uploads',
			'timelapse',
			'virtualSd',
		]);
		expect(resolveExcludes(layout, ['uploads'], ['uploads'])).toEqual(['uploads']);
		expect(() => resolveExcludes(layout, ['config'], [])).toThrow('config cannot be left out');
		expect(() => resolveExcludes(layout, ['upload'], [])).toThrow('There is no part called "upload".');
		expect(() => resolveExcludes(layout, [], ['logs'])).toThrow('logs is never backed up');
		const reluctant = {
			...layout,
			parts: layout.parts.map(part => (part.name === 'other' ? {...part, inclusion: 'excluded' as const} : part)),
		};
		expect(resolveExcludes(reluctant, [], [])).toEqual(['other']);
		expect(resolveExcludes(reluctant, [], ['other'])).toEqual([]);
	}));

test('folders that may not be read are told; files are for the one who opens them', async () =>
	inInstance(['uploads/closed/a', 'uploads/no-entry/b', 'uploads/z', 'timelapse/t'], async (base, beside) => {
		chmodSync(join(base, 'uploads/closed'), 0);
		chmodSync(join(base, 'uploads/no-entry'), 0o600);
		chmodSync(join(base, 'timelapse'), 0);
		const {names, problems} = await asOrdinaryUser(dirname(base), async () => scanFolder(base, beside));
		chmodSync(join(base, 'timelapse'), 0o700);
		expect(problems).toEqual([
			{path: 'uploads/closed', reason: 'Permission was denied.', severity: 'skipped'},
			{path: 'uploads/no-entry/b', reason: 'Permission was denied.', severity: 'skipped'},
			{path: 'timelapse', reason: 'Permission was denied.', severity: 'skipped'},
		]);
		expect(names.slice(2)).toEqual([
			'basedir/uploads/',
			'basedir/uploads/closed/',
			'basedir/uploads/no-entry/',
			'basedir/uploads/z',
			'basedir/timelapse/',
		]);
	}));
