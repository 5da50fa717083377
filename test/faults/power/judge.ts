/**
 * What has to hold after every crash, once a new printkeep has started: the data is the old or the new, every backup is where it was or where it was going,
 * nothing half-written has a final name, nothing is left over, and what printkeep says agrees with what is there.
 */
import {createHash} from 'node:crypto';
import {lstatSync, readdirSync, readFileSync} from 'node:fs';
import {join, relative} from 'node:path';
import type {StatusReport} from '../../../source/client/protocol.js';
import type {Engine} from '../../../source/engine/engine.js';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {type Life, runJob, type World} from './world.js';

/** Where each whole archive is, by the hash of its bytes. */
export type Archives = ReadonlyMap<string, 'store' | 'trash' | 'elsewhere'>;

/** What is true before a job, or after it. */
export type Snapshot = {
	readonly tree: Tree;
	readonly archives: Archives;
	/** What undo makes of the tree; null when there is nothing to undo. */
	readonly undone: Tree | null;
	/** The old data that is kept for it. */
	readonly rollback: Tree;
};

export class Broken extends Error {}

const fail = (what: string): never => {
	throw new Broken(what);
};

const same = (a: Tree, b: Tree): boolean => JSON.stringify(a) === JSON.stringify(b);

/** True when everything of a tree is there, and what is more is of the other. */
const holds = (tree: Tree, whole: Tree, other: Tree): boolean =>
	Object.entries(whole).every(([path, item]) => JSON.stringify(tree[path]) === JSON.stringify(item)) &&
	Object.entries(tree).every(([path, item]) => path in whole || JSON.stringify(other[path]) === JSON.stringify(item));

/** The first few differences, for people. */
export const differences = (a: Tree, b: Tree): string =>
	[...new Set([...Object.keys(a), ...Object.keys(b)])]
		.filter(path => JSON.stringify(a[path]) !== JSON.stringify(b[path]))
		.slice(0, 6)
		.map(path => `${path}: ${JSON.stringify(a[path])} ≠ ${JSON.stringify(b[path])}`)
		.join('\n');

const walk = (folder: string): readonly string[] =>
	readdirSync(folder, {withFileTypes: true}).flatMap(entry => {
		const path = join(folder, entry.name);
		return entry.isDirectory() ? [path, ...walk(path)] : [path];
	});

/** All whole or broken archives that have a final name, and those in the trash. */
export const findArchives = ({
	root,
	target,
}: World): Map<string, readonly ['store' | 'trash' | 'elsewhere', string]> => {
	const found = new Map<string, readonly ['store' | 'trash' | 'elsewhere', string]>();
	for (const path of walk(root)) {
		const inStore = relative(target.store, path);
		const isTrash = inStore.startsWith('.printkeep-trash/');
		const isHidden = /(^|\/)\.printkeep/.test(relative(root, path)) && !isTrash;
		if (!path.endsWith('.zip') || isHidden || !lstatSync(path).isFile()) {
			continue;
		}

		const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
		const place = isTrash ? 'trash' : inStore.includes('/') ? 'elsewhere' : 'store';
		// An export is a copy; in the store or in the trash a backup is once.
		const id = place === 'elsewhere' ? `a copy of ${sha256}` : sha256;
		const other = found.get(id);
		if (other === undefined) {
			found.set(id, [place, path]);
			continue;
		}

		// On its way between store and trash it is one file with two names for a moment; as long as that is so, it counts as in the store.
		const places = new Set([place, other[0]]);
		if (!places.has('trash') || !places.has('store') || lstatSync(path).ino !== lstatSync(other[1]).ino) {
			fail(`${path} is there twice: ${other[1]}`);
		}

		found.set(id, place === 'store' ? [place, path] : other);
	}

	return found;
};

/** Nothing of printkeep's may be seen by others: 0600 and 0700 from the first moment. */
export const checkPrivacy = ({root, target}: World): void => {
	const modeOf = (path: string): number => lstatSync(path).mode & 0o7777;
	for (const path of walk(root)) {
		const name = path.slice(path.lastIndexOf('/') + 1);
		const stats = lstatSync(path);
		const isOwn = name.startsWith('.printkeep') || relative(target.store, path).startsWith('.printkeep');
		const isInStore = join(path, '..') === target.store;
		if (
			stats.isDirectory() &&
			isOwn &&
			!path.includes('/stage-') &&
			!path.includes('/rollback-') &&
			modeOf(path) !== 0o700
		) {
			fail(`${path} has mode ${modeOf(path).toString(8)}`);
		}

		if (stats.isFile() && (isOwn || isInStore) && (modeOf(path) & 0o077) !== 0) {
			fail(`${path} has mode ${modeOf(path).toString(8)}`);
		}
	}
};

const ownLeftover = (path: string): boolean => {
	const own = path.slice(path.search(/(^|\/)\.printkeep/));
	const name = path.slice(path.lastIndexOf('/') + 1);
	return (
		/\.lock(\.|$)|\.tmp$|-part-/.test(name) ||
		(/^\/?\.printkeep(-[a-z]+)?\/[^/]+$/.test(own) &&
			!own.includes('.printkeep-trash') &&
			!/^rollback(-[0-9a-f]+|\.json)$/.test(name))
	);
};

/** No stage, no journal, no lock, no archive that was being written. */
export const checkTidy = ({root}: World, mayDouble: boolean): void => {
	const left = walk(root)
		.map(path => relative(root, path))
		.filter(path => /(^|\/)\.printkeep/.test(path) && !/\/(stage|rollback)-[0-9a-f]+\//.test(path))
		// What was on its way to a place outside of the store stays there under its hidden name: nobody looks for it there.
		.filter(path => !/^usb\/\.printkeep-part-(export-)?[0-9a-f]+\.zip$/.test(path))
		.filter(ownLeftover)
		.filter(path => !(mayDouble && /\/aside-[0-9a-f]+(\/|$)/.test(path)));
	const strays = readdirSync(join(root, 'state')).filter(name => !name.startsWith('history-') || name.endsWith('.tmp'));
	if (left.length > 0 || strays.length > 0) {
		fail(`left over: ${[...left, ...strays].join(', ')}`);
	}
};

const overdueAfterMilliseconds = 7 * 24 * 60 * 60 * 1000;

const report = async (engine: Engine, {target}: World): Promise<StatusReport> =>
	engine.request('status.report', {target, overdueAfterMilliseconds});

/** What undo makes of the data now; null when none is offered. Changes the data. */
export const undoNow = async (world: World, life: Life): Promise<Tree | null> =>
	world.engine({life}, async engine => {
		const {undo} = await report(engine, world);
		const {outcome, error} = await runJob(engine, {type: 'undo', target: world.target});
		if (undo === null) {
			if (error?.code !== 'nothing-to-undo') {
				fail(`no undo is offered, and undo said: ${error?.message ?? outcome}`);
			}

			return null;
		}

		if (outcome !== 'done') {
			fail(`undo is offered, and failed: ${error?.message} ${error?.detail ?? ''}`);
		}

		return world.tree();
	});

/** What is kept for undo, by where it lies; the ids of swaps left out, and dates of folders, which moving things changes. */
const rollbackTree = ({root}: World): Tree =>
	Object.fromEntries(
		Object.entries(digestTree(root, {skip: path => path === 'state', folderTimes: false}))
			.filter(([path]) => /\/rollback-[0-9a-f]+\//.test(path))
			.map(([path, item]) => [path.replace(/\/rollback-[0-9a-f]+\//, '/rollback/'), item]),
	);

/** What is true now. The undo is tried and has to be put back by the caller. */
export const takeSnapshot = async (world: World, life: Life): Promise<Snapshot> => {
	const tree = world.tree();
	const archives = new Map([...findArchives(world)].map(([sha256, [place]]) => [sha256, place]));
	const rollback = rollbackTree(world);
	return {tree, archives, rollback, undone: await undoNow(world, life)};
};

/** What a start of printkeep does by itself, and the command that ends interrupted restores. */
export const startUp = async (engine: Engine, {target}: World): Promise<void> => {
	const {type, message} = await engine.request('recover.pending', {target});
	if (type === 'failed') {
		fail(`recovery failed: ${message}`);
	}

	const {outcome, error} = await runJob(engine, {type: 'recover', target, leftoverIds: 'interrupted'});
	if (outcome !== 'done') {
		fail(`recovery ended as ${outcome}: ${error?.message} ${error?.detail ?? ''}`);
	}
};

/** Everything but what a recovery may write again: its history, and dates of folders that had a lock in them. */
const wholeTree = ({root}: World): Tree => digestTree(root, {skip: path => path === 'state', folderTimes: false});

const checkArchives = async (
	engine: Engine,
	world: World,
	{before, after, isDone}: {readonly before: Archives; readonly after: Archives; readonly isDone: boolean},
): Promise<void> => {
	const {target} = world;
	const found = findArchives(world);
	for (const [sha256, [place, path]] of found) {
		const allowed = [before.get(sha256), after.get(sha256)];
		if (!allowed.includes(place)) {
			fail(`${path} is ${allowed.every(each => each === undefined) ? 'no whole archive' : 'in the wrong place'}`);
		}

		if (isDone && after.get(sha256) !== place) {
			fail(`${path} is not where it was reported to be`);
		}
	}

	for (const [sha256, place] of after) {
		if ((isDone || before.has(sha256)) && !found.has(sha256)) {
			fail(`a backup of the ${place} is gone`);
		}
	}

	const {items} = await engine.request('backups.list', {target, offset: 0, limit: 200});
	const listed = items.filter(({origin}) => origin === 'store').map(({path}) => path);
	const stored = [...found.values()].filter(([place]) => place === 'store').map(([, path]) => path);
	if (JSON.stringify([...listed].sort()) !== JSON.stringify([...stored].sort())) {
		fail(`listed: ${listed.join()}; there: ${stored.join()}`);
	}

	const bad = items.find(({health}) => health.type === 'bad' || health.type === 'partial');
	if (bad) {
		fail(`${bad.key} is listed as ${bad.health.type}`);
	}

	const trash = await engine.request('trash.list', {target});
	const trashed = [...found.values()].filter(([place]) => place === 'trash');
	if (trash.items.length !== trashed.length) {
		fail(`the trash lists ${trash.items.length} backups and holds ${trashed.length}`);
	}
};

export type Verdict = {
	readonly outcome: 'old' | 'new';
	/** The recovery left the very same as another one before. */
	readonly isKnown: boolean;
};

/**
 * Starts printkeep on what a crash left and sees whether everything holds.
 * @throws Broken with what does not.
 */
export const judge = async (
	world: World,
	{
		before,
		after,
		isDone,
		life,
		mayDouble = false,
		seen = new Set(),
	}: {
		readonly before: Snapshot;
		readonly after: Snapshot;
		/** The job had said that it was done. */
		readonly isDone: boolean;
		readonly life: Life;
		/** Things may be there twice, as long as nothing is lost. */
		readonly mayDouble?: boolean;
		/** What recoveries have left before, and was found to be right: the same need not be looked at again. */
		readonly seen?: Set<string>;
	},
): Promise<Verdict> => {
	checkPrivacy(world);
	return world.engine({life}, async engine => {
		await startUp(engine, world);
		const tree = world.tree();
		const isNew = mayDouble ? holds(tree, after.tree, before.tree) : same(tree, after.tree);
		const isOld = mayDouble ? holds(tree, before.tree, after.tree) : same(tree, before.tree);
		if (!isNew && (isDone || !isOld)) {
			fail(
				isDone
					? `reported as done, and not there:\n${differences(tree, after.tree)}`
					: `neither old nor new; against the old:\n${differences(tree, before.tree)}\nagainst the new:\n${differences(tree, after.tree)}`,
			);
		}

		const outcome = isNew ? 'new' : 'old';
		const once = wholeTree(world);
		const text = JSON.stringify([tree, once, isDone, mayDouble]);
		if (seen.has(text)) {
			return {outcome, isKnown: true};
		}

		await startUp(engine, world);
		const twice = wholeTree(world);
		if (!same(once, twice)) {
			fail(`recovering again changed something:\n${differences(once, twice)}`);
		}

		const cleaning = await runJob(engine, {type: 'recover', target: world.target, leftoverIds: 'all'});
		if (cleaning.outcome !== 'done') {
			fail(`cleaning ended as ${cleaning.outcome}: ${cleaning.error?.message} ${cleaning.error?.detail ?? ''}`);
		}

		if (!same(world.tree(), tree)) {
			fail(`cleaning changed the data:\n${differences(tree, world.tree())}`);
		}

		try {
			checkTidy(world, mayDouble);
		} catch (caught) {
			const said = cleaning.result?.type === 'recover' ? cleaning.result.messages.join(' ') : '';
			throw caught instanceof Broken ? new Broken(`${caught.message} (${said})`) : caught;
		}

		checkPrivacy(world);
		await checkArchives(engine, world, {before: before.archives, after: after.archives, isDone});
		const {undo, leftovers} = await report(engine, world);
		if (leftovers.some(({path}) => !(mayDouble && path.includes('/aside-')))) {
			fail(
				`leftovers after cleaning: ${leftovers.map(({path, explanation}) => `${path} (${explanation})`).join(', ')}`,
			);
		}

		const isEither = same(before.tree, after.tree);
		const expected = isNew ? after.undone : before.undone;
		if (!isEither && (undo !== null) !== (expected !== null)) {
			fail(`undo is ${undo ? '' : 'not '}offered with the ${isNew ? 'new' : 'old'} data in place`);
		}

		const kept = rollbackTree(world);
		const toKeep = isNew ? after.rollback : before.rollback;
		if (!isEither && !mayDouble && !same(kept, toKeep)) {
			fail(`what undo needs is not what it was:\n${differences(kept, toKeep)}`);
		}

		seen.add(text);
		return {outcome, isKnown: false};
	});
};
