/** Runs of entries: nothing that was asked for is left out without a word. */
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {describeEntries, numberOf, readLargeEntry} from '../../../source/engine/archive/entry-batch.js';
import {systemDisk} from '../../../source/engine/disk.js';
import {type UnpackFile, unpackFiles} from '../../../source/engine/restore/unpack-files.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {sampleContent, temporaryFolder, withArchive, writeSample} from './helpers.js';

const folder = temporaryFolder();

test('an entry that the archive does not have is refused', async () => {
	const path = folder.file('missing.zip');
	await writeSample(path, sampleContent);
	await withArchive(path, async archive => {
		expect(() => numberOf(archive, {name: 'basedir/no\u001Bne'})).toThrow(
			expect.objectContaining({
				code: 'archive-damaged',
				message: String.raw`The archive has no entry "basedir/no\x1bne".`,
			}),
		);
		expect(() => describeEntries(archive, [0, archive.internals.directory.length])).toThrow(RangeError);
	});
});

test('more files than entries are a fault of the program, as is more than one large entry', async () => {
	const path = folder.file('few.zip');
	await writeSample(path, sampleContent);
	const root = temporaryDirectory();
	const fileOf = (name: string): UnpackFile => ({
		path: join(root, name),
		sha256: null,
		name,
		mode: 0o600,
		modifiedSeconds: 1,
		owner: null,
	});
	await withArchive(path, async archive => {
		const [first, second] = archive.entries.filter(({type}) => type === 'file').map(entry => numberOf(archive, entry));
		if (first === undefined || second === undefined) {
			throw new Error('The sample has two files at least.');
		}

		const closed: number[] = [];
		const disk = {
			...systemDisk,
			close(descriptor: number) {
				closed.push(descriptor);
				systemDisk.close(descriptor);
			},
		};
		expect(() =>
			unpackFiles(
				{entries: describeEntries(archive, [first]), files: [fileOf('one'), fileOf('two')], staysOpen: true},
				disk,
			),
		).toThrow(expect.objectContaining({code: 'bug'}));
		expect(closed).toHaveLength(1);
		await expect(
			readLargeEntry(describeEntries(archive, [first, second]), async () => undefined),
		).rejects.toMatchObject({code: 'bug'});
	});
});
