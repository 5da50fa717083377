import fc from 'fast-check';
import {expect, test} from 'vitest';
import {orderBackups} from '../../source/client/order.js';
import type {BackupSummary} from '../../source/client/protocol.js';

const backup = (key: string, createdAt: number, sequence: number | null = null): BackupSummary => ({
	key,
	origin: 'store',
	path: `/store/${key}`,
	bytes: 1,
	modifiedAt: createdAt,
	createdAt,
	sequence,
	proof: sequence === null ? 'crc32' : 'sha256',
	health: {type: 'unverified'},
	writtenBy: sequence === null ? 'octoprint' : 'printkeep',
	kind: 'octoprint',
	instanceName: 'octoprint',
	host: null,
	serverVersion: null,
	trigger: null,
	note: '',
	pinned: false,
	files: null,
	uncompressedBytes: null,
	excludes: null,
});

const keys = (backups: readonly BackupSummary[]): readonly string[] => orderBackups(backups).map(({key}) => key);

test('newest first', () => {
	expect(keys([backup('old', 1000), backup('new', 3000), backup('middle', 2000)])).toEqual(['new', 'middle', 'old']);
});

test('a clock that went back does not make a later backup older', () => {
	expect(keys([backup('first', 9000, 1), backup('second', 1000, 2), backup('third', 9500, 3)])).toEqual([
		'third',
		'second',
		'first',
	]);
});

test('foreign backups stand among the others by their time', () => {
	expect(keys([backup('ours 1', 1000, 1), backup('ours 2', 3000, 2), backup('theirs', 2000)])).toEqual([
		'ours 2',
		'theirs',
		'ours 1',
	]);
});

test('any input order gives the same order, and sequence numbers always fall', () => {
	const some = fc.uniqueArray(
		fc.record({
			key: fc.string({minLength: 1}),
			at: fc.integer({min: 0, max: 50}),
			sequence: fc.option(fc.integer({min: 1, max: 99})),
		}),
		{selector: ({key}) => key, maxLength: 20},
	);
	fc.assert(
		fc.property(some, fc.infiniteStream(fc.nat()), (records, random) => {
			const backups = records.map(({key, at, sequence}) => backup(key, at, sequence));
			const shuffled = [...backups].sort(() => ((random.next().value ?? 0) % 3) - 1);
			const ordered = orderBackups(backups);
			expect(keys(shuffled)).toEqual(ordered.map(({key}) => key));
			const sequences = ordered.flatMap(({sequence}) => (sequence === null ? [] : [sequence]));
			expect(sequences).toEqual([...sequences].sort((a, b) => b - a));
		}),
	);
});
