import {expect, test} from 'vitest';
import {toPrintkeepError} from '../source/errors.js';

const systemError = (code: string): Error => Object.assign(new Error(`${code}: injected`), {code, syscall: 'open'});

test.each([
	['ENOSPC', 'no-space', 'the disk is full'],
	['EDQUOT', 'no-space', 'the disk quota of this user is used up'],
	['EROFS', 'read-only', 'the file system is read-only'],
	['EACCES', 'permission-denied', 'permission was denied'],
	['EPERM', 'permission-denied', 'the operation is not permitted'],
	['EIO', 'io-error', 'the disk reported an input/output error'],
	['EBUSY', 'failed', 'something is mounted there, or it is in use'],
	['ETXTBSY', 'failed', 'it is a program that is running'],
	['EXDEV', 'failed', 'it would have to be moved to another disk'],
	['EMFILE', 'failed', 'printkeep has too many files open'],
	['ENFILE', 'failed', 'all programs together have too many files open'],
	[
		'ECANCELED',
		'failed',
		'what was written could not be waited for, since the program that does it did not get to its end',
	],
	['ENAMETOOLONG', 'failed', 'the name is too long for this file system'],
])('%s has words, and a hint what to do', (code, name, why) => {
	const {hint, ...error} = toPrintkeepError(systemError(code), 'The backup could not be written');
	expect([error.code, toPrintkeepError(systemError(code), 'The backup could not be written').message]).toEqual([
		name,
		`The backup could not be written: ${why}.`,
	]);
	expect(hint).toMatch(/^[A-Z].*\.$/u);
});

test('too many open files: the limit is named', () => {
	expect(toPrintkeepError(systemError('EMFILE')).hint).toContain('ulimit -n');
});
