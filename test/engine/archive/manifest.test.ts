import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {manifestChunks, parseManifest, writeManifest} from '../../../source/engine/archive/manifest.js';
import type {Manifest} from '../../../source/engine/archive/types.js';
import {isPrintkeepError} from '../../../source/errors.js';
import {member, modifiedAt, sampleHeader, temporaryFolder, withArchive, writeArchive} from './helpers.js';

const folder = temporaryFolder();

const file = {
	part: 'uploads',
	bytes: 5,
	mode: 0o100644,
	modified: '1700000000.123456789',
	uid: 1000,
	gid: 1000,
	sha256: '0'.repeat(64),
};
const sample: Manifest = {
	...sampleHeader,
	configFile: '/etc/octoprint.yaml',
	folders: [{path: 'basedir/uploads/', mode: 0o40755, modified: '-5.000000001', uid: 0, gid: 0}],
	links: [{path: 'basedir/link', target: '/mnt/usb\n', type: 'dangling'}],
	files: [
		{...file, path: 'basedir/uploads/ü\u2028.gcode', rawPath: 'dXBsb2Fkcy/8'},
		{...file, path: 'basedir/__proto__', tables: {t: 3}},
	],
};

const textOf = (manifest: Manifest): string => Buffer.concat([...manifestChunks(manifest)]).toString();

describe('manifest', () => {
	it('comes back as it was written, and is one JSON document', () => {
		expect(parseManifest(Buffer.from(textOf(sample)))).toEqual(sample);
		expect(JSON.parse(textOf(sample))).toEqual(sample);
		const empty = {...sample, folders: [], links: [], files: []};
		expect(parseManifest(Buffer.from(textOf(empty)))).toEqual(empty);
	});

	it('of many files is written in pieces and read from an archive', async () => {
		const many = {
			...sample,
			files: Array.from({length: 20_000}, (_, number) => ({...file, path: `basedir/uploads/${number}.gcode`})),
		};
		expect([...manifestChunks(many)].length).toBeGreaterThan(10);
		const path = folder.file('a.zip');
		await writeArchive(path, async writer => {
			await writer.addBuffer(member('metadata.json'), Buffer.from('{}'));
			await writeManifest(writer, many, modifiedAt);
		});
		await withArchive(path, async archive => {
			expect((await archive.manifest())?.files).toEqual(many.files);
			expect(await archive.manifestHeader()).toEqual({...sampleHeader, configFile: '/etc/octoprint.yaml'});
			await expect(archive.readMember('printkeep.json', 1000)).rejects.toMatchObject({code: 'zip-member-too-large'});
			await expect(archive.readMember('missing', 1000)).rejects.toMatchObject({code: 'archive-damaged'});
		});
	});

	it('is not there in other archives', async () => {
		const path = folder.file('a.zip');
		await writeArchive(path, async writer => {
			await writer.addBuffer(member('metadata.json'), Buffer.from('{}'));
		});
		await withArchive(path, async archive => {
			expect(await archive.manifest()).toBeNull();
			expect(await archive.manifestHeader()).toBeNull();
			expect(archive.isPrintkeep).toBe(false);
		});
	});

	it('leaves out fields it does not know', () => {
		const text = textOf(sample)
			.replace('"format":1,', '"format":1,"later":{"x":[1]},')
			.replace('"part":', '"more":1,"part":');
		expect(parseManifest(Buffer.from(text))).toEqual(sample);
	});

	it('keeps tables with dangerous names apart from objects', () => {
		const text = textOf(sample).replace('"tables":{"t":3}', '"tables":{"__proto__":3}');
		const {tables} = parseManifest(Buffer.from(text)).files[1] ?? {};
		expect(Object.entries(tables ?? {})).toEqual([['__proto__', 3]]);
		expect(Object.getPrototypeOf(tables)).toBeNull();
	});

	const faults: readonly (readonly [string, (text: string) => string, string])[] = [
		['a newer format', text => text.replace('"format":1', '"format":2'), 'archive-too-new'],
		['no format', text => text.replace('"format":1', '"format":"x"'), 'archive-damaged'],
		['a path that leads out', text => text.replace('basedir/__proto__', 'basedir/../x'), 'zip-dot-segment'],
		['an absolute path', text => text.replace('basedir/link', '/basedir/link'), 'zip-absolute-name'],
		['a folder without a slash', text => text.replace('basedir/uploads/"', 'basedir/uploads"'), 'archive-refused'],
		['a prefix that leads out', text => text.replace('"prefix":"basedir/"', '"prefix":"../"'), 'zip-dot-segment'],
		['a missing field', text => text.replace('"uid":1000,', ''), 'archive-damaged'],
		['a wrong hash', text => text.replace('"sha256":"0', '"sha256":"x'), 'archive-damaged'],
		['a size below zero', text => text.replace('"bytes":5,"mode"', '"bytes":-5,"mode"'), 'archive-damaged'],
		['another layout', text => JSON.stringify(JSON.parse(text)), 'archive-damaged'],
		['a cut', text => text.slice(0, -20), 'archive-damaged'],
		['more after the end', text => `${text}\n"more":[`, 'archive-damaged'],
		['nothing', () => '', 'archive-damaged'],
	];
	it.each(faults)('refuses %s', (_title, change, code) => {
		expect(() => parseManifest(Buffer.from(change(textOf(sample))))).toThrow(expect.objectContaining({code}));
	});

	it('refuses what is not UTF-8', () => {
		const bytes = Buffer.from(textOf(sample));
		bytes[200] = 0xff;
		expect(() => parseManifest(bytes)).toThrow(expect.objectContaining({code: 'archive-damaged'}));
	});

	it('fails only with its own errors, whatever the text', () => {
		const text = textOf(sample);
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string({maxLength: 200}),
					fc.json(),
					fc
						.tuple(fc.nat({max: text.length}), fc.nat({max: 50}), fc.string({maxLength: 20}))
						.map(([start, length, insert]) => text.slice(0, start) + insert + text.slice(start + length)),
				),
				changed => {
					try {
						parseManifest(Buffer.from(changed));
					} catch (error) {
						expect(isPrintkeepError(error) && error.code !== 'bug').toBe(true);
					}
				},
			),
			{numRuns: 500},
		);
	});
});
