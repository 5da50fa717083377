/** An instance with a backup, live data that has changed since, and the questions every fault suite asks after something went wrong. */
import {execFileSync} from 'node:child_process';
import {copyFileSync, readdirSync, rmSync, unlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {expect} from 'vitest';
import {digestTree, type Tree} from '../helpers/digest-tree.js';
import {type MadeInstance, makeInstance} from '../helpers/make-instance.js';
import {type Output, parseJsonLines} from '../helpers/run-printkeep.js';
import {runPlainly} from './strace.js';

export type Scene = {
	/** Everything of the scene lies in here. */
	readonly place: string;
	readonly home: string;
	readonly store: string;
	readonly instance: MadeInstance;
	/** Options that name the instance and its store. */
	readonly target: readonly string[];
	/** Runs the shipped program. */
	readonly printkeep: (...args: readonly string[]) => Promise<Output>;
	/** Everything a restore may touch, described. */
	readonly look: () => Tree;
	/** Takes everything back to how it was when the scene was kept. */
	readonly reset: () => void;
	/** Keeps everything as it is now, to come back to. */
	readonly keep: () => void;
};

export type SceneOptions = {
	/** Bytes of G-code more, for phases that last. */
	readonly extraBytes?: number;
	/** Where the copy to come back to is kept; beside the scene unless said otherwise. */
	readonly template?: string;
};

/** The name of the backup of a scene. */
export const firstKey = 'first.zip';
/** An archive outside the store of a scene. */
export const incomingName = 'incoming.zip';

/** Fails with what the program said. */
export const expectSuccess = (output: Output): void => {
	expect(output.code, `${output.stderr}\n${output.stdout.slice(-2000)}`).toBe(0);
};

const changeLiveData = ({dataFolder, uploads, timelapse}: MadeInstance): void => {
	writeFileSync(join(dataFolder, 'config.yaml.new'), 'not in the backup\n');
	unlinkSync(join(dataFolder, 'users.yaml'));
	writeFileSync(join(uploads, 'benchy_0.2mm_PLA.gcode'), 'M84 ; printed since\n');
	writeFileSync(join(uploads, 'since.gcode'), 'G28\n');
	unlinkSync(join(timelapse, 'benchy_20260101120000.mp4.thumb.jpg'));
	const database = new DatabaseSync(join(dataFolder, 'data/PrintJobHistory/printJobHistory.db'));
	database.exec("UPDATE prints SET note = 'since' WHERE id < 20");
	database.close();
};

/** True for what is printkeep's own, which stays when data is exchanged. */
const isOwn = (path: string): boolean => /(?:^|\/)\.printkeep/u.test(path);

/**
 * Makes a scene in a folder: databases closed and live, links, uploads and timelapses outside the data folder, a backup named `first.zip`, the same archive as
 * `incoming.zip` outside the store, and live data that has changed since.
 */
export const makeScene = async (
	root: string,
	{extraBytes, template = join(root, 'template')}: SceneOptions = {},
): Promise<Scene> => {
	const place = join(root, 'place');
	const home = join(place, 'home');
	const store = join(place, 'store');
	const instance = makeInstance(place, {
		linkedUploads: true,
		externalTimelapse: true,
		...(extraBytes === undefined ? {} : {extraBytes}),
	});
	const target = ['--basedir', instance.dataFolder, '--store', store];
	const copy = (from: string, to: string): void => {
		rmSync(to, {recursive: true, force: true});
		execFileSync('cp', ['-a', from, to]);
	};

	const scene: Scene = {
		place,
		home,
		store,
		instance,
		target,
		printkeep: async (...args) => runPlainly([...args, ...target], home),
		look: () => ({
			...digestTree(instance.dataFolder, {skip: isOwn}),
			...Object.fromEntries(
				['gcode', 'timelapse'].flatMap(name =>
					Object.entries(digestTree(join(instance.elsewhere, name), {skip: isOwn})).map(([path, item]) => [
						`elsewhere/${name}/${path}`,
						item,
					]),
				),
			),
		}),
		reset() {
			copy(template, place);
		},
		keep() {
			copy(place, template);
		},
	};
	expectSuccess(await scene.printkeep('backup', '--no-nice', '--name', firstKey));
	copyFileSync(join(store, firstKey), join(place, incomingName));
	changeLiveData(instance);
	scene.keep();
	return scene;
};

/** Names of the finished archives in the store. */
export const finishedKeys = ({store}: Scene): readonly string[] =>
	readdirSync(store)
		.filter(name => name.endsWith('.zip') && !name.startsWith('.'))
		.sort();

const unfinished =
	/^\.printkeep-part-|\.tmp$|^stage-[0-9a-f]+$|^journal\.json|^aside-|\.lock(?:\.[0-9a-f]+)?$|-(?:journal|wal|shm)$/u;

/** Paths of everything in the scene that is half-done: partial archives, stages, journals, locks and what was on its way to a name. */
export const unfinishedThings = ({place, home}: Scene): readonly string[] => {
	const found: string[] = [];
	const visit = (folder: string, isPrintkeeps: boolean): void => {
		for (const entry of readdirSync(folder, {withFileTypes: true})) {
			const path = join(folder, entry.name);
			const own = isPrintkeeps || entry.name.startsWith('.printkeep');
			if (own && unfinished.test(entry.name) && !/rollback-[0-9a-f]+\//u.test(path)) {
				found.push(path);
			} else if (entry.isDirectory() && path !== home) {
				visit(path, own);
			}
		}
	};

	visit(place, false);
	return found;
};

type Verified = {readonly key: string; readonly ok: boolean};

/**
 * What has to hold after anything that went wrong: the next command works without being asked to repair anything, every archive with a final name is intact, the
 * backup that was there is still there, and the live data is exactly one of the given states.
 * @returns which of the states.
 */
export const checkIntact = async (scene: Scene, states: readonly Tree[], keys = [firstKey]): Promise<number> => {
	const next = await scene.printkeep('verify', '--all', '--json');
	expectSuccess(next);
	const {result} = parseJsonLines(next.stdout).at(-1) as {readonly result: {readonly results: readonly Verified[]}};
	const verified = result.results.filter(({ok}) => ok).map(({key}) => key);
	expect(verified.toSorted()).toEqual([...finishedKeys(scene)]);
	expect(verified).toEqual(expect.arrayContaining([...keys]));
	const now = scene.look();
	const state = states.findIndex(tree => JSON.stringify(tree) === JSON.stringify(now));
	if (state === -1) {
		// Says what is mixed: how it differs from the state that is nearest.
		const differences = states.map(tree =>
			[...new Set([...Object.keys(tree), ...Object.keys(now)])]
				.filter(path => JSON.stringify(tree[path]) !== JSON.stringify(now[path]))
				.map(path => `${path}: ${JSON.stringify(now[path])} for ${JSON.stringify(tree[path])}`),
		);
		expect(differences.toSorted((a, b) => a.length - b.length)[0]).toEqual([]);
	}

	return state;
};

/**
 * What has to hold after `recover`: nothing half-done is left, no lock of a dead process either, and it has not changed the data.
 * @param told output of the job; what it named as left behind may be there.
 */
export const checkCleaned = async (scene: Scene, told = ''): Promise<void> => {
	const before = scene.look();
	expectSuccess(await scene.printkeep('recover', '--yes', '--json'));
	expect(unfinishedThings(scene).filter(path => !told.includes(path))).toEqual([]);
	expect(scene.look()).toEqual(before);
};
