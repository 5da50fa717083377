/** What the sweeps over system calls do to an instance, and the calls an undisturbed run of it makes. */
import {join} from 'node:path';
import {expect} from 'vitest';
import type {Tree} from '../helpers/digest-tree.js';
import {type Output, parseJsonLines} from '../helpers/run-printkeep.js';
import {
	expectSuccess,
	finishedKeys,
	firstKey,
	incomingName,
	makeScene,
	type Scene,
	type SceneOptions,
} from './fault-scene.js';
import {type Call, mutatingCalls, readingCalls, runTraced} from './strace.js';

export type Operation = {
	readonly name: 'backup' | 'restore' | 'undo' | 'delete' | 'import';
	/** What happens before, on top of a scene. */
	readonly prepare: (scene: Scene) => Promise<void>;
	readonly args: (scene: Scene) => readonly string[];
	/** Whether it has been run to its end. */
	readonly isDone: (scene: Scene, isNewTree: boolean) => boolean;
};

export const secondKey = 'second.zip';
export const restoreArguments = ['restore', firstKey, '--yes'] as const;

export const operations: readonly Operation[] = [
	{
		name: 'backup',
		prepare: async () => {},
		args: () => ['backup', '--no-nice', '--name', secondKey],
		isDone: scene => finishedKeys(scene).includes(secondKey),
	},
	{
		name: 'restore',
		prepare: async () => {},
		args: () => restoreArguments,
		isDone: (_, isNewTree) => isNewTree,
	},
	{
		name: 'undo',
		async prepare(scene) {
			expectSuccess(await scene.printkeep(...restoreArguments));
		},
		args: () => ['undo', '--yes'],
		isDone: (_, isNewTree) => isNewTree,
	},
	{
		name: 'delete',
		async prepare(scene) {
			expectSuccess(await scene.printkeep('backup', '--no-nice', '--name', secondKey));
		},
		args: () => ['delete', secondKey, '--yes'],
		isDone: scene => !finishedKeys(scene).includes(secondKey),
	},
	{
		name: 'import',
		prepare: async () => {},
		args: ({place}) => ['import', join(place, incomingName)],
		isDone: scene => finishedKeys(scene).includes(incomingName),
	},
];

/** A scene made ready for an operation, with what it does in an undisturbed run. */
export type Lane = {
	readonly scene: Scene;
	readonly before: Tree;
	readonly after: Tree;
	readonly calls: readonly Call[];
	/** Its result, in JSON. */
	readonly result: Result;
};

export type Result = {readonly files?: number; readonly skipped?: readonly unknown[]};

/** The result a command printed as its last line, in JSON. */
export const resultIn = (output: Output): Result =>
	(parseJsonLines(output.stdout).at(-1) as {readonly result: Result}).result;

/** @param root a folder of its own, whose path is the same in every run: links and settings name it. */
export const makeLane = async (
	{prepare, args, isDone}: Operation,
	root: string,
	options: SceneOptions = {},
): Promise<Lane> => {
	const scene = await makeScene(root, options);
	await prepare(scene);
	scene.keep();
	const before = scene.look();
	const output = await runTraced([...args(scene), '--json', ...scene.target], {
		home: scene.home,
		calls: [...mutatingCalls, ...readingCalls],
	});
	expectSuccess(output);
	const after = scene.look();
	expect(isDone(scene, JSON.stringify(before) !== JSON.stringify(after))).toBe(true);
	return {scene, before, after, calls: output.calls, result: resultIn(output)};
};

export type Point = Pick<Call, 'name' | 'number' | 'text'>;

/** True for calls on data, backups and what lies beside them; not for where a Python or settings are looked for. */
export const isOfScene = (text: string, {place, home}: Scene): boolean =>
	text.includes(`${place}/`) &&
	!text.includes(`${place}/plugins/`) &&
	(!text.includes(home) || text.includes('/.config/'));

/**
 * The calls at which something can be done to a run: each name and number once, since strace takes the first thread that gets there; of those only
 * what touches the scene.
 */
export const pointsIn = ({calls, scene}: Lane): readonly Point[] => {
	const seen = new Set<string>();
	return calls.filter(({name, number, text}) => {
		const id = `${name} ${number}`;
		const isFirst = !seen.has(id);
		seen.add(id);
		return isFirst && isOfScene(text, scene);
	});
};

/** What makes two calls the same place in the program, whatever random names it chose. */
export const siteOf = ({name, text}: Pick<Call, 'name' | 'text'>): string =>
	`${name} ${text.replaceAll(/lane-\d|[0-9a-f]{12,}/gu, '…')}`;
