/** Random trees, random modes: after a restore the tree is what a model says, and after the undo it is what it was. */
import {chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {RestoreMode} from '../../../source/client/protocol.js';
import {digestTree, type Tree, type TreeItem} from '../../helpers/digest-tree.js';
import {makeTarget} from '../../helpers/engine-client.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {makeScene} from './scene.js';

type File = {readonly type: 'file'; readonly text: string; readonly mode: number; readonly seconds: number};
type Link = {readonly type: 'link'; readonly target: string};
type Folder = {
	readonly type: 'folder';
	readonly mode: number;
	readonly seconds: number;
	readonly children: Readonly<Record<string, Node>>;
};
type Node = File | Link | Folder;

const seconds = fc.integer({min: 1_600_000_000, max: 1_600_000_050});
const file: fc.Arbitrary<File> = fc.record({
	type: fc.constant('file' as const),
	text: fc.constantFrom('', 'a', 'b', 'bb'),
	mode: fc.constantFrom(0o644, 0o600, 0o755),
	seconds,
});
// Links lead to a name that is never a folder's: what lies behind linked folders is another test's.
const link: fc.Arbitrary<Link> = fc.record({
	type: fc.constant('link' as const),
	target: fc.constantFrom('x', 'nowhere'),
});

const folderOf = (depth: number): fc.Arbitrary<Folder> =>
	fc.record({
		type: fc.constant('folder' as const),
		mode: fc.constantFrom(0o755, 0o700, 0o750),
		seconds,
		children: fc
			.record(
				{
					x: file,
					l: link,
					n1: depth === 0 ? file : fc.oneof(file, folderOf(depth - 1)),
					n2: depth === 0 ? file : fc.oneof(file, link, folderOf(depth - 1)),
					n3: depth === 0 ? file : folderOf(depth - 1),
				},
				{requiredKeys: []},
			)
			.map(children => children as Readonly<Record<string, Node>>),
	});

/** A data folder: the parts that are always there, and things no part knows. */
const dataFolder: fc.Arbitrary<Folder> = fc
	.record({
		uploads: folderOf(2),
		data: folderOf(1),
		scripts: folderOf(1),
		foreign: fc.option(folderOf(1)),
		stray: fc.option(file),
		logs: fc.option(folderOf(0)),
		config: file,
		users: file,
		seconds,
	})
	.map(({uploads, data, scripts, foreign, stray, logs, config, users, seconds: root}) => ({
		type: 'folder',
		mode: 0o755,
		seconds: root,
		children: {
			uploads,
			data,
			scripts,
			...(foreign ? {foreign} : {}),
			...(stray ? {'stray.txt': stray} : {}),
			...(logs ? {logs} : {}),
			'config.yaml': {...config, text: `server: {}\n#${config.text}\n`, mode: 0o600},
			'users.yaml': {...users, text: `admin: {}\n#${users.text}\n`, mode: 0o600},
		},
	}));

/** A backup of the server's own, which nothing moves. */
const nativeBackups: Folder = {
	type: 'folder',
	mode: 0o711,
	seconds: 1_500_000_000,
	children: {'native.zip': {type: 'file', text: 'precious', mode: 0o644, seconds: 1_500_000_001}},
};

const withBackups = (root: Folder): Folder => {
	const {data} = root.children;
	return data?.type === 'folder'
		? {
				...root,
				children: {...root.children, data: {...data, children: {...data.children, backup: nativeBackups}}},
			}
		: root;
};

const write = (path: string, node: Node): void => {
	switch (node.type) {
		case 'link':
			symlinkSync(node.target, path);
			break;
		case 'file':
			writeFileSync(path, node.text);
			chmodSync(path, node.mode);
			utimesSync(path, node.seconds, node.seconds);
			break;
		case 'folder':
			mkdirSync(path);
			for (const [name, child] of Object.entries(node.children)) {
				write(join(path, name), child);
			}

			chmodSync(path, node.mode);
			utimesSync(path, node.seconds, node.seconds);
			break;
	}
};

class Refused extends Error {}

/** What is in the backup over what is there, where nothing is removed. */
const merged = (there: Node | undefined, backup: Node): Node => {
	if (there === undefined) {
		return backup;
	}

	if (there.type === 'folder' && backup.type === 'folder') {
		const children = {...there.children};
		for (const [name, child] of Object.entries(backup.children)) {
			children[name] = merged(there.children[name], child);
		}

		return {...there, children};
	}

	if (backup.type === 'folder' || (there.type === 'folder' && Object.keys(there.children).length > 0)) {
		throw new Refused();
	}

	return backup;
};

/** What the backup has: everything but logs. */
const inBackup = (root: Folder): Folder => {
	const {logs: _, ...children} = root.children;
	return {...root, children};
};

const expected = (backup: Folder, there: Folder, mode: RestoreMode): Folder => {
	const covered = inBackup(backup);
	switch (mode) {
		case 'merge':
			return withBackups(merged(there, covered) as Folder);
		case 'exact':
			return withBackups({...covered, seconds: there.seconds});
		case 'replace': {
			// Folders nobody knows stay, and so do logs; other files at the top belong to the settings.
			const staying = Object.entries(there.children).filter(
				([name, {type}]) => name === 'logs' || (type === 'folder' && covered.children[name] === undefined),
			);
			return withBackups({
				...covered,
				seconds: there.seconds,
				children: {...covered.children, ...Object.fromEntries(staying)},
			});
		}
	}
};

/** A folder with only some paths of it, and the folders above them. */
const selected = (root: Folder, paths: readonly string[], above = ''): Folder => ({
	...root,
	children: Object.fromEntries(
		Object.entries(root.children).flatMap(([name, child]): readonly (readonly [string, Node])[] => {
			const path = above === '' ? name : `${above}/${name}`;
			if (paths.includes(path)) {
				return [[name, child]];
			}

			return child.type === 'folder' && paths.some(other => other.startsWith(`${path}/`))
				? [[name, selected(child, paths, path)]]
				: [];
		}),
	),
});

const pathsOf = (node: Folder, above = ''): readonly string[] =>
	Object.entries(node.children).flatMap(([name, child]) => {
		const path = above === '' ? name : `${above}/${name}`;
		return [path, ...(child.type === 'folder' ? pathsOf(child, path) : [])];
	});

const shown = (tree: Tree): Readonly<Record<string, Partial<TreeItem>>> =>
	Object.fromEntries(
		Object.entries(tree).map(([path, {type, mode, modifiedAt, sha256, target}]) => [
			path,
			{type, mode, modifiedAt, sha256, target},
		]),
	);

const leaves = (tree: Tree): readonly string[] => Object.keys(tree).filter(path => tree[path]?.type !== 'directory');

test('a restore in any mode does what the model says, and undo brings everything back', async () => {
	const base = temporaryDirectory(existsSync('/dev/shm') ? '/dev/shm' : undefined);
	let runs = 0;
	let done = 0;
	let refused = 0;
	await fc.assert(
		fc.asyncProperty(
			dataFolder,
			dataFolder,
			fc.constantFrom('replace', 'merge', 'exact', 'files' as const),
			fc.boolean(),
			fc.array(fc.nat(), {minLength: 1, maxLength: 4}),
			async (backedUp, now, kind, lowSpace, picks) => {
				const root = join(base, `run-${runs++}`);
				const folder = join(root, 'octoprint');
				mkdirSync(join(root, 'store'), {recursive: true});
				const instance = {
					dataFolder: folder,
					elsewhere: root,
					uploads: join(folder, 'uploads'),
					timelapse: join(folder, 'timelapse'),
					databases: [],
				};
				const scene = makeScene(makeTarget(folder, join(root, 'store')), {root, instance});
				const treeOf = (): Tree => digestTree(folder);
				const make = (path: string, node: Node): Tree => {
					write(path, node);
					return digestTree(path);
				};

				make(folder, backedUp);
				const archive = await scene.create();
				rmSync(folder, {recursive: true});
				const before = make(folder, withBackups(now));
				const all = pathsOf(inBackup(backedUp));
				// A link without what it leads to would become a copy of that.
				const files = [...new Set(picks.map(pick => all[pick % all.length] ?? 'config.yaml'))].flatMap(path => [
					path,
					...all.filter(other => /(^|\/)x$/.test(other) && join(path, '../x') === other && other !== path),
				]);
				const wanted = kind === 'files' ? selected(backedUp, files) : inBackup(backedUp);
				const choice = kind === 'files' ? {files, lowSpace} : {mode: kind as RestoreMode, lowSpace};
				let model: Folder;
				try {
					model = expected(wanted, now, kind === 'files' ? 'merge' : (kind as RestoreMode));
				} catch {
					await expect(scene.restore(archive, choice)).rejects.toMatchObject({code: 'unsafe-destination'});
					expect(treeOf()).toEqual(before);
					refused++;
					rmSync(root, {recursive: true});
					return;
				}

				const after = make(join(root, 'model'), model);
				const plan = await scene.plan(archive, choice);
				const result = await scene.restore(archive, choice);
				expect(shown(treeOf())).toEqual(shown(after));
				expect(result).toMatchObject({counts: plan.counts, skipped: []});
				const {added, changed, removed, kept} = plan.counts;
				const leavesWanted = leaves(make(join(root, 'wanted'), wanted));
				expect(removed).toBe(leaves(before).filter(path => !leaves(after).includes(path)).length);
				expect(added).toBe(leavesWanted.filter(path => before[path] === undefined).length);
				expect(added + changed + kept).toBe(leavesWanted.length);
				const restored = treeOf();
				await scene.undo();
				expect(treeOf()).toEqual(before);
				await scene.undo();
				expect(treeOf()).toEqual(restored);
				done++;
				rmSync(root, {recursive: true});
			},
		),
		{numRuns: 15},
	);
	expect(done + refused).toBe(runs);
	expect(done).toBeGreaterThan(3);
}, 60_000);
