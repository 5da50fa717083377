import {mkdirSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {toPluginKind} from '../../source/client/server-kind.js';
import {scan} from '../../source/engine/scan.js';
import {layoutOfParts} from '../../source/plugins/adapter-layout.js';
import {readParts} from '../../source/plugins/adapter-values.js';
import {putFile} from '../helpers/server-ports.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** A data folder with a link to another disk, both with data of the server's. */
const makeScene = () => {
	const root = temporaryDirectory();
	const base = join(root, 'server');
	const disk = join(root, 'disk');
	putFile(join(base, 'settings.db'));
	putFile(join(base, 'media/own.jpg'));
	putFile(join(disk, 'film.mp4'));
	symlinkSync(disk, join(base, 'linked'));
	return {root, base, disk};
};

const filesWith = async (base: string, store: string, paths: readonly string[]): Promise<readonly string[]> => {
	mkdirSync(store, {recursive: true});
	putFile(join(store, 'backup-1.zip'));
	const parts = readParts(paths.length === 0 ? [] : [{name: 'own', paths}]);
	const layout = layoutOfParts({name: 's', kind: toPluginKind('server'), dataFolder: base}, store, parts);
	const files: string[] = [];
	for await (const item of scan({layout, excludes: [], breathe: async () => undefined})) {
		if (item.type === 'file') {
			files.push(item.target);
		}
	}

	for (const {path} of layout.leftOutPaths) {
		expect(layout.holdsBackups(path)).toBe(true);
	}

	return files.sort();
};

const data = ['linked/film.mp4', 'media/own.jpg', 'settings.db'];

test.each([
	['apart from the data', 'store', []],
	['in the data folder', 'server/backups', []],
	['in a part', 'server/media/backups', ['media']],
	['as a part', 'server/backups', ['media', 'backups']],
	['below a part that is in it', 'server/backups', ['backups/inner', 'media']],
	['where a link of the data folder leads to', 'disk/backups', []],
	['where a part that is a link leads to', 'disk/deep/backups', ['linked']],
	['which itself is linked to', 'disk/backups', ['linked-store']],
] as const)('backups are not packed into backups, when they are kept %s', async (_, store, paths) => {
	const {root, base} = makeScene();
	symlinkSync(join(root, 'disk/backups'), join(base, 'linked-store'));
	putFile(join(base, 'backups/inner/x.zip'));
	const files = await filesWith(base, join(root, store), paths);
	const expected = store === 'server/backups' ? data : ['backups/inner/x.zip', ...data];
	expect(files.filter(file => file !== 'linked-store')).toEqual(expected);
});

test('a store that is the data folder itself does not hide the data', async () => {
	const {base} = makeScene();
	expect(await filesWith(base, base, [])).toEqual(['backup-1.zip', ...data]);
});
