import {chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type Disk, removeTree, systemDisk} from '../../source/engine/disk.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

test('a tree goes through the disk alone, with names that are no UTF-8 and folders that may not be written', async () => {
	const root = temporaryDirectory();
	const tree = join(root, 'tree');
	const odd = Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe])]);
	mkdirSync(odd, {recursive: true});
	writeFileSync(Buffer.concat([odd, Buffer.from('/a')]), 'a');
	mkdirSync(Buffer.concat([odd, Buffer.from('/below')]));
	writeFileSync(Buffer.concat([odd, Buffer.from('/below/b')]), 'b');
	chmodSync(Buffer.concat([odd, Buffer.from('/below')]), 0o500);
	chmodSync(odd, 0o500);
	writeFileSync(join(root, 'outside'), 'kept');
	symlinkSync(root, join(tree, 'link'));
	const removed: string[] = [];
	const disk: Disk = {
		...systemDisk,
		unlink(path) {
			removed.push(Buffer.from(path).toString('latin1'));
			systemDisk.unlink(path);
		},
	};
	removeTree(disk, tree);
	expect(existsSync(tree)).toBe(false);
	expect(removed).toHaveLength(3);
	expect(readFileSync(join(root, 'outside'), 'utf8')).toBe('kept');
});

test('nothing of a tree goes while something is mounted in it, also from the same file system', () => {
	const root = temporaryDirectory();
	const mounted = join(root, 'tree/uploads');
	mkdirSync(mounted, {recursive: true});
	writeFileSync(join(mounted, 'precious'), 'kept');
	expect(() => removeTree(systemDisk, join(root, 'tree'), [mounted])).toThrow(/mounted/);
	expect(readFileSync(join(mounted, 'precious'), 'utf8')).toBe('kept');
});
