import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type ExtraExclude, presentExcludes, withExtraExcludes} from '../../../source/engine/jobs/extra-excludes.js';
import {scan} from '../../../source/engine/scan.js';
import type {Layout} from '../../../source/servers/adapter.js';
import {layoutOf} from '../../../source/servers/octoprint/layout.js';
import {putFile} from '../../helpers/server-ports.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const layoutWith = async (): Promise<{readonly layout: Layout; readonly base: string; readonly root: string}> => {
	const root = temporaryDirectory();
	const base = join(root, 'octoprint');
	for (const file of [
		'config.yaml',
		'users.yaml',
		'notes.txt',
		'data/foo/foo.txt',
		'data/foo/bar.txt',
		'data/foo2/bar.txt',
		'data/backup/old.zip',
		'uploads/a.gcode',
		'foreign/x',
	]) {
		putFile(join(base, file), '{}');
	}

	return {layout: await layoutOf({name: 'o', kind: 'octoprint', dataFolder: base}, join(root, 'store')), base, root};
};

const exclude = (path: string): ExtraExclude => ({path, reason: 'A plugin leaves it out.', plugin: 'foo'});

const filesIn = async (layout: Layout): Promise<readonly string[]> => {
	const files: string[] = [];
	for await (const item of scan({layout, excludes: [], breathe: async () => undefined})) {
		if (item.type === 'file') {
			files.push(item.target);
		}
	}

	return files;
};

test('a path is left out with all below it, and nothing that is only called alike', async () => {
	const {layout} = await layoutWith();
	const all = await filesIn(layout);
	const without = async (...paths: readonly string[]): Promise<readonly string[]> => {
		const left = await filesIn(withExtraExcludes(layout, paths.map(exclude)));
		return all.filter(path => !left.includes(path));
	};

	expect(await without('data/foo/foo.txt')).toEqual(['data/foo/foo.txt']);
	expect(await without('data/foo')).toEqual(['data/foo/bar.txt', 'data/foo/foo.txt']);
	expect(await without('data')).toEqual(['data/foo/bar.txt', 'data/foo/foo.txt', 'data/foo2/bar.txt']);
	expect(await without('foreign', 'uploads/a.gcode')).toEqual(['uploads/a.gcode', 'foreign/x']);
	expect(await without('data/fo', 'data/foo/*.txt', 'nothing')).toEqual([]);
	// Nothing can be restored without these.
	expect(await without('config.yaml', 'users.yaml', 'notes.txt')).toEqual([]);
});

test('what is there is listed with its reason, once, and not what is left out anyway', async () => {
	const {layout} = await layoutWith();
	const extra = ['data/foo/foo.txt', 'data/foo/foo.txt', 'data/foo/gone', 'data/backup', 'config.yaml'].map(exclude);
	const changed = withExtraExcludes(layout, extra);
	expect(presentExcludes(layout, extra)).toEqual([{...exclude('data/foo/foo.txt'), part: 'data'}]);
	expect(changed.leftOutPaths).toEqual([
		...layout.leftOutPaths,
		{part: 'data', path: 'data/foo/foo.txt', reason: 'A plugin leaves it out.'},
	]);
	expect(changed.leftOut('data/foo/foo.txt', [])).toBe('A plugin leaves it out.');
	expect(changed.leftOut('data/foo/foo.txt/below', [])).toBe('A plugin leaves it out.');
	expect(changed.leftOut('data/foo/bar.txt', [])).toBeUndefined();
	expect(changed.leftOut('data/backup', [])).toBe(layout.leftOut('data/backup', []));
	expect(withExtraExcludes(layout, [])).toBe(layout);
});

test('what no backup can do without stays, also within what is left out', async () => {
	const {layout, base} = await layoutWith();
	putFile(join(base, 'data/foo/keys/private.key'));
	const nested: Layout = {
		...layout,
		parts: layout.parts.map(part =>
			part.inclusion === 'required'
				? {
						...part,
						roots: [
							...part.roots,
							{source: join(base, 'data/foo/keys'), target: 'data/foo/keys', type: 'directory', external: false},
						],
					}
				: part,
		),
		isOtherRoot: target => target === 'data/foo/keys',
	};
	for (const order of [nested.parts, nested.parts.toReversed()]) {
		const changed = withExtraExcludes({...nested, parts: order}, [exclude('data/foo')]);
		const files = await filesIn(changed);
		expect(files).toContain('data/foo/keys/private.key');
		expect(files).not.toContain('data/foo/foo.txt');
		expect(changed.leftOut('data/foo/keys/private.key', [])).toBeUndefined();
		expect(changed.leftOut('data/foo', [])).toBe('A plugin leaves it out.');
	}
});

test('in a data folder on another disk as well', async () => {
	const {base, root} = await layoutWith();
	mkdirSync(join(root, 'disk/foo'), {recursive: true});
	writeFileSync(join(root, 'disk/foo/foo.txt'), '');
	writeFileSync(join(base, 'config.yaml'), `folder: {data: ${root}/disk}`);
	symlinkSync(join(root, 'disk'), join(base, 'link'));
	const layout = await layoutOf({name: 'o', kind: 'octoprint', dataFolder: base}, join(root, 'store'));
	const extra = [exclude('data/foo/foo.txt')];
	expect(presentExcludes(layout, extra)).toHaveLength(1);
	expect(await filesIn(withExtraExcludes(layout, extra))).not.toContain('data/foo/foo.txt');
});
