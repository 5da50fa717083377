/** A power cut in the middle of a restore, with OctoPrint's next start after it. */
import {copyFileSync, existsSync, mkdirSync, readdirSync, renameSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import {hasProgram} from '../helpers/requirements.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {
	changeSince,
	contentsLeft,
	cutPower,
	type DieAt,
	expectDamage,
	expectDone,
	makeDamagePlace,
	missingFrom,
	type Place,
} from './helpers/damage-place.js';
import {type Moment, prepareKills} from './helpers/kill-in-swap.js';
import {canMount, mountMemory} from './helpers/mounts.js';
import {octoPrintEnvironment} from './helpers/octoprint.js';

let environment: string;

/** The backup that OctoPrint has made in the first place; the others have the same data. */
const kept = join(makeTemporaryDirectory(), 'octoprint-backup.zip');

beforeAll(async () => {
	environment = await octoPrintEnvironment();
});

afterAll(() => {
	removeDirectory(dirname(kept));
});

/** A place with a backup of OctoPrint's in its own backup folder, and data that has changed since. */
const makePlace = async (prepare?: (root: string) => void): Promise<{place: Place; archive: string}> => {
	const place = makeDamagePlace(environment, prepare === undefined ? {} : {prepare});
	const archive = join(place.dataFolder, 'data/backup/octoprint-backup.zip');
	if (existsSync(kept)) {
		mkdirSync(dirname(archive));
		copyFileSync(kept, archive);
	} else {
		await place.backUpWithOctoPrint({path: archive});
		copyFileSync(archive, kept);
	}

	changeSince(place);
	return {place, archive};
};

const betweenTheMoves = ({dataFolder}: Place): DieAt => ({event: 'shutil.move', target: dataFolder, number: 1});
const whileCopying = ({dataFolder}: Place): DieAt => ({
	event: 'shutil.copyfile',
	target: `${dataFolder}/`,
	number: 6,
});
const temporaryInMemory = (root: string): void => {
	mountMemory(join(root, 'temporary'), 64);
};

describe('OctoPrint, the power cut', () => {
	const cases: ReadonlyArray<{
		readonly when: string;
		readonly dieAt: (place: Place) => DieAt;
		readonly prepare?: (root: string) => void;
	}> = [
		{when: 'between its two moves', dieAt: betweenTheMoves},
		// Debian has /tmp in memory: the second move copies then.
		...(canMount ? [{when: 'while the second one copies', dieAt: whileCopying, prepare: temporaryInMemory}] : []),
	];

	test.each(cases)('$when: deletes the only good copy at its next start', async ({dieAt, prepare}) => {
		const {place, archive} = await makePlace(prepare);
		const {dataFolder} = place;
		const old = place.look();
		const oldCopy = `${dataFolder}.bck`;
		await place.restoreWithOctoPrint(archive, dieAt(place));
		cutPower(place);
		// Everything is still there, beside the data folder, until OctoPrint is started as at every boot.
		expectDamage('moves its data folder away while it restores', existsSync(oldCopy));
		// Its own command has written to the configuration before.
		expect(missingFrom(old, digestTree(oldCopy)).filter(path => path !== 'config.yaml')).toEqual([]);

		await place.startOctoPrint(() => !existsSync(oldCopy));
		const left = contentsLeft(place);
		const lost = Object.entries(old).filter(
			([path, {type, bytes, sha256}]) => type === 'file' && bytes > 0 && !path.startsWith('logs/') && !left.has(sha256),
		);
		const paths = lost.map(([path]) => path);
		// Of what was being copied, some has arrived; what was only in the old folder is gone, and so is the backup.
		const only = ['uploads/since.gcode', 'scripts/gcode/afterPrintPaused', 'data/backup/octoprint-backup.zip'];
		expectDamage(
			'deletes the data and every backup after a power cut in a restore',
			only.every(path => paths.includes(path)) && paths.length > 10,
		);
		expect(existsSync(join(dataFolder, 'data/backup/octoprint-backup.zip'))).toBe(false);
	});
});

describe.skipIf(!hasProgram('strace', 'strace'))('printkeep, the power cut', () => {
	test('at any step of the exchange: the next command, whichever, brings the old data or the new', async () => {
		const {place, archive} = await makePlace();
		const sweep = await prepareKills(place, archive);
		const moments: ReadonlyArray<readonly [Moment, readonly string[]]> = [
			['first out', ['status']],
			['first in', ['list']],
			['half in', ['show', archive]],
		];
		for (const [moment, command] of moments) {
			await sweep.kill(moment);
			cutPower(place);
			expectDone(await place.printkeep(...command));
			expect([sweep.before, sweep.after], moment).toContainEqual(place.look());
		}
	});

	test('and OctoPrint started on what is left: still the old data or the new, and its clean-up finds nothing of ours', async () => {
		const {place, archive} = await makePlace();
		const {dataFolder} = place;
		const sweep = await prepareKills(place, archive);
		await sweep.kill('first in');
		cutPower(place);
		// Shows that OctoPrint has cleaned up.
		renameSync(join(place.root, 'elsewhere'), `${dataFolder}.bck`);
		expect(await place.startOctoPrint(() => !existsSync(`${dataFolder}.bck`))).toBe(true);

		expectDone(await place.printkeep('list'));
		const now = place.look();
		expect([missingFrom(sweep.before, now), missingFrom(sweep.after, now)]).toContainEqual([]);
	});
});

describe('printkeep, beside what an interrupted restore of OctoPrint’s left', () => {
	test('it warns, and touches nothing of it', async () => {
		const {place, archive} = await makePlace();
		const oldCopy = `${place.dataFolder}.bck`;
		await place.restoreWithOctoPrint(archive, betweenTheMoves(place));
		cutPower(place);
		const kept = digestTree(oldCopy);
		const names = readdirSync(place.root);

		// The data folder is gone: nothing can be done with it, and nothing is.
		for (const command of [['doctor'], ['status'], ['backup'], ['restore', archive, '--yes'], ['recover', '--yes']]) {
			const {stdout, stderr} = await place.printkeep(...command);
			expect(stdout + stderr, command.join(' ')).toContain(oldCopy);
			expect(digestTree(oldCopy)).toEqual(kept);
		}

		expect(readdirSync(place.root)).toEqual(names);
	});
});
