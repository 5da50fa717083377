import {randomBytes} from 'node:crypto';
import {existsSync, statSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {openArchive} from '../../../source/engine/archive/reader.js';
import {exportSelection} from '../../../source/engine/archive/selection.js';
import {systemDisk} from '../../../source/engine/disk.js';
import {craftZip} from '../../helpers/craft-zip.js';
import {
	breathe,
	member,
	modifiedAt,
	readAll,
	temporaryFolder,
	verify,
	withArchive,
	writeArchive,
	writeBytes,
} from './helpers.js';

const folder = temporaryFolder();
const noise = randomBytes(3_000_000);
const text = Buffer.alloc(4_000_000, 'G1 X1 Y1 E1\n');

const writeSource = async (): Promise<string> => {
	const path = folder.file('source.zip');
	await writeArchive(path, async writer => {
		await writer.addBuffer(member('metadata.json', {mode: 0o100600}), Buffer.from('{}'));
		await writer.addDirectory(member('basedir/empty/'));
		await writer.addBuffer(member('basedir/noise.mp4'), noise);
		await writer.addBuffer(member('basedir/ü.gcode', {mode: 0o100755}), text);
		await writer.addBuffer(member('basedir/nothing'), Buffer.alloc(0));
	});
	return path;
};

const exporting = async (
	path: string,
	names: readonly string[],
	more: {readonly disk?: typeof systemDisk; readonly signal?: AbortSignal; readonly onProgress?: () => void} = {},
): Promise<number> => {
	const archive = await openArchive(path);
	try {
		return await exportSelection({
			archive,
			entries: names.map(name => {
				const entry = archive.find(name);
				if (!entry) {
					throw new Error(name);
				}

				return entry;
			}),
			disk: systemDisk,
			path: folder.file('out.zip'),
			signal: new AbortController().signal,
			breathe,
			...more,
		});
	} finally {
		archive.close();
	}
};

describe('export of a selection', () => {
	it('is a ZIP of its own with contents, modes and times', async () => {
		const source = await writeSource();
		let bytes = 0;
		let files = 0;
		const names = ['basedir/empty/', 'basedir/noise.mp4', 'basedir/ü.gcode', 'basedir/nothing'];
		const archive = await openArchive(source);
		const path = folder.file('out.zip');
		const size = await exportSelection({
			archive,
			entries: names.flatMap(name => archive.find(name) ?? []),
			disk: systemDisk,
			path,
			signal: new AbortController().signal,
			breathe,
			onProgress(moreBytes, moreFiles) {
				bytes += moreBytes;
				files += moreFiles;
			},
		});
		archive.close();
		expect(statSync(path)).toMatchObject({size});
		expect(statSync(path).mode & 0o777).toBe(0o600);
		expect({bytes, files}).toEqual({bytes: noise.length + text.length, files: 3});
		const all = await readAll(path);
		expect([...all.keys()]).toEqual(names);
		expect(all.get('basedir/noise.mp4')?.equals(noise)).toBe(true);
		expect(all.get('basedir/ü.gcode')?.equals(text)).toBe(true);
		expect((await verify(path)).problems).toEqual([]);
		await withArchive(path, async ({find}) => {
			expect(find('basedir/ü.gcode')).toMatchObject({mode: 0o100755, modifiedAt});
			expect(find('basedir/empty/')).toMatchObject({mode: 0o40755, type: 'directory'});
		});
	});

	it('of nothing is an empty ZIP', async () => {
		await exporting(await writeSource(), []);
		expect((await readAll(folder.file('out.zip'))).size).toBe(0);
	});

	it('stops at damaged content', async () => {
		const source = folder.file('bad.zip');
		writeBytes(
			source,
			craftZip([
				{name: 'good', data: 'x'},
				{name: 'bad', data: 'abc', central: {crc32: 1}, local: {crc32: 1}},
			]),
		);
		await expect(exporting(source, ['good', 'bad'])).rejects.toMatchObject({code: 'zip-crc'});
	});

	it('hands a full disk on, and does not write over a file', async () => {
		const source = await writeSource();
		const full = Object.assign(new Error('ENOSPC'), {code: 'ENOSPC', syscall: 'write'});
		const disk = {
			...systemDisk,
			write() {
				throw full;
			},
		};
		await expect(exporting(source, ['basedir/noise.mp4', 'basedir/ü.gcode'], {disk})).rejects.toBe(full);
		expect(existsSync(folder.file('out.zip'))).toBe(true);
		await expect(exporting(source, ['basedir/noise.mp4'])).rejects.toMatchObject({code: 'EEXIST'});
	});

	it('stops when it is cancelled', async () => {
		const source = await writeSource();
		const controller = new AbortController();
		await expect(
			exporting(source, ['basedir/noise.mp4', 'basedir/ü.gcode'], {
				signal: controller.signal,
				onProgress: () => controller.abort(),
			}),
		).rejects.toMatchObject({code: 'cancelled'});
	});
});
