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

test('of plugins that were installed it is told how many had which fate, and each with its reason', () => {
	const plugin = {key: 'a', name: 'A', wanted: '1.0', version: null, reason: '', attempts: 1};
	const result: JobResult = {
		type: 'reinstall-plugins',
		source: {type: 'backup', key: 'old.zip'},
		repository: 'https://plugins.octoprint.org/plugins.json',
		dryRun: false,
		plugins: [
			{...plugin, outcome: 'installed', version: '1.0'},
			{
				...plugin,
				key: 'b',
				outcome: 'installed',
				version: '2.0',
				reason: '1.0 was backed up, and cannot be had any more.',
			},
			{...plugin, key: 'c', outcome: 'failed', reason: 'pip failed.'},
		],
		activity: null,
		next: ['Restart OctoPrint: sudo systemctl restart octoprint'],
	};
	const finished = {type: 'reinstall-plugins', title: 'Installing plugins', durationMilliseconds: 65_000} as const;
	expect(finishedText({...finished, outcome: 'partial', result, error: null})).toBe(
		'Plugins: 2 installed, 1 failed, 1 min 5 s',
	);
	expect(finishedLines({result, error: null})).toEqual([
		'a 1.0: installed',
		'b 2.0: installed. 1.0 was backed up, and cannot be had any more.',
		'c: failed. pip failed.',
		'Restart OctoPrint: sudo systemctl restart octoprint',
	]);
	const empty = {...result, plugins: [], next: []};
	expect(finishedText({...finished, outcome: 'done', result: empty, error: null})).toBe('The backup has no plugins');
	// What was installed before it was cancelled has been left behind.
	const error = {code: 'cancelled', message: 'Cancelled: a was installed and stays.', hint: ''} as const;
	expect(finishedText({...finished, outcome: 'cancelled', result: null, error})).toBe(error.message);
});
