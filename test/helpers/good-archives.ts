import {crc32, deflateRawSync} from 'node:zlib';
import {type CraftedEntry, craftZip, extraField, wide, words, zip64Records} from './craft-zip.js';
import {octoprintMembers} from './foreign-archive.js';
import {backupWith, descriptorOf, ordinaryEntries, streamed} from './hostile-archives.js';
import {craftSealed} from './sealed-archive.js';

export type GoodArchive = {
	readonly title: string;
	readonly bytes: () => Buffer;
	/** Files that a restore brings, besides the ordinary ones; paths in the data folder. */
	readonly files: Readonly<Record<string, string>>;
};

const sample = 'G1 X1 Y1\n';

const file = (name: string, more: Partial<CraftedEntry> = {}): CraftedEntry => ({
	name: `basedir/uploads/${name}`,
	data: sample,
	flags: 1 << 11,
	...more,
});

const packedBytes = deflateRawSync(sample).length;

/** The ordinary entries, with a ZIP64 end that they do not need. */
const withLargeEnd = (): Buffer => {
	const plain = craftZip(ordinaryEntries);
	const end = plain.length - 22;
	return Buffer.concat([
		plain.subarray(0, end),
		zip64Records({
			entries: BigInt(plain.readUInt16LE(end + 10)),
			bytes: BigInt(plain.readUInt32LE(end + 12)),
			offset: BigInt(plain.readUInt32LE(end + 16)),
			recordOffset: BigInt(end),
		}),
		plain.subarray(end),
	]);
};

/** Odd, but honest: archives that are restored. A reader that refused everything would be no use. */
export const goodArchives: readonly GoodArchive[] = [
	{title: 'an ordinary archive', bytes: () => craftZip(ordinaryEntries), files: {}},
	{
		title: 'an archive of printkeep’s',
		bytes: () => craftSealed([...ordinaryEntries, file('x.gcode')]),
		files: {'uploads/x.gcode': sample},
	},
	{title: 'a comment', bytes: () => backupWith([], {comment: Buffer.from('made by hand')}), files: {}},
	{
		title: 'a comment on an entry',
		bytes: () => backupWith([file('x.gcode', {comment: Buffer.from('note')})]),
		files: {'uploads/x.gcode': sample},
	},
	{
		title: 'content before its sizes',
		bytes: () => backupWith([streamed('basedir/uploads/x.gcode', sample)]),
		files: {'uploads/x.gcode': sample},
	},
	{
		title: 'content before its sizes, without a signature',
		bytes: () => backupWith([streamed('basedir/uploads/x.gcode', sample, descriptorOf(sample, packedBytes, false))]),
		files: {'uploads/x.gcode': sample},
	},
	{
		title: '64-bit sizes after the content',
		bytes: () =>
			backupWith([
				{
					...streamed(
						'basedir/uploads/x.gcode',
						sample,
						Buffer.concat([words(0x08074b50, crc32(sample)), wide(packedBytes, sample.length)]),
					),
					local: {crc32: 0, compressedBytes: 0, bytes: 0, extra: extraField(1, wide(0, 0))},
				},
			]),
		files: {'uploads/x.gcode': sample},
	},
	{title: 'a 64-bit end that is not needed', bytes: withLargeEnd, files: {}},
	{
		title: 'everything below "./"',
		bytes: () => craftZip(ordinaryEntries.map(entry => ({...entry, name: `./${String(entry.name)}`}))),
		files: {},
	},
	{
		title: 'pictures of a time lapse twice, as OctoPrint writes them',
		bytes: () =>
			backupWith([
				{name: 'basedir/timelapse/tmp/1.jpg', data: 'old'},
				{name: 'basedir/timelapse/tmp/1.jpg', data: 'new'},
			]),
		files: {},
	},
	{
		title: 'impossible dates',
		bytes: () => backupWith([file('x.gcode', {date: 0xffff}), file('y.gcode', {date: 0})]),
		files: {'uploads/x.gcode': sample, 'uploads/y.gcode': sample},
	},
	{
		title: 'a timestamp before all clocks',
		bytes: () =>
			backupWith([file('x.gcode', {extra: extraField(0x5455, Buffer.concat([Buffer.from([1]), words(0x80000000)]))})]),
		files: {'uploads/x.gcode': sample},
	},
	{
		title: 'names that are words of JavaScript',
		bytes: () => backupWith([file('__proto__'), file('constructor'), file('toString')]),
		files: {'uploads/__proto__': sample, 'uploads/constructor': sample, 'uploads/toString': sample},
	},
	{
		title: 'names that differ in case alone',
		bytes: () => backupWith([file('Benchy.gcode'), file('benchy.gcode')]),
		files: {'uploads/Benchy.gcode': sample, 'uploads/benchy.gcode': sample},
	},
	{
		title: 'names that are one in another form of Unicode',
		bytes: () => backupWith([file('W\u00fcrfel'), file('Wu\u0308rfel')]),
		files: {'uploads/W\u00fcrfel': sample, 'uploads/Wu\u0308rfel': sample},
	},
	{
		title: 'names that Windows reserves',
		bytes: () => backupWith([file('CON'), file('a:b'), file('ends in a dot.')]),
		files: {'uploads/CON': sample, 'uploads/a:b': sample, 'uploads/ends in a dot.': sample},
	},
	{
		title: 'names that turn a line around',
		bytes: () => backupWith([file('invoice\u202efdp.gcode'), file('zero\u200bwidth.gcode')]),
		files: {'uploads/invoice\u202efdp.gcode': sample, 'uploads/zero\u200bwidth.gcode': sample},
	},
	{
		title: 'set-id and sticky bits, which are not brought back',
		bytes: () => backupWith([file('x.sh', {mode: 0o106755})]),
		files: {'uploads/x.sh': sample},
	},
	{
		title: 'a name in the old character set',
		bytes: () => backupWith([{name: Buffer.from('basedir/uploads/\x81.gcode', 'latin1'), data: sample, host: 0}]),
		files: {'uploads/ü.gcode': sample},
	},
	{
		title: 'a nested archive, which stays packed',
		bytes: () => backupWith([{name: 'basedir/uploads/inner.zip', data: craftZip(ordinaryEntries)}]),
		files: {},
	},
];

/** What every one of them brings. */
export const ordinaryFiles: Readonly<Record<string, string>> = Object.fromEntries(
	Object.entries(octoprintMembers)
		.filter(([name]) => name.startsWith('basedir/'))
		.map(([name, content]) => [name.slice('basedir/'.length), content]),
);
