import {existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {beforeAll, describe, expect, test} from 'vitest';
import {startDatabaseWriter} from '../helpers/database-writer.js';
import {type MadeInstance, makeInstance} from '../helpers/make-instance.js';
import {type Output, parseJsonLines, runPrintkeep, runProgram} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {comparableTree, databaseDumps, filesOnly, joinedTree} from './helpers/compare.js';
import {octoPrintEnvironment, octoPrintVersion, probePlugin, runOctoPrint} from './helpers/octoprint.js';

/** A DOS time tells even seconds. */
const dosResolution = 2000;

let environment: string;

beforeAll(async () => {
	environment = await octoPrintEnvironment();
});

type Place = MadeInstance & {
	readonly root: string;
	readonly home: string;
	readonly store: string;
	/** Runs printkeep on the instance. */
	readonly printkeep: (...args: readonly string[]) => Promise<Output>;
	/** Backs up with printkeep and returns the archive's path. */
	readonly backUp: (...args: readonly string[]) => Promise<string>;
	/** Runs OctoPrint on a data folder. */
	readonly octoPrint: (dataFolder: string, ...args: readonly string[]) => Promise<Output>;
};

const makePlace = (options: Parameters<typeof makeInstance>[1] = {}): Place => {
	const root = temporaryDirectory();
	const instance = makeInstance(root, options);
	const home = join(root, 'home');
	const store = join(root, 'store');
	const printkeep: Place['printkeep'] = async (...args) =>
		runPrintkeep([...args, '--basedir', instance.dataFolder, '--store', store], {home});
	return {
		...instance,
		root,
		home,
		store,
		printkeep,
		async backUp(...args) {
			const output = await printkeep('backup', '--json', ...args);
			expect(output).toMatchObject({code: 0});
			const last = parseJsonLines(output.stdout).at(-1) as unknown as {result: {backup: {path: string}}};
			return last.result.backup.path;
		},
		octoPrint: async (dataFolder, ...args) => runOctoPrint(environment, {home, dataFolder, args}),
	};
};

/** OctoPrint's command says "success" with exit code 0 whatever happened: only the tree tells. */
const restoreWithOctoPrint = async (place: Place, archive: string): Promise<string> => {
	const target = join(place.root, 'restored');
	const output = await place.octoPrint(target, 'plugins', 'backup:restore', archive);
	expect(existsSync(join(target, 'config.yaml')), output.stdout + output.stderr).toBe(true);
	return target;
};

const backUpWithOctoPrint = async (place: Place, ...args: readonly string[]): Promise<string> => {
	const archive = join(place.root, 'octoprint-backup.zip');
	const output = await place.octoPrint(place.dataFolder, 'plugins', 'backup:backup', ...args, '--path', archive);
	expect(existsSync(archive), output.stdout + output.stderr).toBe(true);
	return archive;
};

const expectDone = ({code, stdout, stderr}: Output): void => {
	expect(code, stdout + stderr).toBe(0);
};

describe('what printkeep writes, OctoPrint restores', () => {
	test('a usual instance: all bytes and times, databases as they were, empty folders too', async () => {
		const place = makePlace();
		const archive = await place.backUp();
		const restored = await restoreWithOctoPrint(place, archive);

		const options = {timeResolution: dosResolution};
		expect(filesOnly(comparableTree(restored, options))).toEqual(filesOnly(comparableTree(place.dataFolder, options)));
		expect(databaseDumps(restored)).toEqual(databaseDumps(place.dataFolder));
		expect(statSync(join(restored, 'uploads/leer')).isDirectory()).toBe(true);
		expect(readFileSync(join(restored, 'uploads/プロジェクト/歯車 ギア.gcode')).length).toBeGreaterThan(1000);
		expect(existsSync(join(restored, 'logs/octoprint.log.1'))).toBe(false);
	});

	test('uploads behind a link and timelapses in a folder configured elsewhere', async () => {
		const place = makePlace({linkedUploads: true, externalTimelapse: true});
		const archive = await place.backUp();
		const restored = await restoreWithOctoPrint(place, archive);

		const options = {timeResolution: dosResolution, skip: (path: string) => path === 'uploads' || path === 'timelapse'};
		expect(filesOnly(comparableTree(restored, options))).toEqual(filesOnly(comparableTree(place.dataFolder, options)));
		for (const [inside, outside] of [
			['uploads', place.uploads],
			['timelapse', place.timelapse],
		] as const) {
			const skip = (path: string): boolean => /^tmp(?:\/|$)/u.test(path);
			expect(filesOnly(comparableTree(join(restored, inside), {...options, skip}))).toEqual(
				filesOnly(comparableTree(outside, {...options, skip})),
			);
		}

		// OctoPrint makes a real folder of the link; the file behind it is the same.
		expect(lstatSync(join(restored, 'uploads')).isDirectory()).toBe(true);
	});

	test('a database that a process writes to all the time is whole', async () => {
		const place = makePlace();
		const live = 'data/SpoolManager/live.db';
		const writer = await startDatabaseWriter(join(place.dataFolder, live));
		let archive: string;
		try {
			archive = await place.backUp();
			expect(writer.writing()).toBe(true);
		} finally {
			await writer.stop();
		}

		const restored = await restoreWithOctoPrint(place, archive);
		expect(existsSync(join(restored, `${live}-wal`))).toBe(false);
		const database = new DatabaseSync(join(restored, live), {readOnly: true});
		try {
			expect(database.prepare('PRAGMA integrity_check').get()).toEqual({integrity_check: 'ok'});
			const row = database.prepare('SELECT count(*) AS moves, sum(amount) AS balance FROM moves').get();
			expect(Number(row?.moves)).toBeGreaterThanOrEqual(100);
			expect(Number(row?.moves) % 2).toBe(0);
			expect(row?.balance).toBe(0);
		} finally {
			database.close();
		}
	});

	test('a file older than any ZIP can say, on which OctoPrint itself gives up', async () => {
		const place = makePlace({ancientFile: true});
		const own = await place.octoPrint(
			place.dataFolder,
			'plugins',
			'backup:backup',
			'--path',
			join(place.root, 'own.zip'),
		);
		expect(own.code, 'OctoPrint can do this now: the documents say it cannot').not.toBe(0);

		const archive = await place.backUp();
		const restored = await restoreWithOctoPrint(place, archive);
		const file = 'uploads/no clock.gcode';
		expect(readFileSync(join(restored, file))).toEqual(readFileSync(join(place.dataFolder, file)));
		// The first moment of 1980 in the time zone the programs run in.
		expect(statSync(join(restored, file)).mtimeMs).toBe(Date.UTC(1979, 11, 31, 23));

		// printkeep's own restore knows the real time.
		const to = join(place.root, 'to');
		expectDone(await place.printkeep('restore', archive, '--to', to, '--yes'));
		expect(statSync(join(to, file)).mtimeMs).toBe(100_000_000);
	});

	test('with a part left out', async () => {
		const place = makePlace();
		const archive = await place.backUp('--exclude', 'timelapse');
		const restored = await restoreWithOctoPrint(place, archive);

		const options = {timeResolution: dosResolution, skip: (path: string) => path.startsWith('timelapse')};
		expect(filesOnly(comparableTree(restored, options))).toEqual(filesOnly(comparableTree(place.dataFolder, options)));
		expect(existsSync(join(restored, 'timelapse/benchy_20260101120000.mp4'))).toBe(false);
	});

	test('in OctoPrint’s own backup folder it is listed by OctoPrint’s rules', async () => {
		const place = makePlace();
		const archive = await place.backUp();
		const script = [
			'import sys, json, zipfile',
			'with zipfile.ZipFile(sys.argv[1]) as z:',
			'    print(json.dumps([json.loads(z.read("metadata.json")), json.loads(z.read("plugin_list.json")) if "plugin_list.json" in z.namelist() else None]))',
		].join('\n');
		const {stdout} = await runPython(script, archive);
		const [metadata] = JSON.parse(stdout) as readonly [{version: string; excludes: readonly string[]}];
		expect(metadata).toEqual({version: octoPrintVersion, excludes: []});
	});
});

const runPython = async (script: string, ...args: readonly string[]): Promise<Output> => {
	const output = await runProgram(join(environment, 'bin/python'), ['-c', script, ...args], {env: process.env});
	expectDone(output);
	return output;
};

describe('what OctoPrint writes, printkeep restores', () => {
	test('into a folder: all bytes, modes and times', async () => {
		const place = makePlace();
		const archive = await backUpWithOctoPrint(place);
		// Taken after the backup: OctoPrint writes to its configuration whenever it starts.
		const before = comparableTree(place.dataFolder, {timeResolution: dosResolution});
		const dumps = databaseDumps(place.dataFolder);
		const to = join(place.root, 'to');
		expectDone(await place.printkeep('restore', archive, '--to', to, '--yes'));

		const files = (tree: typeof before): typeof before =>
			Object.fromEntries(Object.entries(tree).filter(([, {type}]) => type === 'file'));
		expect(files(comparableTree(to, {timeResolution: dosResolution}))).toEqual(files(before));
		expect(databaseDumps(to)).toEqual(dumps);
		expect(statSync(join(to, 'users.yaml')).mode & 0o777).toBe(0o600);
		expect(statSync(join(to, 'scripts/lüfter.sh')).mode & 0o777).toBe(0o755);
	});

	test('in place, after the instance was damaged; what the backup does not know stays', async () => {
		const place = makePlace({linkedUploads: true, externalTimelapse: true});
		const archive = await backUpWithOctoPrint(place);
		const options = {timeResolution: dosResolution, folderTimes: false};
		const before = filesOnly(joinedTree(place.dataFolder, 'timelapse', place.timelapse, options));
		const uploads = filesOnly(comparableTree(place.uploads, options));
		const dumps = databaseDumps(place.dataFolder);

		rmSync(join(place.uploads, 'Kalibrierung'), {recursive: true});
		rmSync(join(place.dataFolder, 'users.yaml'));
		rmSync(join(place.dataFolder, 'data/SpoolManager/spoolmanager.db-wal'));
		writeFileSync(join(place.dataFolder, 'config.yaml'), 'broken');
		writeFileSync(join(place.timelapse, 'benchy_20260101120000.mp4'), 'overwritten');
		writeFileSync(join(place.uploads, 'newer.gcode'), 'made after the backup');
		mkdirSync(join(place.dataFolder, 'data/backup'), {recursive: true});
		writeFileSync(join(place.dataFolder, 'data/backup/older.zip'), 'another backup');
		const log = readFileSync(join(place.dataFolder, 'logs/octoprint.log'));

		expectDone(await place.printkeep('restore', archive, '--yes'));

		expect(filesOnly(joinedTree(place.dataFolder, 'timelapse', place.timelapse, options))).toEqual(before);
		expect(filesOnly(comparableTree(place.uploads, options))).toEqual(uploads);
		expect(databaseDumps(place.dataFolder)).toEqual(dumps);
		expect(lstatSync(join(place.dataFolder, 'uploads')).isSymbolicLink()).toBe(true);
		expect(realpathSync(join(place.dataFolder, 'uploads'))).toBe(realpathSync(place.uploads));
		expect(readFileSync(join(place.dataFolder, 'data/backup/older.zip'), 'utf8')).toBe('another backup');
		expect(readFileSync(join(place.dataFolder, 'logs/octoprint.log'))).toEqual(log);

		const undone = await place.printkeep('undo', '--yes');
		expectDone(undone);
		expect(readFileSync(join(place.uploads, 'newer.gcode'), 'utf8')).toBe('made after the backup');
		expect(readFileSync(join(place.dataFolder, 'config.yaml'), 'utf8')).toBe('broken');
	});

	test('with folders excluded, present content of those folders stays', async () => {
		const place = makePlace();
		const archive = await backUpWithOctoPrint(place, '--exclude', 'uploads', '--exclude', 'timelapse');
		writeFileSync(join(place.uploads, 'newer.gcode'), 'made after the backup');
		const uploads = comparableTree(place.uploads);
		writeFileSync(join(place.dataFolder, 'users.yaml'), 'broken');

		expectDone(await place.printkeep('restore', archive, '--yes'));
		expect(comparableTree(place.uploads)).toEqual(uploads);
		expect(readFileSync(join(place.dataFolder, 'users.yaml'), 'utf8')).toContain('apikey');
	});

	test('listed from OctoPrint’s own folder, shown, verified, and its plugins named', async () => {
		const place = makePlace();
		const native = join(place.dataFolder, 'data/backup');
		mkdirSync(native, {recursive: true});
		const output = await place.octoPrint(place.dataFolder, 'plugins', 'backup:backup');
		expect(output.code).toBe(0);

		const list = JSON.parse((await place.printkeep('list', '--json')).stdout) as {
			backups: ReadonlyArray<{key: string; origin: string; writtenBy: string; serverVersion: string; proof: string}>;
		};
		expect(list.backups).toHaveLength(1);
		expect(list.backups[0]).toMatchObject({
			origin: 'server',
			writtenBy: 'octoprint',
			serverVersion: octoPrintVersion,
			proof: 'crc32',
		});
		const key = list.backups[0]?.key ?? '';
		expectDone(await place.printkeep('verify', key));
		const shown = await place.printkeep('show', key, '--json');
		expectDone(shown);
		expect(shown.stdout).toContain(probePlugin.key);
	});
});

describe('what printkeep writes, printkeep restores', () => {
	test('exactly: bytes, modes, times to the millisecond, empty folders', async () => {
		const place = makePlace();
		const archive = await place.backUp();
		const to = join(place.root, 'to');
		expectDone(await place.printkeep('restore', archive, '--to', to, '--yes'));
		// The data folder itself got a new time when a folder was left out of it.
		const tree = (root: string): object => ({...comparableTree(root), '.': undefined, timelapse: undefined});
		expect(tree(to)).toEqual(tree(place.dataFolder));
		expect(databaseDumps(to)).toEqual(databaseDumps(place.dataFolder));
	});

	test('the exact versions of plugins are kept when the environment is known', async () => {
		const place = makePlace();
		expectDone(await place.printkeep('config', 'set', 'python', join(environment, 'bin/python')));
		const archive = await place.backUp();
		const shown = await place.printkeep('show', basename(archive), '--json');
		expectDone(shown);
		expect(shown.stdout).toContain(probePlugin.version);
		const script = 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read("plugin_list.json").decode())';
		const {stdout} = await runPython(script, archive);
		const own = await backUpWithOctoPrint(place);
		const {stdout: ownList} = await runPython(script, own);
		// The name is for people: OctoPrint asks the plugin's code for it, printkeep runs no plugin.
		const withoutNames = (text: string): unknown =>
			(JSON.parse(text) as ReadonlyArray<{key: string; url: string | null}>).map(({key, url}) => ({key, url}));
		expect(withoutNames(stdout)).toEqual([{key: probePlugin.key, url: probePlugin.url}]);
		expect(withoutNames(stdout)).toEqual(withoutNames(ownList));
	});
});
