import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {
	chmodSync,
	chownSync,
	copyFileSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import {basename, join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {digestTree, type Tree} from '../helpers/digest-tree.js';
import {type MadeInstance, makeInstance} from '../helpers/make-instance.js';
import {type Output, parseJsonLines, runPrintkeep} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

const isRoot = process.getuid?.() === 0;
/** Nobody, on every Linux. */
const nobody = 65_534;

type Place = MadeInstance & {
	readonly root: string;
	readonly home: string;
	readonly store: string;
	readonly printkeep: (...args: readonly string[]) => Promise<Output>;
};

const makePlace = (options: Parameters<typeof makeInstance>[1] = {}): Place => {
	const root = temporaryDirectory();
	const instance = makeInstance(root, options);
	const store = join(root, 'store');
	const home = join(root, 'home');
	return {
		...instance,
		root,
		home,
		store,
		printkeep: async (...args) => runPrintkeep([...args, '--basedir', instance.dataFolder, '--store', store], {home}),
	};
};

const backUp = async ({printkeep}: Place, ...args: readonly string[]): Promise<string> => {
	const {code, stdout, stderr} = await printkeep('backup', '--json', ...args);
	expect(code, stdout + stderr).toBe(0);
	return (parseJsonLines(stdout).at(-1) as unknown as {result: {backup: {path: string}}}).result.backup.path;
};

/** Everything a command could have changed: the instance and the store, hidden files too. Locks come and go within a run. */
const everything = ({root}: Place): Tree => {
	const {store, ...tree} = digestTree(root, {skip: path => path === 'home', folderTimes: false});
	// The folder of the backups itself may be made early: it is where the lock is taken.
	return tree;
};

/**
 * A refusal: its exit code, a sentence that says what failed and no stack trace, and nothing changed.
 * @param words what the sentence has to name.
 */
const expectRefusal = async (
	place: Place,
	args: readonly string[],
	{code, words}: {readonly code: number; readonly words: RegExp},
): Promise<void> => {
	const before = everything(place);
	const output = await place.printkeep(...args);
	expect(output.stderr).toMatch(/^printkeep: \S.{15,}\.\n/mu);
	expect(output.stderr).toMatch(words);
	expect(output.stderr).not.toMatch(/\n\s+at /u);
	expect(output.code, output.stderr).toBe(code);
	expect(everything(place)).toEqual(before);
};

describe('bad input gets a sentence, an exit code of its own, and changes nothing', () => {
	test('a file that is no ZIP archive', async () => {
		const place = makePlace();
		const file = join(place.root, 'photo.zip');
		writeFileSync(file, 'this is no archive\n'.repeat(100));
		for (const args of [
			['import', file],
			['restore', file, '--yes'],
			['restore', file, '--to', join(place.root, 'to'), '--yes'],
		]) {
			await expectRefusal(place, args, {code: 4, words: /zip/iu});
		}
	});

	test('an archive that is cut off, at every tenth of it', async () => {
		const place = makePlace();
		const archive = await backUp(place);
		const copy = join(place.root, 'copy.zip');
		const bytes = readFileSync(archive).length;
		for (let tenth = 0; tenth < 10; tenth++) {
			copyFileSync(archive, copy);
			truncateSync(copy, Math.floor((bytes * tenth) / 10));
			await expectRefusal(place, ['import', copy], {code: 4, words: /cut off|not a ZIP|empty|truncated|no ZIP/iu});
		}

		await expectRefusal(place, ['restore', copy, '--yes'], {code: 4, words: /cut off/iu});
	});

	test('an archive with a changed byte', async () => {
		const place = makePlace();
		const archive = await backUp(place);
		const bytes = readFileSync(archive);
		bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
		const copy = join(place.root, 'copy.zip');
		writeFileSync(copy, bytes);
		await expectRefusal(place, ['import', copy], {code: 4, words: /damaged|changed|checksum|CRC|hash/iu});
		await expectRefusal(place, ['restore', copy, '--yes'], {code: 4, words: /damaged|changed|checksum|CRC|hash/iu});
	});

	test('an archive of another program', async () => {
		const place = makePlace();
		const file = join(place.root, 'foreign.zip');
		execFileSync('python3', [
			'-c',
			'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1], "w"); z.writestr("data.db", "x"); z.close()',
			file,
		]);
		await expectRefusal(place, ['import', file], {code: 4, words: /no backup|OctoPrint/u});
		await expectRefusal(place, ['restore', file, '--yes'], {code: 4, words: /no backup|OctoPrint/u});
	});

	test('a data folder that is missing, and one that is no server’s', async () => {
		const place = makePlace();
		const missing = await runPrintkeep(['backup', '--basedir', join(place.root, 'nowhere')], {home: place.home});
		expect(missing.code).toBe(10);
		expect(missing.stderr).toMatch(/nowhere.*(does not exist|missing)/u);

		const other = join(place.root, 'other');
		mkdirSync(other);
		writeFileSync(join(other, 'notes.txt'), 'hello');
		const foreign = await runPrintkeep(['backup', '--basedir', other], {home: place.home});
		expect(foreign.code).toBe(10);
		expect(foreign.stderr).toContain('config.yaml');
	});

	test('a store that cannot be written', async () => {
		const place = makePlace();
		mkdirSync(place.store);
		chmodSync(place.store, 0o555);
		if (isRoot) {
			// Root may write everywhere, so another user runs it, who owns everything but the store.
			mkdirSync(place.home, {recursive: true});
			execFileSync('chown', ['-R', `${nobody}:${nobody}`, place.root]);
			chownSync(place.store, 0, 0);
		}

		const before = everything(place);
		const output = await runPrintkeep(['backup', '--basedir', place.dataFolder, '--store', place.store], {
			home: place.home,
			...(isRoot ? {userId: nobody} : {}),
		});
		expect(output.stderr).toMatch(/backup folder .*store cannot be written/u);
		expect(output.code).toBe(1);
		expect(everything(place)).toEqual(before);
	});

	test.runIf(isRoot)('a disk that is full', async () => {
		const place = makePlace({extraBytes: 6_000_000});
		const small = join(place.root, 'small');
		for (const folder of [place.store, small]) {
			mkdirSync(folder);
			execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
			onTestFinished(() => {
				execFileSync('umount', ['-l', folder]);
			});
		}

		// It is known before that there is no room.
		await expectRefusal(place, ['backup'], {code: 13, words: /free/u});
		expect(readdirSync(place.store)).toEqual([]);

		// It turns out on the way: G-code that does not shrink, where the estimate had room.
		expect(await place.printkeep('config', 'set', 'keep-free', '0')).toMatchObject({code: 0});
		rmSync(join(place.uploads, 'part 0.gcode'));
		writeFileSync(join(place.uploads, 'noise.gcode'), randomBytes(4_000_000));
		await expectRefusal(place, ['backup'], {code: 13, words: /full/u});
		expect(readdirSync(place.store)).toEqual([]);

		// A restore into a full disk leaves the folder it was to fill as it was.
		const archive = join(place.root, 'archive.zip');
		expect(await place.printkeep('backup', '--path', archive)).toMatchObject({code: 0});
		await expectRefusal(place, ['restore', archive, '--to', join(small, 'to'), '--yes'], {
			code: 13,
			words: /free|full|space/u,
		});
	});

	test('no such backup', async () => {
		const place = makePlace();
		await backUp(place);
		for (const args of [
			['show', 'nothing.zip'],
			['verify', 'nothing.zip'],
			['restore', 'nothing.zip', '--yes'],
			['delete', 'nothing.zip', '--yes'],
			['export', 'nothing.zip', join(place.root, 'out.zip')],
			['pin', 'nothing.zip'],
		]) {
			await expectRefusal(place, args, {code: 10, words: /nothing\.zip/u});
		}
	});

	test('a name that is taken, whatever its case', async () => {
		const place = makePlace();
		const archive = await backUp(place, '--name', 'before-upgrade.zip');
		await expectRefusal(place, ['backup', '--name', 'Before-Upgrade.zip'], {code: 1, words: /Before-Upgrade/u});
		const copy = join(place.root, 'copy.zip');
		copyFileSync(archive, copy);
		await expectRefusal(place, ['import', copy, '--as', 'BEFORE-upgrade.zip'], {code: 1, words: /BEFORE-upgrade/u});
		await expectRefusal(place, ['export', basename(archive), copy], {code: 1, words: /copy\.zip/u});
	});

	test('names that cannot be', async () => {
		const place = makePlace();
		for (const name of ['../escape.zip', '.hidden.zip', '-x.zip', 'a b.zip', `${'x'.repeat(150)}.zip`]) {
			await expectRefusal(place, ['backup', `--name=${name}`], {code: 2, words: /name/u});
		}
	});

	test('unknown options, commands, parts and too many words', async () => {
		const place = makePlace();
		await expectRefusal(place, ['backup', '--exlude', 'uploads'], {code: 2, words: /--exclude/u});
		await expectRefusal(place, ['bakcup'], {code: 2, words: /backup/u});
		await expectRefusal(place, ['backup', '--exclude', 'uplaods'], {code: 2, words: /uploads/u});
		await expectRefusal(place, ['backup', '--exclude', 'config'], {code: 2, words: /config/u});
		await expectRefusal(place, ['show'], {code: 2, words: /KEY/u});
		await expectRefusal(place, ['status', 'extra'], {code: 2, words: /extra/u});
	});

	test('what needs confirmation, where nobody can be asked', async () => {
		const place = makePlace();
		const key = basename(await backUp(place));
		await expectRefusal(place, ['restore', key], {code: 5, words: /--yes/u});
		await expectRefusal(place, ['delete', key], {code: 5, words: /--yes/u});
		expect(await place.printkeep('pin', key)).toMatchObject({code: 0});
		await expectRefusal(place, ['delete', key, '--yes'], {code: 5, words: /pinned/u});
	});

	test('a backup of a newer version than the server', async () => {
		const newer = makePlace({version: '9.1.0'});
		const archive = await backUp(newer);
		const place = makePlace({version: '1.11.8'});
		const copy = join(place.root, 'newer.zip');
		copyFileSync(archive, copy);
		await expectRefusal(place, ['restore', copy, '--yes'], {code: 5, words: /9\.1\.0/u});
		rmSync(copy);
	});

	test('a destination that has something in it, or must not be written to', async () => {
		const place = makePlace();
		const key = basename(await backUp(place));
		const full = join(place.root, 'full');
		mkdirSync(full);
		writeFileSync(join(full, 'a'), 'a');
		await expectRefusal(place, ['restore', key, '--to', full, '--yes'], {code: 1, words: /full/u});
		await expectRefusal(place, ['restore', key, '--to', join(place.dataFolder, 'uploads/x'), '--yes'], {
			code: 5,
			words: /uploads/u,
		});
		await expectRefusal(place, ['restore', key, '--to', '/', '--yes'], {code: 5, words: /\//u});
	});

	test('a restore where restoring is switched off', async () => {
		const place = makePlace();
		const key = basename(await backUp(place));
		const before = everything(place);
		const output = await runPrintkeep(
			['restore', key, '--yes', '--basedir', place.dataFolder, '--store', place.store],
			{home: place.home, env: {OCTOPRINT_BACKUP_RESTORE_UNSUPPORTED: 'true'}},
		);
		expect(output.code).toBe(5);
		expect(output.stderr).toContain('OCTOPRINT_BACKUP_RESTORE_UNSUPPORTED');
		expect(everything(place)).toEqual(before);
	});
});
