import {chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {describe, expect, test} from 'vitest';
import {resolveSource} from '../../source/plugins/resolve-source.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

const put = (path: string, text = 'export {}'): string => {
	mkdirSync(dirname(path), {recursive: true, mode: 0o700});
	writeFileSync(path, text, {mode: 0o600});
	return path;
};

const found = (path: string) => ({type: 'module', url: pathToFileURL(path).href, path});

describe('a source', () => {
	test('is a file by its path, links followed', () => {
		const folder = temporaryDirectory();
		const file = put(join(folder, 'real/plugin.mjs'));
		symlinkSync(file, join(folder, 'link.mjs'));
		expect(resolveSource(file, folder)).toEqual(found(file));
		expect(resolveSource(join(folder, 'link.mjs'), folder)).toEqual(found(realpathSync(file)));
	});

	test('is a package of the folder, however it says what it exports', () => {
		const folder = temporaryDirectory();
		const packages: Readonly<Record<string, readonly [description: object, entry: string]>> = {
			plain: [{}, 'index.js'],
			main: [{main: 'lib/start.js'}, 'lib/start.js'],
			text: [{exports: './a.mjs'}, 'a.mjs'],
			modern: [{exports: {'.': {types: './a.d.ts', import: './b.mjs', require: './c.cjs'}}}, 'b.mjs'],
			nested: [{exports: {import: {node: './n.mjs', default: './d.mjs'}}}, 'n.mjs'],
			listed: [{exports: {'.': ['./l.mjs']}}, 'l.mjs'],
			'@some/scoped': [{exports: {'.': {default: './s.mjs'}}}, 's.mjs'],
		};
		for (const [name, [description, entry]] of Object.entries(packages)) {
			const place = join(folder, 'node_modules', name);
			put(join(place, 'package.json'), JSON.stringify({name, ...description}));
			const file = put(join(place, entry));
			expect(resolveSource(name, folder), name).toEqual(found(file));
			expect(resolveSource(place, folder), name).toEqual(found(file));
		}
	});

	test('is one that comes along, by its name', () => {
		expect(resolveSource('builtin:notify', '/nowhere')).toEqual({type: 'module', url: '', path: ''});
		expect(resolveSource('builtin:notfy', '/nowhere')).toEqual({
			type: 'refused',
			reason: 'No such plugin comes with printkeep. These do: command-hooks, notify, healthchecks, wait-for-print.',
		});
	});

	test('is nothing that would have to be looked for', () => {
		const folder = temporaryDirectory();
		// Node itself would look in every folder above.
		put(join(folder, 'node_modules/above/index.js'));
		const inner = join(folder, 'inner');
		mkdirSync(inner);
		for (const source of [
			'above',
			'fs',
			'./x.mjs',
			'../x.mjs',
			'a/../../b',
			'https://example.org/x.mjs',
			'',
			'data:text/javascript,1',
			'-x',
			'.hidden',
		]) {
			expect(resolveSource(source, inner).type, source).toBe('refused');
		}

		expect(resolveSource('above', inner)).toEqual({
			type: 'refused',
			reason: `There is no such package. Install it with: npm install --prefix ${inner} above`,
		});
		expect(resolveSource(join(folder, 'none.mjs'), inner)).toEqual({
			type: 'refused',
			reason: 'There is no module at this path.',
		});
		expect(resolveSource(inner, inner)).toEqual({
			type: 'refused',
			reason: 'This folder has no package.json that names a module. Name the file itself.',
		});
		expect(resolveSource('hello.mjs', inner)).toEqual({
			type: 'refused',
			reason: 'There is no such package. A file is named by its path: ./hello.mjs',
		});
	});

	test('is not run when others can write what decides about it', () => {
		const folder = temporaryDirectory();
		const file = put(join(folder, 'node_modules/open/index.js'));
		const description = put(join(folder, 'node_modules/open/package.json'), '{}');
		expect(resolveSource('open', folder).type).toBe('module');
		chmodSync(description, 0o666);
		expect(resolveSource('open', folder)).toEqual({
			type: 'refused',
			reason: `Its code is not run: ${description} can be written by everybody. Put that right with: chmod go-w ${description}`,
		});
		chmodSync(description, 0o600);
		chmodSync(file, 0o620);
		expect(resolveSource('open', folder)).toMatchObject({
			reason: expect.stringContaining('can be written by its group'),
		});
		chmodSync(file, 0o600);
		chmodSync(join(folder, 'node_modules'), 0o777);
		expect(resolveSource('open', folder)).toMatchObject({
			reason: expect.stringContaining('node_modules can be written'),
		});
	});
});
