import {expect, it} from 'vitest';
import {buildCentralHeader, prepareMember} from '../../../source/engine/archive/member-headers.js';
import {findEntries} from '../../../source/engine/reuse/entry-table.js';

type Entry = {readonly name: string; readonly offset: number; readonly bytes: number};

const listOf = (entries: readonly Entry[]): {readonly directory: Buffer; readonly records: Int32Array} => {
	const records = entries.map(({name, offset, bytes}) => {
		const member = prepareMember({name, mode: 0o100644, modifiedAt: 1_700_000_000_000, uid: 0, gid: 0});
		return buildCentralHeader(member, {method: 0, crc32: 1, compressedBytes: bytes, bytes}, offset, false);
	});
	let position = 0;
	const starts = records.map(record => {
		position += record.length;
		return position - record.length;
	});
	return {directory: Buffer.concat(records), records: Int32Array.from(starts)};
};

const linesOf = (paths: readonly string[]): {readonly manifest: Buffer; readonly lines: Int32Array} => {
	const texts = paths.map(path => Buffer.from(`{"path":${JSON.stringify(path)},"part":"data","bytes":1},\n`));
	let position = 0;
	const starts = texts.map(text => {
		position += text.length;
		return position - text.length;
	});
	return {manifest: Buffer.concat(texts), lines: Int32Array.from([...starts, position])};
};

const find = (paths: readonly string[], entries: readonly Entry[]) => {
	const {manifest, lines} = linesOf(paths);
	const {directory, records} = listOf(entries);
	return findEntries(manifest, lines, directory, records);
};

const own = {name: 'metadata.json', offset: 0, bytes: 10} as const;
const manifestEntry = {name: 'printkeep.json', offset: 9000, bytes: 10} as const;

it('finds the entries of files between the server’s own members and empty folders', () => {
	const table = find(
		['basedir/a', 'basedir/ü "b"'],
		[
			own,
			{name: 'basedir/a', offset: 100, bytes: 5},
			{name: 'basedir/ü "b"', offset: 300, bytes: 7},
			{name: 'basedir/empty/', offset: 500, bytes: 0},
			manifestEntry,
		],
	);
	expect([...(table?.starts ?? [])]).toEqual([100, 300]);
	expect([...(table?.ends ?? [])]).toEqual([300, 500]);
	expect([...(table?.sizes ?? [])]).toEqual([5, 7]);
	expect(table?.recordEnds[0]).toBe(table?.recordStarts[1]);
});

it('reads places and sizes beyond 4 GB', () => {
	const start = 5 * 2 ** 32;
	const table = find(
		['basedir/large'],
		[
			{name: 'basedir/large', offset: start, bytes: 6 * 2 ** 32},
			{...manifestEntry, offset: 12 * 2 ** 32},
		],
	);
	expect(table?.starts[0]).toBe(start);
	expect(table?.ends[0]).toBe(12 * 2 ** 32);
	expect(table?.sizes[0]).toBe(6 * 2 ** 32);
});

it('takes no entry over that has another name, or begins behind the next one', () => {
	const table = find(
		['basedir/a', 'basedir/b', 'basedir/c'],
		[
			{name: 'basedir/a', offset: 600, bytes: 5},
			{name: 'basedir/x', offset: 300, bytes: 5},
			{name: 'basedir/c', offset: 500, bytes: 5},
			manifestEntry,
		],
	);
	expect([...(table?.ends ?? [])]).toEqual([0, 0, 9000]);
});

it('takes no entry over whose name only looks like the path, written as it stands or read as text', () => {
	const paths = ['basedir/a\nb', 'basedir/\uFFFD'];
	const {manifest, lines} = linesOf(paths);
	const {directory, records} = listOf([
		{name: 'basedir/a\\nb', offset: 100, bytes: 5},
		{name: 'basedir/x', offset: 300, bytes: 5},
		manifestEntry,
	]);
	directory[directory.indexOf('basedir/x') + 8] = 0xff;
	expect([...(findEntries(manifest, lines, directory, records)?.ends ?? [])]).toEqual([0, 0]);
});

it('takes no entry over whose line cannot be read, and goes on with the others', () => {
	const {manifest, lines} = linesOf(['basedir/a', 'basedir/b']);
	manifest.fill('x', 0, 8);
	manifest.fill('x', manifest.indexOf('"part"'), manifest.indexOf('"part"') + 6);
	const {directory, records} = listOf([
		{name: 'basedir/a', offset: 100, bytes: 5},
		{name: 'basedir/b', offset: 300, bytes: 5},
		manifestEntry,
	]);
	const table = findEntries(manifest, lines, directory, records);
	expect([...(table?.ends ?? [])]).toEqual([0, 9000]);
});

it('is of no use when files are missing', () => {
	expect(find(['basedir/a', 'basedir/b'], [{name: 'basedir/a', offset: 100, bytes: 5}, manifestEntry])).toBeNull();
});
