/** Data on more than one file system: a share of a NAS mounted in the data folder, and a data folder that is a volume of a container's. */
import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import {hasProgram} from '../helpers/requirements.js';
import {
	changeSince,
	contentsLeft,
	cutPower,
	expectDamage,
	expectDone,
	makeDamagePlace,
	missingFrom,
	type Place,
} from './helpers/damage-place.js';
import {type Moment, prepareKills} from './helpers/kill-in-swap.js';
import {canMount, mountAgain, mountMemory, mountPointsBelow} from './helpers/mounts.js';
import {octoPrintEnvironment} from './helpers/octoprint.js';

let environment: string;

beforeAll(async () => {
	environment = await octoPrintEnvironment();
});

/** A place whose uploads are a share that is mounted in the data folder; it can be looked at as the NAS sees it, in `nas`. */
const makePlaceWithShare = (): Place =>
	makeDamagePlace(environment, {
		prepare(root) {
			mountMemory(join(root, 'nas'), 16);
			mountAgain(join(root, 'nas'), join(root, 'octoprint/uploads'));
		},
	});

const filesIn = (folder: string): readonly string[] =>
	Object.entries(digestTree(folder))
		.filter(([, {type}]) => type === 'file')
		.map(([path]) => path);

describe.runIf(canMount)('a share mounted in the data folder', () => {
	test('OctoPrint: deletes what is on the NAS at its next start', async () => {
		const place = makePlaceWithShare();
		const nas = join(place.root, 'nas');
		const archive = await place.backUpWithOctoPrint();
		changeSince(place);
		expect(filesIn(nas)).toContain('since.gcode');
		const {stdout} = await place.restoreWithOctoPrint(archive);
		expect(stdout).toContain('Restored from');
		expectDamage(
			'moves a share along with its old data folder',
			mountPointsBelow(place.root).includes(join(`${place.dataFolder}.bck`, 'uploads')),
		);

		// It gives up when it comes to delete the mount point.
		await place.startOctoPrint(said => said.includes('Device or resource busy'));
		expectDamage('deletes the files on a share that is mounted in its data folder', filesIn(nas).length === 0);
		expect(existsSync(join(place.uploads, 'since.gcode'))).toBe(false);
	});

	test('printkeep: restores into the share, which stays where it is, and brings back what was there', async () => {
		const place = makePlaceWithShare();
		const nas = join(place.root, 'nas');
		const archive = await place.backUpWithOctoPrint();
		const backedUp = place.look();
		changeSince(place);
		const old = place.look();
		const mounts = mountPointsBelow(place.root);

		expectDone(await place.printkeep('restore', archive, '--yes'));
		expect(missingFrom(backedUp, place.look())).toEqual([]);
		expect(mountPointsBelow(place.root)).toEqual(mounts);
		expect(filesIn(nas)).toContain('benchy_0.2mm_PLA.gcode');
		// What is no more in its place is kept on the share.
		expect(existsSync(join(nas, 'since.gcode'))).toBe(false);
		expect(contentsLeft(place)).toContain(old['uploads/since.gcode']?.sha256);

		expectDone(await place.printkeep('undo', '--yes'));
		expect(place.look()).toEqual(old);
		expect(mountPointsBelow(place.root)).toEqual(mounts);
	});

	test('printkeep: leaves the share alone that the backup has nothing of', async () => {
		const place = makePlaceWithShare();
		const nas = join(place.root, 'nas');
		const archive = await place.backUpWithOctoPrint({exclude: 'uploads'});
		changeSince(place);
		const before = digestTree(nas);
		const mounts = mountPointsBelow(place.root);
		expectDone(await place.printkeep('restore', archive, '--yes'));
		expect(existsSync(join(place.dataFolder, 'scripts/gcode/afterPrintPaused'))).toBe(false);
		expect(digestTree(nas)).toEqual(before);
		expect(mountPointsBelow(place.root)).toEqual(mounts);
	});
});

/** A place whose data folder is a mount point, as a volume of a container's is. */
const makePlaceInVolume = (): Place =>
	makeDamagePlace(environment, {
		prepare(root) {
			mountMemory(join(root, 'octoprint'), 32);
		},
	});

describe.runIf(canMount)('a data folder that is a volume', () => {
	test('OctoPrint, killed before it copies: the volume is empty, and the copy beside it is deleted at the next start', async () => {
		const place = makePlaceInVolume();
		const {dataFolder} = place;
		const archive = await place.backUpWithOctoPrint();
		changeSince(place);
		const old = place.look();
		await place.restoreWithOctoPrint(archive, {event: 'shutil.copytree', target: dataFolder, number: 1});
		cutPower(place);
		// A volume cannot be renamed: it was copied to beside it, where a container keeps nothing, and emptied.
		const oldCopy = `${dataFolder}.bck`;
		expectDamage(
			'empties a volume before it copies',
			readdirSync(dataFolder).join() === 'basedir_before_restore.bck.zip' && existsSync(oldCopy),
		);
		expect(missingFrom(old, digestTree(oldCopy))).toEqual([]);

		await place.startOctoPrint(() => !existsSync(oldCopy));
		const left = contentsLeft(place);
		const lost = missingFrom(old, {}).filter(path => !left.has(old[path]?.sha256 ?? ''));
		expectDamage(
			'loses what was in a volume when it is killed while it restores',
			['uploads/since.gcode', 'users.yaml', 'data/backup/octoprint-backup.zip'].every(path => lost.includes(path)),
		);
	});

	test.skipIf(!hasProgram('strace', 'strace'))(
		'printkeep, killed while it exchanges: the next command brings the old data or the new, all of it in the volume',
		async () => {
			const place = makePlaceInVolume();
			const archive = await place.backUpWithOctoPrint();
			changeSince(place);
			const mounts = mountPointsBelow(place.root);
			const sweep = await prepareKills(place, archive);
			for (const moment of ['half out', 'first in', 'last in'] as const satisfies readonly Moment[]) {
				await sweep.kill(moment);
				cutPower(place);
				expectDone(await place.printkeep('status'));
				expect([sweep.before, sweep.after], moment).toContainEqual(place.look());
			}

			sweep.reset();
			expectDone(await place.printkeep('restore', archive, '--yes'));
			expect(place.look()).toEqual(sweep.after);
			expectDone(await place.printkeep('undo', '--yes'));
			expect(place.look()).toEqual(sweep.before);
			expect(mountPointsBelow(place.root)).toEqual(mounts);
			expect(readdirSync(place.root).filter(name => name.startsWith('.printkeep'))).toEqual([]);
		},
	);
});
