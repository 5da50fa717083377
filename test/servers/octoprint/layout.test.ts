import {mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {Layout} from '../../../source/servers/adapter.js';
import {octoprintAdapter} from '../../../source/servers/octoprint/adapter.js';
import {layoutOf} from '../../../source/servers/octoprint/layout.js';
import {partOf, partTitle} from '../../../source/servers/octoprint/parts.js';
import {putFile} from '../../helpers/server-ports.js';
import {inTemporaryDirectory} from '../../helpers/temporary.js';

const inFolder = async (callback: (base: string, root: string) => Promise<void>): Promise<void> =>
	inTemporaryDirectory(async root => {
		const base = join(root, '.octoprint');
		putFile(join(base, 'config.yaml'), '{}');
		putFile(join(base, 'users.yaml'), '{}');
		for (const folder of ['uploads', 'timelapse/tmp', 'data/backup', 'logs']) {
			mkdirSync(join(base, folder), {recursive: true});
		}

		await callback(base, root);
	});

const layoutIn = async (
	dataFolder: string,
	configuration: string,
	extra: {readonly store?: string; readonly configFile?: string} = {},
): Promise<Layout> => {
	const {store = '/nonexistent/store', configFile} = extra;
	writeFileSync(configFile ?? join(dataFolder, 'config.yaml'), configuration);
	return layoutOf({name: 'o', kind: 'octoprint', dataFolder, ...(configFile === undefined ? {} : {configFile})}, store);
};

const rootsOf = ({parts}: Layout, name: string): readonly string[] =>
	parts
		.find(part => part.name === name)
		?.roots.map(({target, source, external}) => `${target} ${external ? '<=' : '='} ${source}`) ?? [];

test('parts in archive order, with what is always out last', async () =>
	inFolder(async base => {
		const {parts, prefix, warnings, backupNotes} = await layoutIn(base, '{}');
		expect(prefix).toBe('basedir/');
		expect([...warnings, ...backupNotes]).toEqual([]);
		expect(parts.map(({name, inclusion}) => `${name} ${inclusion}`)).toEqual([
			'config required',
			...[
				'uploads',
				'timelapse',
				'data',
				'plugins',
				'printerProfiles',
				'slicingProfiles',
				'scripts',
				'translations',
				'virtualSd',
				'other',
			].map(name => `${name} included`),
			...['logs', 'generated', 'watched', 'uploadtemp', 'timelapse_tmp'].map(name => `${name} never`),
		]);
		expect(parts.filter(({inclusion}) => inclusion === 'never').every(({reason}) => reason.endsWith('.'))).toBe(true);
		expect(new Set(parts.map(({title}) => title)).size).toBe(parts.length);
		expect(parts.every(({name, title}) => partTitle(name) === title)).toBe(true);
	}));

test('folders configured elsewhere, outside and inside the data folder, are stored once under their keys', async () =>
	inFolder(async (base, root) => {
		putFile(join(root, 'disk/gcode/a.gcode'));
		putFile(join(base, 'videos/v.mp4'));
		putFile(join(base, 'uploads/old.gcode'));
		const layout = await layoutIn(
			base,
			`folder: {uploads: ${root}/disk/gcode, timelapse: ${base}/videos, data: ${root}/disk}`,
		);
		expect(rootsOf(layout, 'uploads')).toEqual([`uploads <= ${root}/disk/gcode`]);
		expect(rootsOf(layout, 'timelapse')).toEqual([`timelapse <= ${base}/videos`]);
		expect(rootsOf(layout, 'data')).toEqual([`data <= ${root}/disk`]);
		expect(rootsOf(layout, 'other')).toEqual([]);
		// A folder inside another one is not stored a second time with it.
		expect(layout.leftOut('data/gcode', [])).toBe('It is stored as uploads.');
		expect(layout.leftOut('data/gcode/a.gcode', [])).toBe('It is stored as uploads.');
		expect(layout.leftOut('data/gcode2', [])).toBeUndefined();
		// What was left behind at the usual place could not be told from what is at the new one.
		expect(layout.backupNotes.join()).toContain('uploads in the data folder is not backed up');
		expect(layout.leftOutPaths).toContainEqual({
			part: 'uploads',
			path: 'uploads',
			reason: expect.stringContaining(`${root}/disk/gcode`),
		});
	}));

test('folders that are missing, empty, or the same as another are told', async () =>
	inFolder(async (base, root) => {
		mkdirSync(join(root, 'mount'));
		mkdirSync(join(base, 'shared'));
		const layout = await layoutIn(
			base,
			`folder: {uploads: ${root}/mount, timelapse: ${root}/gone, data: ${base}/shared, plugins: ${base}/shared, scripts: ${base}, watched: ${root}/gone}`,
		);
		expect(layout.warnings).toEqual([
			expect.stringContaining(`uploads lies at ${root}/mount, which is empty`),
			expect.stringContaining(`timelapse is configured as ${root}/gone, which is no folder now`),
			expect.stringContaining('data lies at'),
			expect.stringContaining('plugins lies at'),
		]);
		expect(layout.backupNotes).toEqual([
			expect.stringContaining('The folders data and plugins are the same one'),
			expect.stringContaining('scripts is configured to be the data folder itself'),
		]);
		expect(rootsOf(layout, 'plugins')).toEqual([]);
		expect(rootsOf(layout, 'scripts')).toEqual([]);
	}));

test('relative and linked data folders change nothing', async () =>
	inFolder(async (base, root) => {
		putFile(join(base, 'timelapse/tmp/f.jpg'));
		symlinkSync(base, join(root, 'link'));
		const layout = await layoutIn(join(root, 'link'), `folder: {uploads: ${root}/link/uploads}`, {
			store: join(root, 'link/data/mine'),
		});
		expect(rootsOf(layout, 'uploads')).toEqual([`uploads = ${base}/uploads`]);
		expect(rootsOf(layout, 'config')).toEqual([`config.yaml = ${base}/config.yaml`, `users.yaml = ${base}/users.yaml`]);
		expect(layout.leftOut('data/mine', [])).toBe("printkeep's backups are kept here.");
		expect(layout.offLimits.map(({path}) => path)).toContain(join(base, 'data/mine'));
		expect(layout.leftOut('timelapse/tmp', [])).toContain('Frames');
	}));

test('configuration, users and groups are stored under their usual names, wherever they are', async () =>
	inFolder(async (base, root) => {
		putFile(join(base, 'groups.yaml'));
		putFile(join(base, 'config.old.yaml'));
		putFile(join(base, 'my-users.yaml'), 'x');
		const layout = await layoutIn(base, `accessControl: {userfile: ${base}/my-users.yaml}`, {
			configFile: join(root, 'other.yaml'),
		});
		expect(rootsOf(layout, 'config')).toEqual([
			`config.yaml <= ${root}/other.yaml`,
			`users.yaml <= ${base}/my-users.yaml`,
			`groups.yaml = ${base}/groups.yaml`,
			`config.old.yaml = ${base}/config.old.yaml`,
		]);
		expect(layout.leftOutPaths.filter(({part}) => part === 'config').map(({path}) => path)).toEqual([
			'config.yaml',
			'my-users.yaml',
			'users.yaml',
		]);
		rmSync(join(base, 'my-users.yaml'));
		expect((await layoutIn(base, `accessControl: {userfile: ${base}/my-users.yaml}`)).backupNotes).toEqual([
			expect.stringContaining('no users yet'),
		]);
	}));

test("OctoPrint's configured backup folder is left out, wherever it is", async () =>
	inFolder(async base => {
		putFile(join(base, 'backups/a.zip'));
		putFile(join(base, 'uploads/zips/a.zip'));
		const layout = await layoutIn(base, `plugins: {backup: {path: ${base}/backups}}`);
		expect(rootsOf(layout, 'other')).toEqual([]);
		expect(layout.leftOutPaths).toContainEqual({
			part: 'other',
			path: 'backups',
			reason: expect.stringContaining("OctoPrint's own backups"),
		});
		const inUploads = await layoutIn(base, `plugins: {backup: {path: ${base}/uploads/zips}}`);
		expect(inUploads.leftOut('uploads/zips/a.zip', [])).toContain("OctoPrint's own backups");
		expect(inUploads.leftOutPaths.map(({path}) => path)).toEqual(
			expect.arrayContaining(['uploads/zips', 'data/backup', 'timelapse/tmp']),
		);
	}));

test('known bloat is named when it is there, and depends on what else is left out', async () =>
	inFolder(async base => {
		mkdirSync(join(base, 'data/octolapse/tmp'), {recursive: true});
		mkdirSync(join(base, 'data/prusaslicerthumbnails'), {recursive: true});
		const {leftOut, leftOutPaths} = await layoutIn(base, '{}');
		expect(leftOut('data/octolapse/tmp/x/y', [])).toContain('Octolapse');
		expect(leftOut('data/octolapse/settings.json', [])).toBeUndefined();
		expect(leftOut('data/prusaslicerthumbnails', [])).toBeUndefined();
		expect(leftOut('data/prusaslicerthumbnails', ['uploads'])).toContain('Pictures');
		expect(leftOutPaths.filter(({part}) => part === 'data').map(({path}) => path)).toEqual([
			'data/backup',
			'data/octolapse/tmp',
			'data/prusaslicerthumbnails',
		]);
	}));

test('a data folder that is gone is an error; a broken configuration is not', async () =>
	inFolder(async (base, root) => {
		await expect(layoutOf({name: 'o', kind: 'octoprint', dataFolder: join(root, 'gone')}, root)).rejects.toMatchObject({
			code: 'missing-folder',
		});
		const {warnings, parts} = await layoutIn(base, 'a: [');
		expect(warnings).toEqual([expect.stringContaining('no valid YAML')]);
		expect(parts.find(({name}) => name === 'uploads')?.roots).toHaveLength(1);
	}));

test.each([
	['config.yaml', 'config'],
	['notes', 'config'],
	['notes/', 'other'],
	['notes/a', 'other'],
	['uploads', 'uploads'],
	['uploads/', 'uploads'],
	['uploads/a/b', 'uploads'],
	['timelapse/tmpx', 'timelapse'],
	['timelapse/tmp', 'timelapse_tmp'],
	['timelapse/tmp/a', 'timelapse_tmp'],
	['timelapse_tmp', 'config'],
	['constructor/x', 'other'],
])('%s belongs to %s', (target, part) => {
	expect(partOf(target)).toBe(part);
});

test.each([
	'data/backup',
	'data/backup/x.zip',
	'logs',
	'logs/a',
	'generated',
	'watched',
	'uploadtemp',
	'timelapse/tmp/a',
	'a.bck',
	'name.bck/x',
	'basedir_before_restore.bck.zip',
	'.printkeep.lock',
	'uploads/.printkeep-x/y',
])('%s is never restored', target => {
	expect(octoprintAdapter.neverRestored(target)).toBe(true);
});

test.each(['data', 'data/backups', 'uploads/logs/x', 'uploads/a.bck', 'config.yaml', 'timelapse/a', 'logs2'])(
	'%s is restored',
	target => {
		expect(octoprintAdapter.neverRestored(target)).toBe(false);
	},
);
