import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {readSecret} from '../../../source/plugins/built-in/shared/private-file.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const setUp = () => {
	const root = temporaryDirectory();
	const put = (name: string, text: string, mode = 0o600): string => {
		const path = join(root, name);
		writeFileSync(path, text);
		chmodSync(path, mode);
		return path;
	};
	return {root, put};
};

test('a secret is one line of a private file, without the blanks around it', () => {
	const {root, put} = setUp();
	expect(readSecret(put('a', 'tk_abc\n'))).toEqual({type: 'secret', value: 'tk_abc'});
	expect(readSecret(put('b', '  Bearer x y \r\n', 0o400))).toEqual({type: 'secret', value: 'Bearer x y'});
	symlinkSync(join(root, 'a'), join(root, 'link'));
	expect(readSecret(join(root, 'link'))).toEqual({type: 'secret', value: 'tk_abc'});
});

test('what is none is refused in a sentence that names the file and holds nothing of it', () => {
	const {root, put} = setUp();
	mkdirSync(join(root, 'folder'), {mode: 0o700});
	mkdirSync(join(root, 'open'));
	chmodSync(join(root, 'open'), 0o777);
	execFileSync('mkfifo', ['-m', '600', join(root, 'pipe')]);
	const cases: readonly (readonly [string, string])[] = [
		['relative', 'does not start with /'],
		[join(root, 'missing'), 'does not exist or cannot be read'],
		[join(root, 'folder'), 'is no file that holds a secret'],
		[join(root, 'pipe'), 'is no file that holds a secret'],
		[put('large', 'hush'.repeat(2000)), 'is no file that holds a secret'],
		[put('by-group', 'hush', 0o640), 'chmod 600'],
		[put('by-all', 'hush', 0o604), 'chmod 600'],
		[put('open/file', 'hush'), 'open can be written by everybody'],
		[put('empty', '\n\n'), 'does not hold one line'],
		[put('two', 'hush\nhush'), 'does not hold one line'],
		[put('odd', 'hush\u0007hush'), 'does not hold one line'],
	];
	for (const [path, words] of cases) {
		const read = readSecret(path);
		expect(read, path).toEqual({type: 'refused', why: expect.stringContaining(words)});
		expect(read.type === 'refused' ? read.why : '').toContain(path);
		expect(JSON.stringify(read)).not.toContain('hush');
	}
});
