/** What a restore by OctoPrint loses though nothing goes wrong: other backups, what was left out of the backup, modes, links, empty folders, dates, places. */
import {
	existsSync,
	lstatSync,
	mkdirSync,
	readFileSync,
	rmSync,
	statSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {digestTree, type Tree} from '../helpers/digest-tree.js';
import {databaseDumps} from './helpers/compare.js';
import {
	changeSince,
	contentsLeft,
	expectDamage,
	expectDone,
	makeDamagePlace,
	missingFrom,
	type Place,
} from './helpers/damage-place.js';
import {octoPrintEnvironment} from './helpers/octoprint.js';

let environment: string;

beforeAll(async () => {
	environment = await octoPrintEnvironment();
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;

type Settled = {
	readonly place: Place;
	/** OctoPrint's own archive, in its own backup folder. */
	readonly archive: string;
	/** printkeep's, made later and from the same data, in a store inside the data folder. */
	readonly newer: string;
	/** The data folder, the uploads behind their link and the timelapses on another disk, as they were backed up and as they are now. */
	readonly backedUp: Tree;
	readonly databases: Readonly<Record<string, string>>;
	readonly before: Tree;
};

const lookEverywhere = (place: Place): Tree => ({
	...place.look(),
	...Object.fromEntries(
		Object.entries(digestTree(place.elsewhere, {skip: path => path.includes('.printkeep'), folderTimes: false})).map(
			([path, item]) => [`elsewhere/${path}`, item],
		),
	),
});

const externalVideo = 'benchy_20260101120000.mp4';
const oddDate = 1_700_000_001.75;

/** Uploads behind a link, timelapses on another disk, backups in two folders; a video was lost, and a file dropped to be printed since. */
const settle = async (): Promise<Settled> => {
	const place = makeDamagePlace(environment, {
		linkedUploads: true,
		externalTimelapse: true,
		store: 'octoprint/printkeep',
	});
	const {dataFolder, timelapse} = place;
	mkdirSync(join(dataFolder, 'slicingProfiles/empty'));
	mkdirSync(join(dataFolder, 'data/backup'), {recursive: true});
	writeFileSync(join(dataFolder, 'data/backup/older.zip'), 'another backup\n');
	utimesSync(join(dataFolder, 'scripts/lüfter.sh'), oddDate, oddDate);
	const archive = await place.backUpWithOctoPrint();
	expectDone(await place.printkeep('backup', '--name', 'newer.zip'));
	const backedUp = lookEverywhere(place);
	const databases = databaseDumps(dataFolder);
	changeSince(place);
	unlinkSync(join(timelapse, externalVideo));
	writeFileSync(join(dataFolder, 'watched/print me.gcode'), 'G28 ; waits to be printed\n');
	rmSync(join(dataFolder, 'slicingProfiles/empty'), {recursive: true});
	writeFileSync(join(dataFolder, 'users.yaml'), 'admin: {}\n', {mode: 0o600});
	return {
		place,
		archive,
		newer: join(dataFolder, 'printkeep/newer.zip'),
		backedUp,
		databases,
		before: lookEverywhere(place),
	};
};

/** Paths that a restore has to leave as they are, whatever it restores. */
const stays = (path: string): boolean => /^(?:data\/backup|printkeep|watched|logs|generated)(?:\/|$)/u.test(path);

/** Databases are backed up as consistent copies, which are other bytes with the same rows. */
const isExact = (path: string): boolean => !stays(path) && !/\.db(?:-wal|-shm)?$/u.test(path);

const only = (tree: Tree, isWanted: (path: string) => boolean): Tree =>
	Object.fromEntries(Object.entries(tree).filter(([path]) => isWanted(path)));

describe('a restore in which nothing goes wrong', () => {
	test('OctoPrint: loses backups, modes, links, empty folders, dates, and what belongs elsewhere', async () => {
		const {place, archive, newer, before} = await settle();
		const {dataFolder, timelapse} = place;
		const backups = [archive, newer, join(dataFolder, 'data/backup/older.zip')];
		const contents = [archive, newer].map(path => before[path.slice(dataFolder.length + 1)]?.sha256 ?? '');
		expect(contents.every(sha256 => contentsLeft(place).has(sha256))).toBe(true);

		const {stdout} = await place.restoreWithOctoPrint(archive);
		expect(stdout).toContain('Restored from');
		// As it left them, before its server starts and writes some of them anew.
		expectDamage(
			'makes the file of passwords readable for everybody',
			modeOf(join(dataFolder, 'users.yaml')) === 0o644,
		);
		expectDamage('takes the right to run from scripts', modeOf(join(dataFolder, 'scripts/lüfter.sh')) === 0o644);
		expectDamage('makes a folder of a link', lstatSync(join(dataFolder, 'uploads')).isDirectory());
		expectDamage('leaves empty folders out', !existsSync(join(dataFolder, 'slicingProfiles/empty')));
		expectDamage('rounds dates', statSync(join(dataFolder, 'scripts/lüfter.sh')).mtimeMs === 1_700_000_000_000);
		expectDamage(
			'puts what belongs on another disk where nobody looks for it',
			existsSync(join(dataFolder, 'timelapse', externalVideo)) &&
				!existsSync(join(timelapse, externalVideo)) &&
				readFileSync(join(dataFolder, 'config.yaml'), 'utf8').includes(`timelapse: ${timelapse}`),
		);

		await place.startOctoPrint(() => !existsSync(`${dataFolder}.bck`));
		const left = contentsLeft(place);
		expectDamage(
			'deletes every other backup, and the one it has restored',
			backups.every(path => !existsSync(path)) && contents.every(sha256 => !left.has(sha256)),
		);
		expectDamage('deletes what was waiting to be printed', !left.has(before['watched/print me.gcode']?.sha256 ?? ''));
	});

	test('printkeep, from its own backup: everything as it was, and the rest where it is', async () => {
		const {place, newer, backedUp, databases, before} = await settle();
		expectDone(await place.printkeep('restore', newer, '--yes'));
		const now = lookEverywhere(place);
		expect(only(now, isExact)).toEqual(only(backedUp, isExact));
		expect(databaseDumps(place.dataFolder)).toEqual(databases);
		expect(only(now, stays)).toEqual(only(before, stays));
		expect(now['users.yaml']?.mode).toBe('600');
		expect(now['scripts/lüfter.sh']).toMatchObject({mode: '755', modifiedAt: oddDate * 1000});
		expect(now.uploads?.type).toBe('link');
		expect(now['slicingProfiles/empty']?.type).toBe('directory');

		expectDone(await place.printkeep('undo', '--yes'));
		expect(lookEverywhere(place)).toEqual(before);
	});

	test('printkeep, from the backup of OctoPrint’s: modes as the archive has them, the rest where it belongs', async () => {
		const {place, archive, backedUp, before} = await settle();
		expectDone(await place.printkeep('restore', archive, '--yes'));
		const now = lookEverywhere(place);
		expect(
			missingFrom(
				only(backedUp, path => !stays(path)),
				now,
			),
		).toEqual([]);
		expect(only(now, stays)).toEqual(only(before, stays));
		expect(now['users.yaml']?.mode).toBe('600');
		expect(now['scripts/lüfter.sh']?.mode).toBe('755');
		expect(now.uploads?.type).toBe('link');
		expect(existsSync(join(place.timelapse, externalVideo))).toBe(true);
		expect(existsSync(join(place.dataFolder, 'timelapse', externalVideo))).toBe(false);

		expectDone(await place.printkeep('undo', '--yes'));
		expect(lookEverywhere(place)).toEqual(before);
	});
});

describe('a folder that was left out of the backup', () => {
	const leaveOutUploads = async (): Promise<{
		readonly place: Place;
		readonly archive: string;
		readonly uploads: Tree;
	}> => {
		const place = makeDamagePlace(environment);
		const archive = await place.backUpWithOctoPrint({exclude: 'uploads'});
		changeSince(place);
		return {place, archive, uploads: digestTree(place.uploads)};
	};

	test('OctoPrint: deletes what is in it now', async () => {
		const {place, archive, uploads} = await leaveOutUploads();
		const {stdout} = await place.restoreWithOctoPrint(archive);
		expect(stdout).toContain('Restored from');
		await place.startOctoPrint(() => !existsSync(`${place.dataFolder}.bck`));
		const left = contentsLeft(place);
		const sliced = ['since.gcode', 'benchy_0.2mm_PLA.gcode', 'プロジェクト/歯車 ギア.gcode'];
		expectDamage(
			'deletes what is in the folders that were left out of the backup',
			sliced.every(path => uploads[path] !== undefined && !left.has(uploads[path].sha256)),
		);
	});

	test('printkeep: leaves it as it is', async () => {
		const {place, archive, uploads} = await leaveOutUploads();
		expectDone(await place.printkeep('restore', archive, '--yes'));
		expect(existsSync(join(place.dataFolder, 'printerProfiles/_default.profile'))).toBe(true);
		expect(digestTree(place.uploads)).toEqual(uploads);
	});
});
