/** A restore onto a card that has no room for two copies, from a temporary folder on another file system, as Debian has it. */
import {closeSync, existsSync, openSync, readdirSync, writeSync} from 'node:fs';
import {basename, join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {parseJsonLines} from '../helpers/run-printkeep.js';
import {
	changeSince,
	contentsLeft,
	errorOf,
	expectDamage,
	expectDone,
	makeDamagePlace,
	missingFrom,
	type Place,
} from './helpers/damage-place.js';
import {canMount, mountMemory} from './helpers/mounts.js';
import {octoPrintEnvironment} from './helpers/octoprint.js';

let environment: string;

beforeAll(async () => {
	environment = await octoPrintEnvironment();
});

const cardMegabytes = 14;
const dataBytes = 8_000_000;

/** A place on a small card with a backup on another disk. */
const makePlace = async (): Promise<{place: Place; archive: string}> => {
	const place = makeDamagePlace(environment, {
		disk: 'card',
		extraBytes: dataBytes,
		prepare(root) {
			mountMemory(join(root, 'card'), cardMegabytes);
		},
	});
	return {place, archive: await place.backUpWithOctoPrint({path: join(place.root, 'octoprint-backup.zip')})};
};

/** Makes the large file another one than in the backup, in as many bytes. */
const changeLargeFile = ({uploads}: Place): void => {
	const descriptor = openSync(join(uploads, 'part 0.gcode'), 'r+');
	writeSync(descriptor, '; sliced anew\n', 0);
	closeSync(descriptor);
};

describe.runIf(canMount)('a card without room for two copies', () => {
	test('OctoPrint: nests the old data in half of the new, and reports it only in words', async () => {
		const {place, archive} = await makePlace();
		const {dataFolder} = place;
		changeSince(place);
		const old = place.look();
		const {stdout, stderr} = await place.restoreWithOctoPrint(archive);
		const now = place.look();
		const nested = join(dataFolder, `${basename(dataFolder)}.bck`);
		expectDamage(
			'leaves a data folder that is neither old nor new when the disk is full',
			existsSync(join(nested, 'uploads/since.gcode')) &&
				!existsSync(join(dataFolder, 'uploads/since.gcode')) &&
				missingFrom(old, now).length > 0,
		);
		expect(stdout + stderr).toMatch(/No space left on device[\s\S]*Restoring from .* failed/u);
	});

	test('printkeep: refuses before it writes where not even the differences fit', async () => {
		const {place, archive} = await makePlace();
		changeSince(place);
		changeLargeFile(place);
		const old = place.look();
		const output = await place.printkeep('restore', archive, '--yes', '--json');
		expect(output.code, output.stdout + output.stderr).toBe(13);
		// It has counted: a write that had failed would be told as such.
		expect(errorOf(output)).toMatchObject({
			code: 'no-space',
			message: expect.stringMatching(/needs [\d.]+ MB .*[\d.]+ MB are free/u),
		});
		expect(place.look()).toEqual(old);
		expect(readdirSync(join(place.root, 'card')).filter(name => name.startsWith('.printkeep'))).toEqual([]);
	});

	test('printkeep: restores what differs where that fits, and brings it back', async () => {
		const {place, archive} = await makePlace();
		const backedUp = place.look();
		changeSince(place);
		const old = place.look();
		const planned = await place.printkeep('restore', archive, '--dry-run', '--json');
		expectDone(planned);
		expect(parseJsonLines(planned.stdout).at(-1)).toMatchObject({plan: {lowSpace: true, enoughSpace: true}});
		expectDone(await place.printkeep('restore', archive, '--yes'));
		expect(missingFrom(backedUp, place.look())).toEqual([]);
		expect(existsSync(join(place.uploads, 'since.gcode'))).toBe(false);
		expect(contentsLeft(place)).toContain(old['uploads/since.gcode']?.sha256);

		expectDone(await place.printkeep('undo', '--yes'));
		expect(place.look()).toEqual(old);
	});
});
