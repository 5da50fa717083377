import {randomFillSync} from 'node:crypto';
import {
	closeSync,
	mkdirSync,
	openSync,
	rmSync,
	statfsSync,
	statSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {makeInstance} from '../helpers/make-instance.js';
import {hasProgram} from '../helpers/requirements.js';
import {parseJsonLines, runPrintkeep, runProgram} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** Every byte of every entry read and its CRC compared, by programs that know nothing of printkeep. */
type Peer = {
	readonly name: string;
	readonly command: string;
	readonly debianPackage: string;
	readonly args: (archive: string) => readonly string[];
};

const pythonTest = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    bad = archive.testzip()
    if bad is not None:
        sys.exit("bad entry: " + bad)
    print(len(archive.infolist()))`;

const peers: readonly Peer[] = [
	{
		name: 'Python’s zipfile',
		command: 'python3',
		debianPackage: 'python3',
		args: archive => ['-c', pythonTest, archive],
	},
	{name: 'unzip -t', command: 'unzip', debianPackage: 'unzip', args: archive => ['-tqq', archive]},
	{name: '7z t', command: '7z', debianPackage: 'p7zip-full', args: archive => ['t', '-bso0', '-bsp0', archive]},
	{name: 'bsdtar -t', command: 'bsdtar', debianPackage: 'libarchive-tools', args: archive => ['-tf', archive]},
	{
		name: 'bsdtar -x',
		command: 'bsdtar',
		debianPackage: 'libarchive-tools',
		// Listing reads the directory only; extracting to nowhere reads the data too.
		args: archive => ['-xOf', archive, '--include', 'basedir/*'],
	},
];

const expectAccepted = async (archive: string): Promise<void> => {
	for (const {name, command, debianPackage, args} of peers) {
		if (hasProgram(command, debianPackage)) {
			// What is extracted to nowhere is not collected: it may be gigabytes.
			const line = [command, ...args(archive)].map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
			const {code, stderr} = await runProgram('sh', ['-c', `${line} > /dev/null`], {
				env: {...process.env, LC_ALL: 'C.UTF-8'},
			});
			expect({name, code, stderr: stderr.trim()}).toEqual({name, code: 0, stderr: ''});
		}
	}
};

const backUp = async (root: string, dataFolder: string, ...args: readonly string[]): Promise<string> => {
	const {code, stdout, stderr} = await runPrintkeep(
		['backup', '--json', '--basedir', dataFolder, '--store', join(root, 'store'), ...args],
		{home: join(root, 'home')},
	);
	expect(code, `${stdout.slice(-2000)}${stderr}`).toBe(0);
	return (parseJsonLines(stdout).at(-1) as unknown as {result: {backup: {path: string}}}).result.backup.path;
};

const countEntries = async (archive: string): Promise<number> => {
	const {stdout} = await runProgram(
		'python3',
		['-c', 'import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).infolist()))', archive],
		{
			env: process.env,
		},
	);
	return Number(stdout);
};

describe('other programs accept every archive printkeep writes', () => {
	test('a usual backup with a note, and a selection exported from it', async () => {
		const root = temporaryDirectory();
		const {dataFolder} = makeInstance(root, {linkedUploads: true, externalTimelapse: true, ancientFile: true});
		const archive = await backUp(root, dataFolder, '--note', 'größer — „schöner“ 大きい\u{1f600}'.repeat(9));
		await expectAccepted(archive);

		const selection = join(root, 'selection.zip');
		const exported = await runPrintkeep(
			[
				...['export', archive.split('/').at(-1) ?? '', selection, '--part', 'uploads', '--file', 'scripts/lüfter.sh'],
				...['--basedir', dataFolder, '--store', join(root, 'store')],
			],
			{home: join(root, 'home')},
		);
		expect(exported).toMatchObject({code: 0});
		await expectAccepted(selection);
	});

	test('one with 70,000 entries', async () => {
		const root = temporaryDirectory();
		const {dataFolder} = makeInstance(root);
		for (let folder = 0; folder < 70; folder++) {
			const path = join(dataFolder, `data/many/${folder}`);
			mkdirSync(path, {recursive: true});
			for (let file = 0; file < 1000; file++) {
				writeFileSync(join(path, `${file}.json`), `{"number": ${folder * 1000 + file}}`);
			}
		}

		const archive = await backUp(root, dataFolder);
		expect(await countEntries(archive)).toBeGreaterThan(70_000);
		await expectAccepted(archive);
		rmSync(dataFolder, {recursive: true});
	});

	test('one over 4 GB, with a file over 4 GB that shrinks and one that does not', async () => {
		const {bavail, bsize} = statfsSync(tmpdir());
		if (bavail * bsize < 16e9) {
			if (process.env.CI === 'true') {
				throw new Error(`${tmpdir()} needs 16 GB free for archives over 4 GB`);
			}

			console.warn('SKIPPED: there is no room for archives over 4 GB');
			return;
		}

		const root = temporaryDirectory();
		const {dataFolder} = makeInstance(root);
		const large = 2 ** 32 + 12_345_678;
		const shrinking = join(dataFolder, 'uploads/sparse.gcode');
		writeFileSync(shrinking, '; the rest of it are holes\n');
		truncateSync(shrinking, large);
		// A block that never repeats within a window of deflate's does not shrink, and is quickly written again and again.
		const block = randomFillSync(Buffer.alloc(1 << 26));
		const descriptor = openSync(join(dataFolder, 'timelapse/long.mp4'), 'w');
		for (let written = 0; written < large; ) {
			written += writeSync(descriptor, block, 0, Math.min(block.length, large - written));
		}

		closeSync(descriptor);
		const archive = await backUp(root, dataFolder);
		expect(statSync(archive).size).toBeGreaterThan(2 ** 32);
		rmSync(join(dataFolder, 'timelapse/long.mp4'));
		await expectAccepted(archive);
	}, 900_000);
});
