import {expect, test} from 'vitest';
import type {JobResult} from '../../source/client/protocol.js';
import {finishedLines, finishedText} from '../../source/state/result-text.js';
import {makeBackup} from '../helpers/make-model.js';

const made: Extract<JobResult, {type: 'create'}> = {
	type: 'create',
	backup: makeBackup({key: 'new.zip'}),
	files: 412,
	bytes: 400_000_000,
	storedBytes: 123_400_000,
	skipped: [],
	leftOut: [],
	notes: [],
	reused: {key: null, files: 0, bytes: 0},
	unchangedSince: null,
};

const text = (result: JobResult): string =>
	finishedText({
		type: 'create',
		title: 'Backing up octoprint',
		outcome: 'done',
		result,
		error: null,
		durationMilliseconds: 12_300,
	});

test('a backup tells what it took over from an earlier one, and from which', () => {
	const reusing = {...made, reused: {key: 'old\u001b[2J.zip', files: 400, bytes: 390_000_000}};
	expect(text(made)).not.toContain('taken over');
	expect(text(reusing)).toMatch(/verified, 12 s, 400 files taken over$/u);
	expect(finishedLines({result: made, error: null})).toEqual([]);
	expect(finishedLines({result: reusing, error: null})).toEqual([
		'400 files, 390 MB of it taken over from old\u001b[2J.zip',
	]);
});

test('that nothing has changed is told in place of a backup, with what is there', () => {
	expect(text({...made, unchangedSince: 'old\u001b[2J.zip'})).toBe(
		'Nothing has changed since old\\x1b[2J.zip: no new backup was made',
	);
});
