import {expect, test} from 'vitest';
import {aJob, jobName} from '../../source/client/job-names.js';

test('calls jobs what a person calls them', () => {
	expect(jobName('create')).toBe('backup');
	expect(aJob('create')).toBe('a backup');
	expect(aJob('import')).toBe('an import');
});

test('leaves words it does not know as they are', () => {
	expect(aJob('prune')).toBe('a prune');
	expect(jobName('toString')).toBe('toString');
});
