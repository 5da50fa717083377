/** Plays one random action after the other on a real instance and beside it on the model, and compares the two after each. */
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {JobRequest, RestoreMode, Target} from '../../../source/client/protocol.js';
import type {Disk} from '../../../source/engine/disk.js';
import type {Engine} from '../../../source/engine/engine.js';
import type {Tree} from '../../helpers/digest-tree.js';
import {Broken, checkPrivacy, checkTidy, differences, findArchives, startUp} from '../power/judge.js';
import {type JobFinished, type Life, put, runJob, succeed, type World} from '../power/world.js';
import {isUndone, type Model, merged, sameTree, withFiles, withoutFolderDates} from './model.js';
import {mortalDisk} from './mortal-disk.js';
import type {Random} from './random.js';

export type Player = {
	/** Plays one action; returns what it was, for people. @throws Broken */
	readonly play: (random: Random) => Promise<string>;
};

const folders = ['data', 'data/d0', 'scripts', 'printerProfiles', '>.', '>d1'];
const names = ['f0', 'f1', 'f2', 'f3'];

/** What becomes of a job, as the model has it: nothing, or everything. */
type Change = (model: Model, finished: JobFinished | null) => void;

type Play = {
	readonly request: JobRequest;
	/** The live data once it is done; as it is now when missing. */
	readonly live?: Tree;
	/** Refusals that are right. */
	readonly refusal?: string;
	readonly apply: Change;
};

const same = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
	JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Makes a player for a new world. */
export const createPlayer = (
	world: World,
	{count, setClock}: {readonly count: (what: string) => void; readonly setClock: (offset: number) => void},
): Player => {
	// Nothing goes by itself here, whatever the clock says: what time takes away has tests of its own.
	const target: Target = {...world.target, trashDays: 36_500, rollbackDays: 0};
	const {dataFolder} = target.instance;
	const shelfFolder = join(dirname(world.root), 'shelf');
	mkdirSync(shelfFolder);
	const realPath = (path: string): string =>
		path.startsWith('>') ? join(world.root, 'far/gcode', path.slice(1)) : join(dataFolder, path);
	for (const folder of folders) {
		mkdirSync(realPath(folder), {recursive: true});
	}

	const look = (): Tree => withoutFolderDates(world.tree());
	const model: Model = {
		live: look(),
		store: new Map(),
		pinned: new Set(),
		trash: new Map(),
		shelf: new Map(),
		undo: null,
	};
	/** Backups whose job died before it could note that they were checked. */
	const unchecked = new Set<string>();
	let lives = 0;
	const nextLife = (): Life => (lives++ % 2 === 0 ? 'killed' : 'rebooted');
	let life: Life = 'first';
	const use = async <Result>(act: (engine: Engine) => Promise<Result>, disk?: Disk): Promise<Result> =>
		world.engine({life, ...(disk === undefined ? {} : {disk})}, act);

	const storeNow = (): Map<string, string> =>
		new Map(
			[...findArchives(world)]
				.filter(([, [place]]) => place === 'store')
				.map(([sha256, [, path]]) => [path.slice(target.store.length + 1), sha256]),
		);

	/** The real thing against the model. */
	const check = async (): Promise<void> => {
		const live = look();
		if (!sameTree(live, model.live)) {
			throw new Broken(`the data is not what it should be:\n${differences(live, model.live)}`);
		}

		const expected = new Map([...model.store].map(([key, {sha256}]) => [key, sha256]));
		const found = storeNow();
		if (!same(found, expected)) {
			throw new Broken(`in the store: ${JSON.stringify([...found])}; should be: ${JSON.stringify([...expected])}`);
		}

		await use(async engine => {
			const {items} = await engine.request('backups.list', {target, offset: 0, limit: 200});
			const listed = items.filter(({origin}) => origin === 'store');
			const wrong = listed.find(
				({key, health, pinned}) =>
					(health.type !== 'verified' &&
						!(health.type === 'unverified' && unchecked.has(model.store.get(key)?.sha256 ?? ''))) ||
					pinned !== model.pinned.has(key) ||
					!model.store.has(key),
			);
			if (wrong || listed.length !== model.store.size) {
				throw new Broken(`listed: ${JSON.stringify(wrong ?? listed.map(({key}) => key))}`);
			}

			const trash = await engine.request('trash.list', {target});
			const ids = trash.items.map(({id, key}) => `${id} ${key}`).sort();
			const wanted = [...model.trash].map(([id, {key}]) => `${id} ${key}`).sort();
			if (JSON.stringify(ids) !== JSON.stringify(wanted)) {
				throw new Broken(`in the trash: ${ids.join()}; should be: ${wanted.join()}`);
			}

			const {undo, leftovers} = await engine.request('status.report', {target, overdueAfterMilliseconds: 1});
			if ((undo !== null) !== (model.undo !== null)) {
				throw new Broken(`undo is ${undo ? '' : 'not '}offered`);
			}

			if (leftovers.length > 0) {
				throw new Broken(`leftovers: ${leftovers.map(({path}) => path).join()}`);
			}
		});
		checkPrivacy(world);
	};

	const written = (path: string): void => {
		model.undo?.written.add(path);
		for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
			model.undo?.written.add(folder);
		}
	};

	const files = (): readonly string[] =>
		Object.keys(model.live).filter(path => folders.includes(dirname(path)) || /^>f\d$/.test(path));
	const pathIn = (folder: string, name: string): string =>
		folder === '>.' ? `>${name}` : `${folder}/${name}`.replace('>./', '>');

	/** Somebody else changes the data. */
	const disturb = (random: Random): string => {
		const existing = files().filter(path => model.live[path]?.type === 'file');
		const kind = random.below(10);
		const path = random.pick(existing);
		if (kind < 6 || path === undefined) {
			const fresh = pathIn(random.pick(folders) ?? 'data', random.pick(names) ?? 'f0');
			const real = realPath(fresh);
			put(
				real,
				Buffer.alloc(random.below(3000), `${random.below(1000)} `),
				random.pick([0o644, 0o600, 0o755]) ?? 0o644,
			);
			const seconds = 1_500_000_000 + random.below(200_000_000);
			utimesSync(real, seconds, seconds);
			written(fresh);
			model.live = look();
			return `write ${fresh}`;
		}

		written(path);
		if (kind < 8) {
			rmSync(realPath(path));
			model.live = look();
			return `delete ${path}`;
		}

		const to = pathIn(random.pick(folders) ?? 'data', random.pick(names) ?? 'f0');
		mkdirSync(dirname(realPath(to)), {recursive: true});
		renameSync(realPath(path), realPath(to));
		written(to);
		model.live = look();
		return `rename ${path} to ${to}`;
	};

	const shaOf = (key: string): string => {
		const sha256 = storeNow().get(key);
		if (sha256 === undefined) {
			throw new Broken(`${key} was reported and is not there`);
		}

		return sha256;
	};

	let exported = 0;
	const create = (): Play => ({
		request: {type: 'create', target, excludes: [], includes: [], note: '', trigger: 'manual'},
		apply(_model, finished) {
			if (finished?.result?.type === 'create') {
				const {key} = finished.result.backup;
				model.store.set(key, {sha256: shaOf(key), tree: model.live});
			}
		},
	});

	/** A backup that goes to a place of its own, and can be imported from there. */
	const createElsewhere = (): Play => {
		const path = join(shelfFolder, `made-${++exported}.zip`);
		const {live} = model;
		return {
			request: {type: 'create', target, excludes: [], includes: [], note: '', trigger: 'manual', path},
			apply: () => model.shelf.set(path, {sha256: hashOf(path), tree: live}),
		};
	};

	const restore = (random: Random): Play | null => {
		const key = random.pick([...model.store.keys()]);
		const backup = key === undefined ? undefined : model.store.get(key);
		if (key === undefined || backup === undefined) {
			return null;
		}

		const {live} = model;
		const kind = random.pick(['replace', 'replace', 'merge', 'exact', 'files'] as const) ?? 'replace';
		const lowSpace = random.chance(30);
		const wanted =
			kind === 'files'
				? Object.keys(backup.tree)
						.filter(path => backup.tree[path]?.type === 'file' && path.includes('/f') && !path.startsWith('>'))
						.filter(() => random.chance(40))
				: [];
		if (kind === 'files' && wanted.length === 0) {
			return null;
		}

		const after =
			kind === 'files'
				? withFiles(live, backup.tree, wanted)
				: kind === 'merge'
					? merged(live, backup.tree)
					: backup.tree;
		const mode: RestoreMode = kind === 'files' ? 'merge' : kind;
		return {
			request: {
				type: 'restore',
				target,
				source: {type: 'backup', key},
				allowNewer: false,
				mode,
				lowSpace,
				...(kind === 'files' ? {files: wanted} : {}),
			},
			live: after,
			apply() {
				model.undo = {tree: live, written: new Set()};
				model.live = after;
			},
		};
	};

	const drop = (random: Random): Play | null => {
		const key = random.pick([...model.store.keys()]);
		const backup = key === undefined ? undefined : model.store.get(key);
		if (key === undefined || backup === undefined) {
			return null;
		}

		const isPinned = model.pinned.has(key);
		const permanently = random.chance(20);
		return {
			request: {type: 'delete', target, keys: [key], allowPinned: false, permanently},
			...(isPinned ? {refusal: 'pinned'} : {}),
			apply(_model, finished) {
				model.store.delete(key);
				model.pinned.delete(key);
				if (!permanently && finished?.result?.type === 'delete') {
					for (const {id} of finished.result.trashed) {
						model.trash.set(id, {key, backup, pinned: isPinned});
					}
				}
			},
		};
	};

	const bringBack = (random: Random): Play | null => {
		const id = random.pick([...model.trash.keys()]);
		const item = id === undefined ? undefined : model.trash.get(id);
		return id === undefined || item === undefined
			? null
			: {
					request: {type: 'trash-restore', target, ids: [id]},
					...(model.store.has(item.key) ? {refusal: 'name-clash'} : {}),
					apply() {
						model.trash.delete(id);
						model.store.set(item.key, item.backup);
					},
				};
	};

	const empty = (random: Random): Play | null => {
		const ids = [...model.trash.keys()].filter(() => random.chance(50));
		return ids.length === 0
			? null
			: {
					request: {type: 'trash-empty', target, ids},
					apply() {
						for (const id of ids) {
							model.trash.delete(id);
						}
					},
				};
	};

	const exportOne = (random: Random): Play | null => {
		const key = random.pick([...model.store.keys()]);
		const backup = key === undefined ? undefined : model.store.get(key);
		if (key === undefined || backup === undefined) {
			return null;
		}

		const destination = join(shelfFolder, `copy-${++exported}.zip`);
		return {
			request: {type: 'export', target, source: {type: 'backup', key}, destination, parts: [], files: []},
			apply: () => model.shelf.set(destination, backup),
		};
	};

	const importOne = (random: Random): Play | null => {
		// The same bytes twice in a store would be told apart by nothing here.
		const known = new Set(
			[...model.store.values(), ...[...model.trash.values()].map(({backup}) => backup)].map(each => each.sha256),
		);
		const path = random.pick([...model.shelf].filter(([, {sha256}]) => !known.has(sha256)).map(([each]) => each));
		const backup = path === undefined ? undefined : model.shelf.get(path);
		return path === undefined || backup === undefined
			? null
			: {
					request: {type: 'import', target, path},
					apply(_model, finished) {
						if (finished?.result?.type === 'import') {
							model.store.set(finished.result.backup.key, backup);
						}
					},
				};
	};

	const undo = (): Play => {
		const {undo: before, live} = model;
		return {
			request: {type: 'undo', target},
			...(before === null ? {refusal: 'nothing-to-undo'} : {}),
			apply() {
				const found = look();
				const wrong = before === null ? 'there was nothing to undo' : isUndone(found, {live, undo: before});
				if (wrong !== null) {
					throw new Broken(`undone, and not as it was: ${wrong}`);
				}

				model.live = found;
				model.undo = {tree: live, written: new Set()};
			},
		};
	};

	const verify = (): Play => ({
		request: {type: 'verify', target, sources: 'all'},
		apply() {
			// What is in the trash meanwhile was not looked at.
			for (const {sha256} of model.store.values()) {
				unchecked.delete(sha256);
			}
		},
	});

	const choose = (random: Random): Play | null => {
		const plays: readonly ((random: Random) => Play | null)[] = [
			create,
			create,
			create,
			restore,
			restore,
			restore,
			restore,
			undo,
			undo,
			drop,
			drop,
			bringBack,
			empty,
			exportOne,
			createElsewhere,
			importOne,
			importOne,
			verify,
		];
		return (random.pick(plays) ?? create)(random);
	};

	const pin = async (random: Random): Promise<string> => {
		const key = random.pick([...model.store.keys()]);
		if (key === undefined) {
			return 'nothing to pin';
		}

		const pinned = !model.pinned.has(key);
		await use(async engine => engine.request('backup.pin', {target, key, pinned}));
		if (pinned) {
			model.pinned.add(key);
		} else {
			model.pinned.delete(key);
		}

		return `${pinned ? 'pin' : 'unpin'} ${key}`;
	};

	/** A job that gets through, or is refused for the right reason. */
	const playJob = async ({request, refusal, apply}: Play): Promise<string> => {
		const finished = await use(async engine => runJob(engine, request));
		const {outcome, error} = finished;
		if (refusal !== undefined) {
			if (error?.code !== refusal) {
				throw new Broken(
					`${request.type} ended as ${outcome}, ${error?.code ?? ''}, and should be refused: ${refusal}`,
				);
			}

			count('jobs refused');
			return `${request.type}, refused: ${refusal}`;
		}

		if (outcome !== 'done') {
			throw new Broken(`${request.type} ended as ${outcome}: ${error?.message ?? ''} ${error?.detail ?? ''}`);
		}

		apply(model, finished);
		count(`${request.type} jobs done`);
		return `${request.type} ${request.type === 'restore' ? `${request.mode}${request.lowSpace ? ', little space' : ''}` : ''}`;
	};

	const undoSaid = async (): Promise<string> =>
		use(async engine => {
			const {undo} = await engine.request('status.report', {target, overdueAfterMilliseconds: 1});
			return JSON.stringify(undo);
		});

	/** After a death: what is there decides which of the two it became. */
	const settleAfterDeath = async (
		{request, live, apply}: Play,
		{finished, saidBefore}: {readonly finished: JobFinished | null; readonly saidBefore: string},
	): Promise<string> => {
		if (request.type !== 'restore' && request.type !== 'undo') {
			return settleStore(request);
		}

		// What printkeep says of the undo tells which of the two it takes it for; the data has to be that one.
		const found = look();
		if ((await undoSaid()) === saidBefore) {
			if (!sameTree(found, model.live)) {
				throw new Broken(`taken for the old, and is not:\n${differences(found, model.live)}`);
			}

			return 'old';
		}

		if (live !== undefined && !sameTree(found, live)) {
			throw new Broken(`taken for the new, and is not:\n${differences(found, live)}`);
		}

		apply(model, finished);
		return 'new';
	};

	const settleStore = (request: JobRequest): string => {
		const found = findArchives(world);
		const inStore = storeNow();
		const known = new Map<string, Model['store'] extends Map<string, infer Backup> ? Backup : never>();
		for (const backup of [
			...model.store.values(),
			...model.shelf.values(),
			...[...model.trash.values()].map(each => each.backup),
		]) {
			known.set(backup.sha256, backup);
		}

		let outcome = 'old';
		for (const [key, sha256] of inStore) {
			if (!model.store.has(key)) {
				outcome = 'new';
				if (request.type !== 'create' && !known.has(sha256)) {
					throw new Broken(`${key} came from nowhere`);
				}

				model.store.set(key, known.get(sha256) ?? {sha256, tree: model.live});
				unchecked.add(sha256);
			}
		}

		for (const [key, {sha256}] of [...model.store]) {
			if (!inStore.has(key)) {
				outcome = 'new';
				const isGone = found.get(sha256)?.[0] !== 'trash';
				if (request.type !== 'delete' || (isGone && request.permanently !== true)) {
					throw new Broken(`${key} is gone`);
				}

				model.store.delete(key);
				model.pinned.delete(key);
			}
		}

		return outcome;
	};

	/** The trash and the undo are taken from what printkeep lists then, which must agree with what is there. */
	const adopt = async (request: JobRequest): Promise<void> => {
		await use(async engine => {
			const {items} = await engine.request('trash.list', {target});
			const archives = findArchives(world);
			const byPath = new Map([...archives].map(([sha256, [place, path]]) => [path, {sha256, place}]));
			const backups = new Map(
				[
					...model.store.values(),
					...model.shelf.values(),
					...[...model.trash.values()].map(each => each.backup),
					...gone.values(),
				].map(backup => [backup.sha256, backup]),
			);
			const trashed = [...byPath.values()].filter(({place}) => place === 'trash').map(({sha256}) => sha256);
			if (trashed.length !== items.length) {
				throw new Broken(`the trash lists ${items.length} and holds ${trashed.length}`);
			}

			for (const [id, {key}] of [...model.trash]) {
				if (!items.some(item => item.id === id)) {
					const isBack = request.type === 'trash-restore' && model.store.has(key);
					const isEmptied = request.type === 'trash-empty' && request.ids.includes(id);
					if (!isBack && !isEmptied) {
						throw new Broken(`${key} is gone from the trash`);
					}

					model.trash.delete(id);
				}
			}

			for (const {id, key} of items) {
				if (!model.trash.has(id)) {
					const sha256 = [...byPath].find(([path]) => path.includes(`/${id}/`))?.[1].sha256 ?? '';
					const backup = backups.get(sha256);
					if (request.type !== 'delete' || backup === undefined) {
						throw new Broken(`${key} came into the trash from nowhere`);
					}

					model.trash.set(id, {key, backup, pinned: false});
				}
			}
		});
	};

	const gone = new Map<string, {readonly sha256: string; readonly tree: Tree}>();

	const playDeath = async (random: Random): Promise<string> => {
		const play = choose(random);
		if (play === null || play.refusal !== undefined) {
			return 'nothing to die in';
		}

		const {request} = play;
		const allowed = random.below(request.type === 'restore' || request.type === 'undo' ? 160 : 40);
		const mortal = mortalDisk(allowed);
		gone.clear();
		for (const [key, backup] of model.store) {
			gone.set(key, backup);
		}

		const saidBefore = await undoSaid();
		let finished: JobFinished | null = null;
		try {
			finished = await use(async engine => runJob(engine, request), mortal.disk);
		} catch {
			// It died before it began.
		}

		if (!mortal.isDead()) {
			if (finished?.outcome !== 'done') {
				throw new Broken(`${request.type} ended as ${finished?.outcome}: ${finished?.error?.message ?? ''}`);
			}

			play.apply(model, finished);
			return `${request.type}, got away`;
		}

		life = nextLife();
		count(`deaths in ${request.type} jobs`);
		await use(async engine => startUp(engine, {...world, target}));
		await use(async engine => succeed(engine, {type: 'recover', target, leftoverIds: 'all'}));
		checkTidy(world, false);
		const outcome = await settleAfterDeath(play, {finished, saidBefore});
		await adopt(request);
		for (const path of [...model.shelf.keys()].filter(each => !existsSync(each))) {
			throw new Broken(`${path} is gone`);
		}

		const copy = request.type === 'export' ? request.destination : request.type === 'create' ? request.path : undefined;
		if (copy !== undefined && existsSync(copy)) {
			play.apply(model, finished);
		}

		count(`deaths that ended with the ${outcome}`);
		return `${request.type}, dead after ${allowed} calls, ${outcome}`;
	};

	return {
		async play(random) {
			const kind = random.below(100);
			let what: string;
			if (kind < 30) {
				what = disturb(random);
				count('changes of the data by others');
			} else if (kind < 36) {
				what = await pin(random);
			} else if (kind < 40) {
				const offset = random.pick([0, -3_600_000, 2 * 86_400_000, -20 * 365 * 86_400_000]) ?? 0;
				setClock(offset);
				count('jumps of the clock');
				what = `the clock jumps to ${offset} ms from now`;
			} else if (kind < 70) {
				const play = choose(random);
				what = play === null ? 'nothing to do' : await playJob(play);
			} else {
				what = await playDeath(random);
			}

			try {
				await check();
			} catch (error) {
				throw error instanceof Broken ? new Broken(`${what}: ${error.message}`) : error;
			}

			return what;
		},
	};
};
