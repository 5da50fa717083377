/** What other programs write, printkeep reads; what printkeep writes, other programs read. */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {createWriteStream, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {describe, expect, it} from 'vitest';
import yauzl from 'yauzl';
import yazl from 'yazl';
import {hasProgram} from '../../helpers/requirements.js';
import {member, readAll, readingFault, temporaryFolder, verify, writeArchive, writeSample} from './helpers.js';

const folder = temporaryFolder();

const content: Readonly<Record<string, Buffer>> = {
	'metadata.json': Buffer.from('{"version": "1.11.8"}'),
	'basedir/config.yaml': Buffer.alloc(5000, 'api: {}\n'),
	'basedir/uploads/hölzer 🙂.gcode': Buffer.alloc(1_500_000, 'G1 X1 Y2 E3\n'),
	'basedir/uploads/empty.gcode': Buffer.alloc(0),
	'basedir/timelapse/film.mp4': createHash('shake256', {outputLength: 300_000}).update('film').digest(),
};

/** The content as files below `tree`. */
const makeTree = (): string => {
	const tree = folder.file('tree');
	for (const [name, data] of Object.entries(content)) {
		mkdirSync(dirname(join(tree, name)), {recursive: true});
		writeFileSync(join(tree, name), data);
	}

	return tree;
};

/** Reads and verifies another program's archive, and compares all content. */
const expectTaken = async (path: string): Promise<void> => {
	expect(await readingFault(path)).toBeNull();
	const all = await readAll(path);
	const files = [...all].filter(([name]) => !name.endsWith('/'));
	expect(files.map(([name]) => name).sort()).toEqual(Object.keys(content).sort());
	for (const [name, data] of files) {
		expect(data.equals(content[name] ?? Buffer.alloc(1)), name).toBe(true);
	}
};

const utf8 = {...process.env, LC_ALL: 'C.UTF-8'};
const run = (command: string, args: readonly string[], cwd?: string): string =>
	execFileSync(command, args, {encoding: 'utf8', env: utf8, stdio: ['ignore', 'pipe', 'pipe'], ...(cwd ? {cwd} : {})});

const python = hasProgram('python3', 'python3');
const zip = hasProgram('zip', 'zip');
const unzip = hasProgram('unzip', 'unzip');
const sevenZip = hasProgram('7z', 'p7zip-full');
const bsdtar = hasProgram('bsdtar', 'libarchive-tools');

describe('archives of other programs are read', () => {
	it.skipIf(!python).each([
		['as OctoPrint does', 'zipfile.ZIP_DEFLATED', 'open(out, "wb")', ''],
		['stored', 'zipfile.ZIP_STORED', 'open(out, "wb")', ''],
		['with 64-bit sizes', 'zipfile.ZIP_DEFLATED', 'open(out, "wb")', 'force'],
		['streamed', 'zipfile.ZIP_DEFLATED', 'Pipe(open(out, "wb"))', ''],
		['streamed with 64-bit sizes', 'zipfile.ZIP_DEFLATED', 'Pipe(open(out, "wb"))', 'force'],
	])('Python’s zipfile, %s', async (_title, method, target, force) => {
		const out = folder.file('out.zip');
		const program = `
import os, sys, zipfile
tree, out = sys.argv[1:]
class Pipe:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
target = ${target}
with zipfile.ZipFile(target, "w", ${method}) as archive:
    for root, _, files in os.walk(tree):
        for name in files:
            path = os.path.join(root, name)
            entry = os.path.relpath(path, tree)
            if ${force === 'force' ? 'True' : 'False'}:
                info = zipfile.ZipInfo(entry)
                info.compress_type = ${method}
                with archive.open(info, "w", force_zip64=True) as member:
                    member.write(open(path, "rb").read())
            else:
                archive.write(path, entry)
(target.file if isinstance(target, Pipe) else target).close()
`;
		run('python3', ['-c', program, makeTree(), out]);
		await expectTaken(out);
	});

	it.skipIf(!zip)('Info-ZIP', async () => {
		const out = folder.file('out.zip');
		run('zip', ['-q', '-r', out, '.'], makeTree());
		await expectTaken(out);
	});

	it.skipIf(!sevenZip)('7-Zip', async () => {
		const out = folder.file('out.zip');
		run('7z', ['a', '-tzip', '-mcu=on', out, '.'], makeTree());
		await expectTaken(out);
	});

	it.skipIf(!bsdtar)('bsdtar', async () => {
		const out = folder.file('out.zip');
		run('bsdtar', ['-a', '-cf', out, '.'], makeTree());
		await expectTaken(out);
	});

	it('yazl', async () => {
		const out = folder.file('out.zip');
		const tree = makeTree();
		const archive = new yazl.ZipFile();
		archive.addEmptyDirectory('basedir/uploads');
		for (const [number, [name, data]] of Object.entries(content).entries()) {
			if (number % 2 === 0) {
				archive.addBuffer(data, name, {compress: number === 0});
			} else {
				archive.addFile(join(tree, name), name);
			}
		}

		archive.end();
		await pipeline(archive.outputStream, createWriteStream(out));
		await expectTaken(out);
	});
});

describe('archives of printkeep are read', () => {
	const write = async (): Promise<string> => {
		const path = folder.file('ours.zip');
		await writeSample(path, {...content, 'basedir/leer/': ''});
		expect((await verify(path)).problems).toEqual([]);
		return path;
	};

	it.skipIf(!python)('by Python’s zipfile, with modes, times and comment', async () => {
		const path = await write();
		const program = `
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps({
    "comment": json.loads(archive.comment)["printkeep"],
    "entries": {i.filename: [hashlib.sha256(archive.read(i)).hexdigest(), oct(i.external_attr >> 16), list(i.date_time)] for i in archive.infolist()},
}))
`;
		const {comment, entries} = JSON.parse(run('python3', ['-c', program, path]));
		expect(comment).toBe(1);
		for (const [name, data] of Object.entries(content)) {
			// 12:34:56 UTC in the time zone of the tests.
			expect(entries[name]).toEqual([
				createHash('sha256').update(data).digest('hex'),
				'0o100644',
				[2026, 5, 17, 14, 34, 56],
			]);
		}

		expect(entries['basedir/leer/'][1]).toBe('0o40755');
	});

	it.skipIf(!unzip)('by unzip', async () => {
		const path = await write();
		expect(run('unzip', ['-tq', path])).toContain('No errors detected');
		run('unzip', ['-q', path, '-d', folder.file('unzipped')]);
		for (const [name, data] of Object.entries(content)) {
			expect(readFileSync(join(folder.file('unzipped'), name)).equals(data)).toBe(true);
		}
	});

	it.skipIf(!sevenZip)('by 7-Zip', async () => {
		expect(run('7z', ['t', await write()])).toContain('Everything is Ok');
	});

	it.skipIf(!bsdtar)('by bsdtar', async () => {
		const listed = run('bsdtar', ['-tf', await write()]).split('\n');
		expect(listed).toEqual(expect.arrayContaining(Object.keys(content)));
	});

	it('by yauzl', async () => {
		const path = await write();
		const file = await yauzl.openPromise(path, {strictFileNames: true});
		const names: string[] = [];
		for await (const entry of file.eachEntry()) {
			names.push(entry.fileName);
		}

		expect(names).toEqual([...(await readAll(path)).keys()]);
	});

	it('in many entries, by all of them', async () => {
		const path = folder.file('many.zip');
		await writeArchive(path, async writer => {
			for (let number = 0; number < 66_000; number++) {
				await writer.addBuffer(member(`d${number % 100}/${number}`), Buffer.from(String(number)));
			}
		});
		if (python) {
			expect(
				run('python3', [
					'-c',
					'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))',
					path,
				]),
			).toBe('None 66000\n');
		}

		if (unzip) {
			expect(run('unzip', ['-tq', path])).toContain('No errors detected');
		}

		if (sevenZip) {
			expect(run('7z', ['t', path])).toContain('Everything is Ok');
		}

		if (bsdtar) {
			expect(run('bsdtar', ['-tf', path]).split('\n')).toHaveLength(66_001);
		}
	}, 60_000);
});
