/** Programs that read ZIP files and know nothing of printkeep, made to tell what they find in the same words. */
import {lstatSync, mkdirSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {digestTree} from './digest-tree.js';
import {hasProgram} from './requirements.js';
import {runProgram} from './run-printkeep.js';
import {type ReadEntries, type ReadEntry, readWithYauzl, secondsOf} from './two-writers.js';

export type ZipReader = {
	readonly name: string;
	readonly isThere: () => boolean;
	/** Permission bits it gives to what it unpacks. */
	readonly modeBits: number;
	/** What it makes of a name, to be done to both sides of a comparison. */
	readonly nameOf: (name: string) => string;
	/** Every entry but folders that others lie in. Modes are permission bits. @param scratch a new folder it may fill. */
	readonly read: (archive: string, scratch: string) => Promise<ReadEntries>;
	/** Reads every byte and compares the checksums, without keeping anything. @throws when it finds a fault */
	readonly test: (archive: string) => Promise<void>;
};

const environment = {...process.env, LC_ALL: 'C.UTF-8'};

const run = async (command: string, args: readonly string[]): Promise<string> => {
	const {code, stdout, stderr} = await runProgram(command, args, {env: environment});
	if (code !== 0 || stderr.trim() !== '') {
		throw new Error(`${command} ended with exit code ${code}: ${stderr.slice(0, 2000)}${stdout.slice(-1000)}`);
	}

	return stdout;
};

/** What was unpacked. Programs that apply the umask do not get one. */
const unpack = async (scratch: string, ...command: readonly string[]): Promise<ReadEntries> => {
	mkdirSync(scratch);
	const line = command.map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
	await run('sh', ['-c', `umask 0; ${line} > /dev/null`]);
	const tree = digestTree(scratch);
	const entries = new Map<string, ReadEntry>();
	for (const [path, {type, mode, bytes, sha256}] of Object.entries(tree)) {
		const isEmptyFolder = type === 'directory' && readdirSync(join(scratch, path)).length === 0;
		if (type === 'file' || isEmptyFolder) {
			entries.set(isEmptyFolder ? `${path}/` : path, {
				mode: Number.parseInt(mode, 8),
				seconds: secondsOf(lstatSync(join(scratch, path), {bigint: true})),
				sha256,
				bytes,
			});
		}
	}

	return entries;
};

const pythonRead = `
import hashlib, json, sys, time, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for info in archive.infolist():
        digest, size = hashlib.sha256(), 0
        with archive.open(info) as content:
            while piece := content.read(1 << 20):
                digest.update(piece)
                size += len(piece)
        print(json.dumps([info.filename, {
            "mode": info.external_attr >> 16 & 0o7777,
            "seconds": int(time.mktime((*info.date_time, 0, 0, -1))),
            "sha256": "" if info.is_dir() else digest.hexdigest(),
            "bytes": size,
        }]))
`;

const pythonTest = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    sys.exit(archive.testzip() and "a bad entry: " + archive.testzip())
`;

const exactly = {modeBits: 0o7777, nameOf: (name: string) => name} as const;

export const yauzlReader: ZipReader = {
	...exactly,
	name: 'yauzl',
	isThere: () => true,
	read: async archive =>
		new Map([...(await readWithYauzl(archive))].map(([name, entry]) => [name, {...entry, mode: entry.mode & 0o7777}])),
	async test(archive) {
		await readWithYauzl(archive);
	},
};

/** Its dates are those of MS-DOS: local time, two seconds apart. */
export const pythonReader: ZipReader = {
	...exactly,
	name: 'Python’s zipfile',
	isThere: () => hasProgram('python3', 'python3'),
	async read(archive) {
		const lines = (await run('python3', ['-c', pythonRead, archive])).split('\n').filter(line => line !== '');
		return new Map(lines.map(line => JSON.parse(line) as [string, ReadEntry]));
	},
	async test(archive) {
		await run('python3', ['-c', pythonTest, archive]);
	},
};

export const unzipReader: ZipReader = {
	...exactly,
	name: 'unzip',
	isThere: () => hasProgram('unzip', 'unzip'),
	// -K keeps the bits that make a program run as somebody else.
	read: async (archive, scratch) => unpack(scratch, 'unzip', '-qq', '-K', archive, '-d', scratch),
	async test(archive) {
		await run('unzip', ['-tqq', archive]);
	},
};

/** It never unpacks programs that run as somebody else. */
export const sevenZipReader: ZipReader = {
	...exactly,
	modeBits: 0o777,
	name: '7z',
	isThere: () => hasProgram('7z', 'p7zip-full'),
	read: async (archive, scratch) => unpack(scratch, '7z', 'x', '-bso0', '-bsp0', `-o${scratch}`, archive),
	async test(archive) {
		await run('7z', ['t', '-bso0', '-bsp0', archive]);
	},
};

/** It composes letters and their accents. */
export const bsdtarReader: ZipReader = {
	...exactly,
	nameOf: name => name.normalize('NFC'),
	name: 'bsdtar',
	isThere: () => hasProgram('bsdtar', 'libarchive-tools'),
	read: async (archive, scratch) => unpack(scratch, 'bsdtar', '-x', '-p', '-f', archive, '-C', scratch),
	async test(archive) {
		// Listing reads the directory only; extracting to nowhere reads the data too.
		await run('sh', ['-c', 'bsdtar -xOf "$1" > /dev/null', 'sh', archive]);
	},
};

export const zipReaders: readonly ZipReader[] = [yauzlReader, pythonReader, unzipReader, sevenZipReader, bsdtarReader];
