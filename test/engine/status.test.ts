import {expect, test} from 'vitest';
import type {BackupHealth, BackupSummary, HistoryRecord} from '../../source/client/protocol.js';
import {dayStates, lastGoodOf} from '../../source/engine/status.js';

const hour = 60 * 60 * 1000;
const day = 24 * hour;
const now = new Date(2026, 10, 21, 15, 0).getTime();

const backup = (createdAt: number, health: BackupHealth = {type: 'unverified'}): BackupSummary => ({
	key: `${createdAt}.zip`,
	origin: 'store',
	path: '/x',
	bytes: 1,
	modifiedAt: createdAt,
	createdAt,
	sequence: null,
	proof: 'crc32',
	health,
	writtenBy: 'octoprint',
	kind: 'octoprint',
	instanceName: null,
	host: null,
	serverVersion: null,
	trigger: null,
	note: '',
	pinned: false,
	files: null,
	uncompressedBytes: null,
	excludes: null,
});

const bad: BackupHealth = {type: 'bad', error: {code: 'not-a-zip', message: 'no', hint: ''}};
const states = (
	backups: readonly BackupSummary[],
	history: readonly HistoryRecord[] = [],
	overdueAfterMilliseconds = 2 * day,
) => dayStates(backups, history, {now, overdueAfterMilliseconds}).map(({state}) => state);

test('fourteen days, the last is today', () => {
	const days = dayStates([], [], {now, overdueAfterMilliseconds: day});
	expect(days).toHaveLength(14);
	expect(days.at(-1)?.date).toBe('2026-11-21');
	expect(days[0]?.date).toBe('2026-11-08');
});

test('a day shows its best: good before failed before doubtful', () => {
	const failed: HistoryRecord = {at: now - 1 * day, job: 'create', outcome: 'failed', key: null, message: 'full'};
	expect(states([backup(now)], [{...failed, at: now}]).at(-1)).toBe('ok');
	expect(states([backup(now - day, bad)], [failed]).at(-2)).toBe('failed');
	expect(states([backup(now - day, bad)]).at(-2)).toBe('warning');
	expect(states([backup(now - day, {type: 'partial', reason: 'x'})]).at(-2)).toBe('warning');
});

test('days without a backup turn overdue once the last good one was too old by their end', () => {
	// Made at 15:00 five days ago: two days later, at the end of the third day, it is too old.
	expect(states([backup(now - 5 * day)]).slice(-7)).toEqual([
		'none',
		'ok',
		'none',
		'overdue',
		'overdue',
		'overdue',
		'overdue',
	]);
});

test('before the first backup nothing is overdue, it is only missing', () => {
	expect(new Set(states([]))).toEqual(new Set(['none']));
});

test('the last good backup is never a bad or partial one', () => {
	const result = lastGoodOf(
		[backup(now, bad), backup(now - hour, {type: 'partial', reason: 'x'}), backup(now - 3 * hour)],
		[],
		{now, overdueAfterMilliseconds: day},
	);
	expect(result.ageMilliseconds).toBe(3 * hour);
	expect(result.overdue).toBe(false);
});

test('no good backup at all is overdue', () => {
	expect(lastGoodOf([backup(now, bad)], [], {now, overdueAfterMilliseconds: day})).toEqual({
		lastGood: null,
		ageMilliseconds: null,
		overdue: true,
	});
});

test('too old is overdue', () => {
	expect(lastGoodOf([backup(now - 25 * hour)], [], {now, overdueAfterMilliseconds: day}).overdue).toBe(true);
});

test('a backup is not too old while nothing has changed since it was made', () => {
	const old = backup(now - 6 * day);
	const unchanged: HistoryRecord = {
		at: now - hour,
		job: 'create',
		outcome: 'done',
		key: old.key,
		message: '',
		unchanged: true,
	};
	const judge = (backups: readonly BackupSummary[], history: readonly HistoryRecord[]) =>
		lastGoodOf(backups, history, {now, overdueAfterMilliseconds: day});
	expect(judge([old], [unchanged])).toMatchObject({lastGood: old, ageMilliseconds: hour, overdue: false});
	expect(states([old], [unchanged]).slice(-2)).toEqual(['overdue', 'ok']);
	// That it was said of another backup, of a try that failed or of one that was made says nothing about this one.
	const others = [
		{...unchanged, key: 'gone.zip'},
		{...unchanged, outcome: 'failed'} as const,
		{...unchanged, unchanged: false},
	];
	expect(judge([old], others)).toMatchObject({ageMilliseconds: 6 * day, overdue: true});
	expect(judge([backup(old.createdAt, bad)], [unchanged])).toMatchObject({lastGood: null, overdue: true});
});
