import {chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {whyUntrusted} from '../../source/plugins/trusted-path.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

const me = process.getuid?.() ?? 0;

const setUp = () => {
	const root = temporaryDirectory();
	const file = join(root, 'file');
	writeFileSync(file, '', {mode: 0o644});
	return {root, file};
};

test('a file of this user in folders of this user is trusted, also through links', () => {
	const {root, file} = setUp();
	mkdirSync(join(root, 'folder'));
	symlinkSync('../file', join(root, 'folder/link'));
	symlinkSync(root, join(root, 'folder/up'));
	for (const path of [file, join(root, 'folder/link'), join(root, 'folder/up/file'), join(root, 'folder/../file')]) {
		expect(whyUntrusted(path, me), path).toBe('');
	}
});

test('what others can write is not, be it the file or a folder above it', () => {
	const {root, file} = setUp();
	chmodSync(file, 0o646);
	expect(whyUntrusted(file, me)).toBe(`${file} can be written by everybody`);
	chmodSync(file, 0o664);
	expect(whyUntrusted(file, me)).toBe(`${file} can be written by its group`);
	chmodSync(file, 0o644);
	chmodSync(root, 0o777);
	expect(whyUntrusted(file, me)).toBe(`${root} can be written by everybody`);
	// Like /tmp: nobody can replace what belongs to somebody else.
	chmodSync(root, 0o1777);
	expect(whyUntrusted(file, me)).toBe('');
	// On a file this bit says nothing.
	chmodSync(file, 0o1666);
	expect(whyUntrusted(file, me)).toBe(`${file} can be written by everybody`);
});

test('a link in a place others can write is not trusted, wherever it leads and however many links lead there', () => {
	const {root, file} = setUp();
	mkdirSync(join(root, 'open'));
	symlinkSync(file, join(root, 'open/link'));
	symlinkSync('open/link', join(root, 'through'));
	mkdirSync(join(root, 'folder'));
	symlinkSync(join(root, 'open'), join(root, 'folder/open'));
	chmodSync(join(root, 'open'), 0o777);
	for (const path of ['open/link', 'through', 'folder/open/link']) {
		expect(whyUntrusted(join(root, path), me), path).toBe(`${join(root, 'open')} can be written by everybody`);
	}
});

test('what is not there, and links that lead in a circle, are said so', () => {
	const {root, file} = setUp();
	symlinkSync('b', join(root, 'a'));
	symlinkSync('a', join(root, 'b'));
	symlinkSync('nowhere', join(root, 'dangling'));
	for (const path of [join(root, 'missing'), join(root, 'a'), join(root, 'dangling'), `${file}/below`]) {
		expect(whyUntrusted(path, me), path).toBe(`${path} does not exist or cannot be read`);
	}
});

test.runIf(me === 0)('what belongs to another user is not trusted, a link neither', () => {
	const {root, file} = setUp();
	symlinkSync('file', join(root, 'link'));
	lchownSync(join(root, 'link'), 12_345, 12_345);
	expect(whyUntrusted(join(root, 'link'), me)).toBe(`${join(root, 'link')} belongs to another user`);
	chownSync(file, 12_345, 12_345);
	expect(whyUntrusted(file, me)).toBe(`${file} belongs to another user`);
	// What is root's is as good as one's own.
	expect(whyUntrusted(file, 12_345)).toBe('');
});
