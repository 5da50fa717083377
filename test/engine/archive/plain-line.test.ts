import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createManifestGatherer, createManifestReader, parseManifest} from '../../../source/engine/archive/manifest.js';
import {fileOf, folderOf} from '../../../source/engine/archive/manifest-items.js';
import {hashName} from '../../../source/engine/archive/name-hash.js';
import {entryNameFault} from '../../../source/engine/archive/names.js';
import {createPlainLines, type PlainLine} from '../../../source/engine/archive/plain-line.js';

const file = `{"path":"basedir/uploads/a b.gcode","part":"uploads","bytes":1234,"mode":33188,"modified":"1700000000.123456789","uid":1000,"gid":100,"inode":"77","changed":"1700000001.000000001","sha256":"${'0123456789abcdef'.repeat(4)}"},`;
const folder = '{"path":"basedir/uploads/","mode":16877,"modified":"-1.500000000","uid":0,"gid":0}';
const plainFolder = '{"path":"basedir/uploads/x/","mode":16877,"modified":"1700000000.123456789","uid":0,"gid":0},';

const read = (line: string, isFolder: boolean): PlainLine | null => {
	const bytes = Buffer.from(`before\n${line}\nafter`);
	return createPlainLines()(bytes, 7, bytes.length - 6, isFolder);
};

test('the lines printkeep writes are read from their bytes', () => {
	expect(read(file, false)).toMatchObject({mode: 33188, uid: 1000, gid: 100, size: 1234});
	expect(read(file.replace(/"inode".*?"sha256"/, '"sha256"'), false)).not.toBeNull();
	expect(read(file.slice(0, -1), false)).not.toBeNull();
	expect(read(plainFolder, true)).toMatchObject({mode: 16877, uid: 0, gid: 0, size: 0});
	// A date before 1970 is rare enough.
	expect(read(folder, true)).toBeNull();
	expect(read(file, true)).toBeNull();
	expect(read(plainFolder, false)).toBeNull();
});

test('whatever is changed in a line, what is read from its bytes is what parsing and checking it gives', () => {
	let plain = 0;
	fc.assert(
		fc.property(
			fc.boolean(),
			fc.array(
				fc.tuple(
					fc.nat(300),
					fc.constantFrom('', '0', '9', 'a', 'g', '"', '\\', ',', '-', '.', '/', ' ', 'ä', '{', '00'),
				),
				{maxLength: 2},
			),
			fc.boolean(),
			(isFolder, changes, insert) => {
				let line = isFolder ? plainFolder : file;
				for (const [position, text] of changes) {
					const at = position % line.length;
					line = line.slice(0, at) + text + line.slice(insert ? at : at + 1);
				}

				const found = read(line, isFolder);
				if (found === null) {
					return;
				}

				plain++;
				const text = (start: number, end: number): string => found.bytes.toString('latin1', start, end);
				const parsed: unknown = JSON.parse(line.replace(/,$/, ''));
				const item = isFolder ? folderOf(parsed) : fileOf(parsed);
				expect(Object.keys(parsed as object).toSorted()).toEqual(Object.keys(item).toSorted());
				expect(text(found.pathStart, found.pathEnd)).toBe(item.path);
				expect(entryNameFault(item.path)).toBeNull();
				expect(item.path.endsWith('/')).toBe(isFolder);
				expect(found.pathHash).toBe(hashName(item.path));
				expect(text(found.modifiedStart, found.modifiedEnd)).toBe(item.modified);
				expect([found.mode, found.uid, found.gid]).toEqual([item.mode, item.uid, item.gid]);
				if (!isFolder) {
					const {bytes, sha256} = fileOf(parsed);
					expect(found.size).toBe(bytes);
					expect(text(found.hashStart, found.hashStart + 64)).toBe(sha256);
				}
			},
		),
		{numRuns: 5000},
	);
	expect(plain).toBeGreaterThan(500);
});

test('a reader that takes bytes where it can shows what one that parses all does', () => {
	const header =
		'{"format":1,"printkeep":"1.0.0","id":"i","sequence":1,"created":"2026-01-01T00:00:00.000Z","host":"h","kind":"octoprint","instance":"o","trigger":"manual","note":"","server":{"version":null,"versionSource":"unknown"},"dataFolder":"/d","prefix":"basedir/","parts":[],"excludes":[],"plugins":[],"status":"complete","skipped":[],"notes":[],"totals":{"files":2,"bytes":2468},';
	const odd = file.replace('a b', 'ä').slice(0, -1);
	const lines = [header, '"folders":[', plainFolder, folder, '],', '"links":[', '],', '"files":[', file, odd, ']}'];
	const manifest = parseManifest(Buffer.from(lines.join('\n')));
	const {visitor} = createManifestGatherer();
	const shown: string[] = [];
	const reader = createManifestReader({
		...visitor,
		folder: ({path}) => shown.push(path),
		file: ({path}) => shown.push(path),
		plainFolder: ({bytes, pathStart, pathEnd}) => shown.push(`plain ${bytes.toString('latin1', pathStart, pathEnd)}`),
		plainFile: ({bytes, pathStart, pathEnd}) => shown.push(`plain ${bytes.toString('latin1', pathStart, pathEnd)}`),
	});
	for (const line of lines) {
		const bytes = Buffer.from(line);
		if (!reader.bytes(bytes, 0, bytes.length)) {
			reader.line(line);
		}
	}

	reader.finish();
	const [first, second] = manifest.folders;
	const [third, fourth] = manifest.files;
	expect(shown).toEqual([`plain ${first?.path}`, second?.path, `plain ${third?.path}`, fourth?.path]);
});
