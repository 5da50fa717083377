/**
 * Archives with one defect each, named after it, that are otherwise good backups of OctoPrint's: where the check for it is missing, they restore.
 * Why so long: it is a table.
 */
import {crc32, deflateRawSync} from 'node:zlib';
import type {ErrorCode} from '../../source/errors.js';
import {
	type CraftedEntry,
	type CraftOptions,
	craftZip,
	endRecord,
	extraField,
	wide,
	words,
	zip64Locator,
	zip64Records,
} from './craft-zip.js';
import {octoprintMembers} from './foreign-archive.js';

/** How deep one has to look into an archive, least first. */
export const depths = ['list', 'content', 'manifest', 'restore'] as const;

export type HostileArchive = {
	/** What is wrong with it. */
	readonly title: string;
	readonly code: ErrorCode;
	/**
	 * Where it shows at the latest. `list`: in the end record or the list of contents, when it is opened. `content`: when headers and content are read.
	 * `manifest`: when all of it is compared with what its manifest says. `restore`: when the server's own members are looked into.
	 */
	readonly seen: (typeof depths)[number];
	/** Part of the sentence a person gets. */
	readonly why: string;
	readonly bytes: () => Buffer;
};

const utf8 = 1 << 11;
const streamedFlag = 1 << 3;

/** What every OctoPrint backup has; the entries after it are what a defect is shown with. */
export const ordinaryEntries: readonly CraftedEntry[] = Object.entries(octoprintMembers).map(([name, data]) => ({
	name,
	data,
	method: 8,
}));

const entryCount = ordinaryEntries.length;

/** A backup with more entries than the ordinary ones. */
export const backupWith = (entries: readonly CraftedEntry[], options?: CraftOptions): Buffer =>
	craftZip([...ordinaryEntries, ...entries], options);

const sample = 'G1 X1 Y1\n';
const file = (name: string | Buffer, more: Partial<CraftedEntry> = {}): CraftedEntry => ({
	name,
	data: sample,
	flags: utf8,
	...more,
});
const evil = (more: Partial<CraftedEntry> = {}): CraftedEntry => file('basedir/uploads/evil.gcode', more);

const unicodePath = (rawName: string, name: string): Buffer =>
	extraField(0x7075, Buffer.concat([Buffer.from([1]), words(crc32(rawName)), Buffer.from(name)]));

/** Info-ZIP's descriptor of an entry's content. */
export const descriptorOf = (data: string, compressedBytes: number, signature = true): Buffer =>
	Buffer.concat([
		signature ? words(0x08074b50) : Buffer.alloc(0),
		words(crc32(Buffer.from(data)), compressedBytes, Buffer.byteLength(data)),
	]);

/** An entry whose sizes come after its content. */
export const streamed = (name: string, data: string, after?: Buffer, method = 8): CraftedEntry => {
	const compressedBytes = method === 8 ? deflateRawSync(data).length : Buffer.byteLength(data);
	return {
		name,
		data,
		method,
		flags: streamedFlag,
		local: {crc32: 0, compressedBytes: 0, bytes: 0},
		after: after ?? descriptorOf(data, compressedBytes),
	};
};

/** Replaces the classic end record of an archive, with what may stand before it. */
const withEnd = (make: (classic: {entries: number; bytes: number; offset: number; end: number}) => Buffer): Buffer => {
	const whole = backupWith([]);
	const end = whole.length - 22;
	const classic = {
		entries: whole.readUInt16LE(end + 10),
		bytes: whole.readUInt32LE(end + 12),
		offset: whole.readUInt32LE(end + 16),
		end,
	};
	return Buffer.concat([whole.subarray(0, end), make(classic)]);
};

/** A correct ZIP64 end, with some numbers that are not. */
const zip64End = (
	change: Partial<{entries: bigint; bytes: bigint; offset: bigint; recordOffset: bigint}>,
	classic: Partial<{entries: number; bytes: number; offset: number}> = {},
	size = 44n,
): Buffer =>
	withEnd(({entries, bytes, offset, end}) =>
		Buffer.concat([
			zip64Records(
				{
					entries: BigInt(entries),
					bytes: BigInt(bytes),
					offset: BigInt(offset),
					recordOffset: BigInt(end),
					...change,
				},
				size,
			),
			endRecord({entries: 0xffff, bytes: 0xffffffff, offset: 0xffffffff, ...classic}),
		]),
	);

const changed = (bytes: Buffer, change: (bytes: Buffer) => void): Buffer => {
	change(bytes);
	return bytes;
};

/** Position of the last entry's record in the central directory. */
const lastRecord = (bytes: Buffer): number => bytes.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'));

/** A list of contents of very many entries, and nothing that they stand for. */
const manyEntries = (count: number): Buffer => {
	const records = Buffer.alloc(47 * count);
	const record = Buffer.alloc(47);
	record.writeUInt32LE(0x02014b50, 0);
	record.writeUInt16LE(20, 4);
	record.writeUInt16LE(1, 28);
	record.write('x', 46);
	records.fill(record);
	return Buffer.concat([
		records,
		zip64Records({
			entries: BigInt(count),
			bytes: BigInt(records.length),
			offset: 0n,
			recordOffset: BigInt(records.length),
		}),
		endRecord({entries: 0xffff, bytes: records.length, offset: 0}),
	]);
};

type Defect = readonly [
	title: string,
	code: ErrorCode,
	seen: HostileArchive['seen'],
	why: string,
	bytes: CraftedEntry | readonly CraftedEntry[] | (() => Buffer),
];

const long = (bytes: number): string => 'x'.repeat(bytes);

const badNames: readonly (readonly [title: string, name: string, code: ErrorCode, why: string])[] = [
	['an absolute name', '/etc/printkeep-canary', 'zip-absolute-name', 'absolute'],
	['an absolute name with two slashes', '//server/share/x', 'zip-absolute-name', 'absolute'],
	['an absolute name with many slashes', '////x', 'zip-absolute-name', 'absolute'],
	['an absolute folder', '/x/', 'zip-absolute-name', 'absolute'],
	['a drive letter', 'C:x', 'zip-drive-name', 'drive letter'],
	['a drive letter and a slash', 'c:/windows/x', 'zip-drive-name', 'drive letter'],
	['a drive letter and a backslash', 'C:\\windows\\x', 'zip-backslash', 'backslash'],
	['a server in Windows’ way', '\\\\server\\share\\x', 'zip-backslash', 'backslash'],
	['a backslash that leads out', '..\\x', 'zip-backslash', 'backslash'],
	['a backslash as separator', 'basedir\\uploads\\x', 'zip-backslash', 'backslash'],
	['a backslash after a good folder', 'basedir/uploads\\..\\..\\x', 'zip-backslash', 'backslash'],
	['a device path of Windows', '\\\\?\\C:\\x', 'zip-backslash', 'backslash'],
	['a name that leads out', '../x', 'zip-dot-segment', 'leads out'],
	['a name that leads out of the data', 'basedir/../../x', 'zip-dot-segment', 'leads out'],
	['a name that leads to a neighbour of the same beginning', 'basedir/../basedir2/x', 'zip-dot-segment', 'leads out'],
	['a name that leads out and in again', 'basedir/uploads/../x', 'zip-dot-segment', 'leads out'],
	['a name that ends in two dots', 'basedir/..', 'zip-dot-segment', 'leads out'],
	['a folder of two dots', 'basedir/uploads/../', 'zip-dot-segment', 'leads out'],
	['a top folder of two dots', '../', 'zip-dot-segment', 'leads out'],
	['a single dot in the middle', 'basedir/./x', 'zip-dot-segment', 'leads out'],
	['a single dot at the end', 'basedir/.', 'zip-dot-segment', 'leads out'],
	['the name "."', '.', 'zip-dot-segment', 'leads out'],
	['an empty folder name', 'basedir//x', 'zip-empty-name', 'empty folder name'],
	['an empty folder name at the end', 'basedir/x//', 'zip-empty-name', 'empty folder name'],
	['an empty name', '', 'zip-empty-name', 'is empty'],
	['a name of one slash', '/', 'zip-empty-name', 'is empty'],
	['a NUL in a name', 'basedir/uploads/a.gcode\0.txt', 'zip-control-character', 'control'],
	['a line break in a name', 'basedir/uploads/a\nb', 'zip-control-character', 'control'],
	['a carriage return in a name', 'basedir/uploads/a\rb', 'zip-control-character', 'control'],
	['a tab in a name', 'basedir/uploads/a\tb', 'zip-control-character', 'control'],
	['a bell in a name', 'basedir/uploads/a\u0007b', 'zip-control-character', 'control'],
	['backspaces in a name', 'basedir/uploads/a\b\b\bb', 'zip-control-character', 'control'],
	['a colour sequence in a name', 'basedir/uploads/\u001b[31mred', 'zip-control-character', 'control'],
	['a screen clearing name', 'basedir/uploads/\u001b[2J\u001b[H', 'zip-control-character', 'control'],
	['a window title in a name', 'basedir/uploads/\u001b]0;pwned\u0007', 'zip-control-character', 'control'],
	['a clipboard write in a name', 'basedir/uploads/\u001b]52;c;cm0gLXJm\u0007', 'zip-control-character', 'control'],
	['a hyperlink in a name', 'basedir/uploads/\u001b]8;;http://evil/\u001b\\x', 'zip-control-character', 'control'],
	['a device control string in a name', 'basedir/uploads/\u001bP$q\u001b', 'zip-control-character', 'control'],
	['an 8-bit control sequence in a name', 'basedir/uploads/\u009b31mred', 'zip-control-character', 'control'],
	['an 8-bit system command in a name', 'basedir/uploads/\u009d0;pwned\u009c', 'zip-control-character', 'control'],
	['a delete character in a name', 'basedir/uploads/a\u007fb', 'zip-control-character', 'control'],
	['a part of a name longer than a file system takes', `basedir/${long(300)}`, 'zip-name-too-long', 'longer than 255'],
	['a part that is too long only in bytes', `basedir/${'ü'.repeat(130)}`, 'zip-name-too-long', 'longer than 255'],
	['a name longer than any', `basedir/${`${long(200)}/`.repeat(21)}y`, 'zip-name-too-long', 'longer than 4096'],
	['folders in folders in folders', `basedir/${'x/'.repeat(300)}y`, 'zip-too-deep', 'more than 256 folders'],
];

const bigClaim = 6 * 1024 ** 3;

const defects: readonly Defect[] = [
	...badNames.map(
		([title, name, code, why]): Defect => [
			title,
			code,
			'list',
			why,
			name.endsWith('/') ? {name, flags: utf8, mode: 0o40755} : file(name),
		],
	),
	// Names and their bytes
	[
		'a name of bytes that are no UTF-8',
		'zip-invalid-utf8',
		'list',
		'not valid UTF-8',
		file(Buffer.from('ba\xffd', 'latin1')),
	],
	[
		'a name with an overlong slash',
		'zip-invalid-utf8',
		'list',
		'not valid UTF-8',
		file(Buffer.from('..\xc0\xafx', 'latin1')),
	],
	[
		'a name with half a character pair',
		'zip-invalid-utf8',
		'list',
		'not valid UTF-8',
		file(Buffer.from('\xed\xa0\x80', 'latin1')),
	],
	[
		'a second name of another file',
		'zip-name-mismatch',
		'list',
		'belong to different files',
		evil({extra: unicodePath('other', 'basedir/uploads/evil.gcode')}),
	],
	[
		'a second name that leads out',
		'zip-name-mismatch',
		'list',
		'two different names',
		evil({flags: 0, extra: unicodePath('basedir/uploads/evil.gcode', '../../x')}),
	],
	[
		'a second name cut short',
		'zip-name-mismatch',
		'list',
		'belong to different files',
		evil({extra: extraField(0x7075, Buffer.from([1, 2, 3]))}),
	],
	[
		'a second name of an unknown version',
		'zip-name-mismatch',
		'list',
		'belong to different files',
		evil({extra: extraField(0x7075, Buffer.concat([Buffer.from([2]), words(0), Buffer.from('x')]))}),
	],
	[
		'two second names',
		'zip-name-mismatch',
		'list',
		'two names',
		evil({
			extra: Buffer.concat(['a', 'b'].map(name => unicodePath('basedir/uploads/evil.gcode', name))),
		}),
	],
	[
		'a second name in the local header alone',
		'zip-local-mismatch',
		'content',
		'two different names',
		evil({local: {extra: unicodePath('basedir/uploads/evil.gcode', '../../x')}}),
	],
	// Kinds of entries
	['a symbolic link', 'zip-symlink', 'list', 'symbolic link', evil({data: '/etc/passwd', mode: 0o120777})],
	[
		'a symbolic link that leads out',
		'zip-symlink',
		'list',
		'symbolic link',
		file('basedir/uploads/out', {data: '../../..', mode: 0o120777}),
	],
	[
		'a symbolic link and a file written through it',
		'zip-symlink',
		'list',
		'symbolic link',
		[file('basedir/uploads/out', {data: '/tmp', mode: 0o120777}), file('basedir/uploads/out/x')],
	],
	[
		'a symbolic link and a file of the same name',
		'zip-symlink',
		'list',
		'symbolic link',
		[evil({data: '/tmp/x', mode: 0o120777}), evil()],
	],
	[
		'a folder that a symbolic link replaces',
		'zip-symlink',
		'list',
		'symbolic link',
		[{name: 'basedir/uploads/d/', mode: 0o40755}, file('basedir/uploads/d', {data: '/tmp', mode: 0o120777})],
	],
	[
		'a symbolic link of a system that has none',
		'zip-symlink',
		'list',
		'symbolic link',
		evil({data: '/etc', mode: 0o120777, host: 0}),
	],
	[
		'a symbolic link that ends in a slash',
		'zip-symlink',
		'list',
		'symbolic link',
		file('basedir/l/', {data: '', mode: 0o120777}),
	],
	['a character device', 'zip-special-file', 'list', 'device', evil({data: '', mode: 0o020666})],
	['a block device', 'zip-special-file', 'list', 'device', evil({data: '', mode: 0o060666})],
	['a named pipe', 'zip-special-file', 'list', 'pipe', evil({data: '', mode: 0o010600})],
	['a socket', 'zip-special-file', 'list', 'socket', evil({data: '', mode: 0o140600})],
	['a kind of file that does not exist', 'zip-special-file', 'list', 'device', evil({mode: 0o170644})],
	['a folder with the mode of a file', 'zip-file-and-folder', 'list', 'at once', {name: 'basedir/x/', mode: 0o100644}],
	['a file with the mode of a folder', 'zip-file-and-folder', 'list', 'at once', evil({mode: 0o40755})],
	[
		'a file that MS-DOS calls a folder',
		'zip-file-and-folder',
		'list',
		'at once',
		evil({mode: 0, host: 0, dosAttributes: 0x10}),
	],
	[
		'a folder with content',
		'zip-directory-with-data',
		'list',
		'content like a file',
		{name: 'basedir/x/', data: 'x', mode: 0o40755},
	],
	[
		'a folder with compressed nothing',
		'zip-directory-with-data',
		'list',
		'content like a file',
		{name: 'basedir/x/', data: '', method: 8, mode: 0o40755},
	],
	// Names against each other
	['one name twice', 'zip-duplicate-name', 'list', 'twice', [evil(), evil({data: 'other'})]],
	[
		'the configuration twice',
		'zip-duplicate-name',
		'list',
		'twice',
		file('basedir/config.yaml', {data: 'evil: true\n'}),
	],
	['the metadata twice', 'zip-duplicate-name', 'list', 'twice', file('metadata.json', {data: '{}'})],
	[
		'one folder twice',
		'zip-duplicate-name',
		'list',
		'twice',
		['x', 'x'].map(name => ({name: `basedir/${name}/`, mode: 0o40755})),
	],
	[
		'a folder of time lapse pictures twice',
		'zip-duplicate-name',
		'list',
		'twice',
		['x', 'x'].map(name => ({name: `basedir/timelapse/tmp/${name}/`, mode: 0o40755})),
	],
	['one name with and without "./"', 'zip-duplicate-name', 'list', 'twice', file('./basedir/config.yaml')],
	[
		'a file and a folder of one name',
		'zip-file-and-folder',
		'list',
		'file and a folder',
		[file('basedir/x'), {name: 'basedir/x/', mode: 0o40755}],
	],
	[
		'a file inside a file',
		'zip-file-and-folder',
		'list',
		'file and a folder',
		[file('basedir/x'), file('basedir/x/y')],
	],
	[
		'a file deep inside a file',
		'zip-file-and-folder',
		'list',
		'file and a folder',
		[file('basedir/x/y/z'), file('basedir/x')],
	],
	[
		'a file inside the configuration',
		'zip-file-and-folder',
		'list',
		'file and a folder',
		file('basedir/config.yaml/x'),
	],
	// Methods and flags
	['an encrypted entry', 'zip-encrypted', 'list', 'encrypted', evil({flags: 1})],
	['strong encryption', 'zip-encrypted', 'list', 'encrypted', evil({flags: 1 << 6})],
	['masked headers', 'zip-encrypted', 'list', 'encrypted', evil({flags: 1 << 13})],
	['WinZip’s encryption', 'zip-encrypted', 'list', 'encrypted', evil({method: 99, packed: Buffer.from('x')})],
	[
		'an archive that is encrypted in part',
		'zip-encrypted',
		'list',
		'encrypted',
		[evil(), file('basedir/uploads/b', {flags: 1})],
	],
	['patched data', 'zip-flags', 'list', 'features', evil({flags: 1 << 5})],
	['an unused flag', 'zip-flags', 'list', 'features', evil({flags: 1 << 7})],
	...(
		[
			['Shrink', 1],
			['Implode', 6],
			['Deflate64', 9],
			['bzip2', 12],
			['LZMA', 14],
			['Zstandard', 93],
			['XZ', 95],
			['PPMd', 98],
			['method 77', 77],
		] as const
	).map(
		([name, method]): Defect => [
			`compression with ${name}`,
			'zip-method',
			'list',
			name,
			evil({method, packed: Buffer.from('x')}),
		],
	),
	// Claims
	[
		'an impossible ratio',
		'zip-bomb-ratio',
		'list',
		'times its size',
		evil({method: 8, central: {bytes: 2 ** 30}, local: {bytes: 2 ** 30}}),
	],
	[
		'one file that would fill any disk',
		'zip-bomb-ratio',
		'list',
		'times its size',
		evil({
			method: 8,
			central: {bytes: 0xffffffff, extra: extraField(1, wide(2n ** 50n))},
			local: {bytes: 0xffffffff, compressedBytes: 0xffffffff, extra: extraField(1, wide(2n ** 50n, 11))},
		}),
	],
	[
		'many files that would unpack to terabytes',
		'zip-bomb-total',
		'list',
		'far more',
		() => {
			// Ten megabytes of zeros that are said to be gigabytes, several times over: each within DEFLATE's means, together far beyond a backup's.
			const packed = Buffer.alloc(7 * 1024 ** 2);
			return backupWith(
				['a', 'b'].map(name => ({
					name: `basedir/uploads/${name}`,
					method: 8,
					packed,
					local: {bytes: 0xffffffff, compressedBytes: 0xffffffff, extra: extraField(1, wide(bigClaim, packed.length))},
					central: {bytes: 0xffffffff, extra: extraField(1, wide(bigClaim))},
				})),
			);
		},
	],
	['more entries than anybody has', 'zip-too-many-entries', 'list', 'no more than', () => manyEntries(500_001)],
	[
		'oversized extra fields',
		'zip-extra-too-large',
		'list',
		'extra fields',
		evil({central: {extra: extraField(0x9999, Buffer.alloc(5000))}}),
	],
	[
		'oversized extra fields in the local header',
		'zip-extra-too-large',
		'content',
		'extra fields',
		evil({local: {extra: extraField(0x9999, Buffer.alloc(5000))}}),
	],
	[
		'metadata larger than metadata can be',
		'zip-member-too-large',
		'restore',
		'larger than such a file',
		() =>
			craftZip([
				{name: 'metadata.json', data: `{"version": "1.11.8", "excludes": []${' '.repeat(5_000_000)}}`, method: 8},
				...ordinaryEntries.slice(1),
			]),
	],
	// Extra fields and 64-bit numbers
	[
		'extra fields that do not fit',
		'zip-extra-damaged',
		'list',
		'extra fields',
		evil({extra: Buffer.from([1, 2, 200, 0, 1])}),
	],
	[
		'extra fields with a rest',
		'zip-extra-damaged',
		'list',
		'extra fields',
		evil({extra: Buffer.from([0x99, 0x99, 0, 0, 7])}),
	],
	[
		'extra fields that do not fit in the local header',
		'zip-extra-damaged',
		'content',
		'extra fields',
		evil({local: {extra: Buffer.from([1, 2, 200, 0, 1])}}),
	],
	[
		'a 64-bit size without a reason',
		'zip64-field',
		'list',
		'more about its size',
		evil({central: {extra: extraField(1, wide(9))}}),
	],
	[
		'two 64-bit sizes',
		'zip64-field',
		'list',
		'twice',
		evil({central: {bytes: 0xffffffff, extra: Buffer.concat([extraField(1, wide(9)), extraField(1, wide(10))])}}),
	],
	['a missing 64-bit size', 'zip64-field', 'list', '64-bit size', evil({central: {bytes: 0xffffffff}})],
	['a missing 64-bit place', 'zip64-field', 'list', '64-bit size', evil({central: {offset: 0xffffffff}})],
	[
		'half a 64-bit size',
		'zip64-field',
		'list',
		'64-bit size',
		evil({central: {bytes: 0xffffffff, extra: extraField(1, words(9))}}),
	],
	[
		'an impossible 64-bit size',
		'zip64-number',
		'list',
		'impossible size',
		evil({central: {bytes: 0xffffffff, extra: extraField(1, wide(2n ** 63n))}}),
	],
	[
		'an impossible 64-bit place',
		'zip64-number',
		'list',
		'impossible size',
		evil({central: {offset: 0xffffffff, extra: extraField(1, wide(2n ** 60n))}}),
	],
	['a 64-bit disk number', 'zip-multi-disk', 'list', 'split', evil({central: {disk: 1}})],
	[
		'a damaged 64-bit size in the local header',
		'zip64-field',
		'content',
		'damaged size',
		evil({local: {bytes: 0xffffffff, compressedBytes: 0xffffffff, extra: extraField(1, wide(9))}}),
	],
	// Local headers
	[
		'a local header with another name',
		'zip-local-mismatch',
		'content',
		'different names',
		evil({local: {name: 'basedir/uploads/good.gcode'}}),
	],
	[
		'a local header with a name that leads out',
		'zip-local-mismatch',
		'content',
		'different names',
		evil({local: {name: '../../../../../../canary.x'}}),
	],
	[
		'a local header with another method',
		'zip-local-mismatch',
		'content',
		'compression methods',
		evil({local: {method: 8}}),
	],
	['a local header with other flags', 'zip-local-mismatch', 'content', 'kinds of storage', evil({local: {flags: 0}})],
	[
		'a local header that says it is encrypted',
		'zip-local-mismatch',
		'content',
		'kinds of storage',
		evil({local: {flags: utf8 | 1}}),
	],
	[
		'a local header with another size',
		'zip-local-mismatch',
		'content',
		'sizes or checksums',
		evil({local: {bytes: 2}}),
	],
	[
		'a local header with another packed size',
		'zip-local-mismatch',
		'content',
		'sizes or checksums',
		evil({local: {compressedBytes: 2}}),
	],
	[
		'a local header with another checksum',
		'zip-local-mismatch',
		'content',
		'sizes or checksums',
		evil({local: {crc32: 1}}),
	],
	[
		'a local header without sizes',
		'zip-local-mismatch',
		'content',
		'sizes or checksums',
		evil({local: {crc32: 0, compressedBytes: 0, bytes: 0}}),
	],
	[
		'a local header with another 64-bit size',
		'zip-local-mismatch',
		'content',
		'sizes or checksums',
		evil({local: {bytes: 0xffffffff, compressedBytes: 0xffffffff, extra: extraField(1, wide(10, 9))}}),
	],
	[
		'a local header with two different sizes of its own',
		'zip-local-mismatch',
		'content',
		'sizes',
		evil({local: {extra: extraField(1, wide(10, 9))}}),
	],
	[
		'no local header at all',
		'zip-local-mismatch',
		'content',
		'does not start where',
		() => {
			const bytes = backupWith([evil()]);
			bytes.write('KP', bytes.readUInt32LE(lastRecord(bytes) + 42), 'latin1');
			return bytes;
		},
	],
	// Descriptors
	[
		'stored content of unknown length',
		'zip-unknown-length',
		'content',
		'where it ends',
		streamed('basedir/uploads/evil.gcode', sample, undefined, 0),
	],
	[
		'a descriptor with another checksum',
		'zip-descriptor',
		'content',
		'contradicts',
		streamed('basedir/uploads/evil.gcode', sample, descriptorOf('G1 X1 Y2\n', deflateRawSync(sample).length)),
	],
	[
		'a descriptor with another packed size',
		'zip-descriptor',
		'content',
		'contradicts',
		streamed('basedir/uploads/evil.gcode', sample, descriptorOf(sample, 3)),
	],
	[
		'a descriptor with another size',
		'zip-descriptor',
		'content',
		'contradicts',
		streamed('basedir/uploads/evil.gcode', sample, words(0x08074b50, crc32(sample), deflateRawSync(sample).length, 7)),
	],
	[
		'a missing descriptor',
		'zip-descriptor',
		'content',
		'contradicts',
		streamed('basedir/uploads/evil.gcode', sample, Buffer.alloc(0)),
	],
	[
		'half a descriptor',
		'zip-descriptor',
		'content',
		'contradicts',
		streamed('basedir/uploads/evil.gcode', sample, words(0x08074b50, crc32(sample))),
	],
	[
		'a descriptor with another signature',
		'zip-descriptor',
		'content',
		'contradicts',
		streamed(
			'basedir/uploads/evil.gcode',
			sample,
			words(0x08074b51, crc32(sample), deflateRawSync(sample).length, sample.length),
		),
	],
	// How the bytes lie
	['an entry outside of the file', 'zip-outside', 'list', 'outside', evil({central: {offset: 2 ** 30}})],
	[
		'an entry that reaches into the list of contents',
		'zip-outside',
		'list',
		'outside',
		evil({central: {compressedBytes: 60, bytes: 60}, local: {compressedBytes: 60, bytes: 60}}),
	],
	[
		'an entry pushed into the list of contents by its local header',
		'zip-outside',
		'content',
		'outside',
		() => {
			const bytes = backupWith([evil()]);
			bytes.writeUInt16LE(3000, bytes.readUInt32LE(lastRecord(bytes) + 42) + 28);
			return bytes;
		},
	],
	['two entries with one content', 'zip-overlap', 'list', 'overlaps', evil({central: {offset: 0}})],
	[
		'an entry inside the content of another',
		'zip-overlap',
		'list',
		'overlaps',
		() => {
			const inner = craftZip([evil()]);
			const local = inner.subarray(0, 30 + 'basedir/uploads/evil.gcode'.length + sample.length);
			const whole = backupWith([file('basedir/uploads/outer.bin', {data: local}), evil()]);
			// The second entry's own bytes are made to lie inside the first one's.
			const outerStart = whole.indexOf(local);
			whole.writeUInt32LE(outerStart, lastRecord(whole) + 42);
			return whole;
		},
	],
	[
		'bytes after an entry',
		'zip-gap',
		'content',
		'belong to no entry',
		[evil({after: Buffer.alloc(5)}), file('basedir/uploads/b')],
	],
	[
		'many bytes after an entry',
		'zip-gap',
		'content',
		'belong to no entry',
		[evil({after: Buffer.alloc(5000)}), file('basedir/uploads/b')],
	],
	[
		'an entry that the list of contents does not have',
		'zip-gap',
		'content',
		'belong to no entry',
		() => {
			const hidden = craftZip([file('../x')]).subarray(0, 30 + 4 + sample.length);
			return backupWith([evil({after: Buffer.from(hidden)}), file('basedir/uploads/b')]);
		},
	],
	[
		'bytes between the entries and the list of contents',
		'zip-gap',
		'content',
		'belong to no entry',
		() => backupWith([evil()], {gap: Buffer.alloc(100)}),
	],
	[
		'bytes between the list of contents and the end',
		'zip-gap',
		'list',
		'belong to no entry',
		() => backupWith([evil()], {zip64: Buffer.from('hidden')}),
	],
	[
		'a program in front that nothing knows of',
		'zip-prefix',
		'list',
		'in front of',
		() => Buffer.concat([Buffer.from('#!/bin/sh\nexit 1\n'), backupWith([evil()])]),
	],
	[
		'a program in front',
		'zip-prefix',
		'content',
		'in front of',
		() => backupWith([evil()], {before: Buffer.from('#!/bin/sh\nexit 1\n')}),
	],
	[
		'another archive in front',
		'zip-prefix',
		'list',
		'in front of',
		() => Buffer.concat([backupWith([evil()]), backupWith([file('basedir/uploads/b')])]),
	],
	[
		'a byte after the end',
		'zip-trailing-data',
		'list',
		'after the end',
		() => backupWith([evil()], {trailing: Buffer.from('x')}),
	],
	[
		'kilobytes after the end',
		'zip-trailing-data',
		'list',
		'after the end',
		() => backupWith([evil()], {trailing: Buffer.alloc(40_000, 'x')}),
	],
	[
		'two end records',
		'zip-several-ends',
		'list',
		'two end records',
		() => backupWith([evil()], {comment: endRecord({entries: 0, bytes: 0, offset: 0})}),
	],
	[
		'an end record in the comment that others would take',
		'zip-several-ends',
		'list',
		'two end records',
		() =>
			backupWith([evil()], {
				comment: Buffer.concat([endRecord({entries: 0, bytes: 0, offset: 0}), Buffer.from('note')]),
			}),
	],
	[
		'a whole archive in the comment',
		'zip-several-ends',
		'list',
		'two end records',
		() => backupWith([evil()], {comment: craftZip([file('../x')])}),
	],
	[
		'too few entries counted',
		'zip-entry-count',
		'list',
		'longer than its entries',
		() => backupWith([evil()], {end: {entries: entryCount}}),
	],
	[
		'too many entries counted',
		'archive-damaged',
		'list',
		'list of contents',
		() => backupWith([evil()], {end: {entries: entryCount + 2}}),
	],
	[
		'a count of entries modulo 65536',
		'zip-entry-count',
		'list',
		'longer than its entries',
		() => backupWith([evil()], {end: {entries: 0}}),
	],
	[
		'an impossible number of entries',
		'zip-entry-count',
		'list',
		'more entries',
		() => backupWith([evil()], {end: {entries: 60_000}}),
	],
	['a first piece of several', 'zip-multi-disk', 'list', 'split', () => backupWith([evil()], {end: {disk: 1}})],
	[
		'a list of contents on another disk',
		'zip-multi-disk',
		'list',
		'split',
		() => backupWith([evil()], {end: {directoryDisk: 1}}),
	],
	['entries on several disks', 'zip-multi-disk', 'list', 'split', () => backupWith([evil()], {end: {entriesHere: 1}})],
	[
		'an entry on another disk',
		'zip-multi-disk',
		'list',
		'split',
		[evil(), file('basedir/uploads/b', {central: {disk: 7}})],
	],
	['a list of contents elsewhere', 'zip-prefix', 'list', 'in front of', () => backupWith([evil()], {end: {offset: 3}})],
	[
		'a list of contents beyond the end',
		'zip-outside',
		'list',
		'does not lie',
		() => backupWith([evil()], {end: {offset: 2 ** 31}}),
	],
	[
		'a list of contents longer than the file',
		'zip-outside',
		'list',
		'does not lie',
		() => backupWith([evil()], {end: {bytes: 2 ** 31}}),
	],
	// 64-bit ends
	[
		'64-bit numbers without their record',
		'zip64-end',
		'list',
		'ZIP64',
		() => backupWith([evil()], {end: {offset: 0xffffffff}}),
	],
	[
		'a locator that points at the beginning',
		'zip64-end',
		'list',
		'not where it must be',
		() => zip64End({recordOffset: 0n}),
	],
	[
		'a locator that points at itself',
		'zip64-end',
		'list',
		'not where it must be',
		() => withEnd(classic => Buffer.concat([zip64Locator(BigInt(classic.end)), endRecord(classic)])),
	],
	[
		'a locator beyond every number',
		'zip64-number',
		'list',
		'outside of the file',
		() => zip64End({recordOffset: 2n ** 60n}),
	],
	[
		'a locator with all bits set',
		'zip64-number',
		'list',
		'outside of the file',
		() => zip64End({recordOffset: 2n ** 64n - 1n}),
	],
	[
		'the 42 bytes that kill a reader',
		'zip64-number',
		'list',
		'outside of the file',
		() => Buffer.concat([zip64Locator(2n ** 60n), endRecord({entries: 0, bytes: 0, offset: 0})]),
	],
	[
		'the 42 bytes with all bits set',
		'zip64-number',
		'list',
		'outside of the file',
		() =>
			Buffer.concat([
				zip64Locator(2n ** 64n - 1n),
				endRecord({entries: 0xffff, bytes: 0xffffffff, offset: 0xffffffff}),
			]),
	],
	[
		'the 42 bytes just beyond the file',
		'zip64-number',
		'list',
		'outside of the file',
		() => Buffer.concat([zip64Locator(43n), endRecord({entries: 0, bytes: 0, offset: 0})]),
	],
	[
		'the 42 bytes with the largest number JavaScript knows',
		'zip64-number',
		'list',
		'outside of the file',
		() => Buffer.concat([zip64Locator(2n ** 53n - 1n), endRecord({entries: 0, bytes: 0, offset: 0})]),
	],
	['a 64-bit end record of the second version', 'zip64-end', 'list', 'damaged', () => zip64End({}, {}, 60n)],
	['a 64-bit end record that is too short', 'zip64-end', 'list', 'damaged', () => zip64End({}, {}, 12n)],
	[
		'a damaged 64-bit end record',
		'zip64-end',
		'list',
		'damaged',
		() => changed(zip64End({}), bytes => bytes.writeUInt8(0, bytes.length - 98)),
	],
	[
		'a 64-bit end record with an impossible count',
		'zip64-number',
		'list',
		'outside',
		() => zip64End({entries: 2n ** 62n}),
	],
	[
		'a 64-bit end record with an impossible place',
		'zip64-number',
		'list',
		'outside',
		() => zip64End({offset: 2n ** 62n}),
	],
	[
		'a 64-bit end record with an impossible length',
		'zip64-number',
		'list',
		'outside',
		() => zip64End({bytes: 2n ** 62n}),
	],
	['end records that count differently', 'zip64-end', 'list', 'contradict', () => zip64End({}, {entries: 2})],
	['end records with different places', 'zip64-end', 'list', 'contradict', () => zip64End({}, {offset: 2})],
	['end records with different lengths', 'zip64-end', 'list', 'contradict', () => zip64End({}, {bytes: 2})],
	[
		'a 64-bit end on another disk',
		'zip-multi-disk',
		'list',
		'split',
		() => changed(zip64End({}), bytes => bytes.writeUInt32LE(3, bytes.length - 82)),
	],
	[
		'a locator of several disks',
		'zip-multi-disk',
		'list',
		'split',
		() => changed(zip64End({}), bytes => bytes.writeUInt32LE(2, bytes.length - 26)),
	],
	// Content
	['a wrong checksum', 'zip-crc', 'content', 'checksum', evil({central: {crc32: 7}, local: {crc32: 7}})],
	[
		'a wrong checksum of compressed content',
		'zip-crc',
		'content',
		'checksum',
		evil({method: 8, central: {crc32: 7}, local: {crc32: 7}}),
	],
	[
		'a wrong checksum of an empty file',
		'zip-crc',
		'content',
		'checksum',
		evil({data: '', central: {crc32: 7}, local: {crc32: 7}}),
	],
	[
		'two sizes of a stored entry',
		'zip-size-mismatch',
		'list',
		'two different sizes',
		evil({central: {bytes: 2}, local: {bytes: 2}}),
	],
	[
		'content shorter than promised',
		'zip-size-mismatch',
		'content',
		'size',
		evil({method: 8, packed: deflateRawSync('G1')}),
	],
	[
		'content longer than promised',
		'zip-size-mismatch',
		'content',
		'longer',
		evil({method: 8, packed: deflateRawSync('G1 X1 Y1\n'.repeat(1000))}),
	],
	[
		'content one byte longer than promised',
		'zip-size-mismatch',
		'content',
		'size',
		evil({method: 8, packed: deflateRawSync('G1 X1 Y1\n!')}),
	],
	[
		'megabytes where bytes were promised',
		'zip-size-mismatch',
		'content',
		'longer',
		() => backupWith([evil({method: 8, packed: deflateRawSync(Buffer.alloc(30_000_000))})]),
	],
	[
		'content that cannot be unpacked',
		'zip-content',
		'content',
		'unpacked',
		evil({method: 8, packed: Buffer.from([0xff, 0xff, 0xff])}),
	],
	[
		'content that is cut off',
		'zip-content',
		'content',
		'unpacked',
		evil({method: 8, packed: deflateRawSync(sample).subarray(0, 5)}),
	],
	['compressed content of no bytes', 'zip-content', 'content', 'unpacked', evil({method: 8, packed: Buffer.alloc(0)})],
	[
		'bytes after compressed content',
		'zip-data-after-content',
		'content',
		'unknown bytes',
		evil({method: 8, packed: Buffer.concat([deflateRawSync(sample), Buffer.from('hidden')])}),
	],
	[
		'a second compressed stream after the first',
		'zip-data-after-content',
		'content',
		'unknown bytes',
		evil({method: 8, packed: Buffer.concat([deflateRawSync(sample), deflateRawSync('evil')])}),
	],
	// No archives at all
	['an empty file', 'archive-truncated', 'list', 'empty', () => Buffer.alloc(0)],
	['text', 'not-a-zip', 'list', 'not a ZIP', () => Buffer.from('G1 X1 Y1\n'.repeat(100))],
	['the zeros of a lost write', 'not-a-zip', 'list', 'not a ZIP', () => Buffer.alloc(5000)],
	[
		'zeros after the end',
		'archive-truncated',
		'list',
		'missing',
		() => backupWith([evil()], {trailing: Buffer.alloc(100_000)}),
	],
	['an archive cut in half', 'archive-truncated', 'list', 'cut off', () => backupWith([evil()]).subarray(0, 250)],
	[
		'an archive cut in its last record',
		'archive-truncated',
		'list',
		'cut off',
		() => backupWith([evil()], {comment: Buffer.from('a note')}).subarray(0, -3),
	],
];

export const hostileArchives: readonly HostileArchive[] = defects.map(([title, code, seen, why, bytes]) => ({
	title,
	code,
	seen,
	why,
	bytes: typeof bytes === 'function' ? bytes : () => backupWith('name' in bytes ? [bytes] : bytes),
}));
