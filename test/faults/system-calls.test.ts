/** Kills the shipped program at its system calls, and makes them fail: whatever happens, data and backups are as they were or as they were to be. */
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type ErrorCode, exitCodeOf} from '../../source/errors.js';
import type {Tree} from '../helpers/digest-tree.js';
import {hasProgram} from '../helpers/requirements.js';
import {type Output, parseJsonLines} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {createCounts, isFull, sampled} from './counts.js';
import {
	checkCleaned,
	checkIntact,
	expectSuccess,
	finishedKeys,
	firstKey,
	incomingName,
	makeScene,
	type Scene,
} from './fault-scene.js';
import {type Call, mutatingCalls, readingCalls, runTraced} from './strace.js';

const counts = createCounts('system calls');
const secondKey = 'second.zip';

type Operation = {
	readonly name: string;
	/** What happens before, on top of a scene. */
	readonly prepare: (scene: Scene) => Promise<void>;
	readonly args: (scene: Scene) => readonly string[];
	/** Kills in the bounded part. */
	readonly kills: number;
	/** Names that must be in the store whatever happens. */
	readonly keeps?: readonly string[];
	/** Whether it has been run to its end. */
	readonly isDone: (scene: Scene, isNewTree: boolean) => boolean;
};

const restoreArguments = ['restore', firstKey, '--yes'];

const operations: readonly Operation[] = [
	{
		name: 'backup',
		prepare: async () => {},
		args: () => ['backup', '--name', secondKey],
		kills: 22,
		isDone: scene => finishedKeys(scene).includes(secondKey),
	},
	{
		name: 'restore',
		prepare: async () => {},
		args: () => restoreArguments,
		kills: 34,
		isDone: (_, isNewTree) => isNewTree,
	},
	{
		name: 'undo',
		prepare: async scene => expectSuccess(await scene.printkeep(...restoreArguments)),
		args: () => ['undo', '--yes'],
		kills: 8,
		isDone: (_, isNewTree) => isNewTree,
	},
	{
		name: 'delete',
		prepare: async scene => expectSuccess(await scene.printkeep('backup', '--name', secondKey)),
		args: () => ['delete', secondKey, '--yes'],
		kills: 6,
		isDone: scene => !finishedKeys(scene).includes(secondKey),
	},
	{
		name: 'import',
		prepare: async () => {},
		args: ({place}) => ['import', join(place, incomingName)],
		kills: 6,
		isDone: scene => finishedKeys(scene).includes(incomingName),
	},
];

type Lane = {
	readonly scene: Scene;
	readonly before: Tree;
	readonly after: Tree;
	readonly calls: readonly Call[];
	readonly files: number;
};

const root = makeTemporaryDirectory();
const hasStrace = hasProgram('strace', 'strace');

beforeAll(() => {
	expect(hasStrace || process.env.CI !== 'true').toBe(true);
});

afterAll(() => {
	removeDirectory(root);
	counts.tell();
});

let lanes = 0;

/** A scene made ready for an operation, with what it does in an undisturbed run. Two of them work beside each other. */
const makeLane = async ({prepare, args, isDone}: Operation): Promise<Lane> => {
	lanes += 1;
	const scene = await makeScene(join(root, `lane-${lanes}`));
	await prepare(scene);
	scene.keep();
	const before = scene.look();
	const output = await runTraced([...args(scene), '--json', ...scene.target], {
		home: scene.home,
		calls: [...mutatingCalls, ...readingCalls],
	});
	expectSuccess(output);
	expect(isDone(scene, true)).toBe(true);
	return {scene, before, after: scene.look(), calls: output.calls, files: resultIn(output).result.files};
};

/** Says in a failure what had been done to the program. */
const explained = async (what: string, work: () => Promise<void>): Promise<void> => {
	try {
		await work();
	} catch (error) {
		if (error instanceof Error) {
			error.message = `${what}\n${error.message}`;
		}

		throw error;
	}
};

const inParallel = async <Item>(
	items: readonly Item[],
	lanes: readonly Lane[],
	work: (item: Item, lane: Lane) => Promise<void>,
): Promise<void> => {
	const waiting = [...items];
	await Promise.all(
		lanes.map(async lane => {
			for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
				await work(item, lane);
			}
		}),
	);
};

type Point = {readonly name: string; readonly number: number; readonly text: string};

/**
 * The calls at which something can be done to a run: each name and number once, since strace takes the first thread that gets there; of those only
 * what touches the scene.
 */
const pointsIn = (calls: readonly Call[], scene: Scene): readonly Point[] => {
	const seen = new Set<string>();
	return calls.filter(({name, number, text}) => {
		const id = `${name} ${number}`;
		const isFirst = !seen.has(id);
		seen.add(id);
		return isFirst && isOfScene(text, scene);
	});
};

/** True for calls on data, backups and what lies beside them; not for where a Python or settings are looked for. */
const isOfScene = (text: string, {place, home}: Scene): boolean =>
	text.includes(`${place}/`) &&
	!text.includes(`${place}/plugins/`) &&
	(!text.includes(home) || text.includes('/.config/'));

const changes = (point: Point): boolean =>
	(mutatingCalls as readonly string[]).includes(point.name) &&
	(point.name !== 'openat' || point.text.includes('O_CREAT'));

/** What makes two calls the same place in the program, whatever random names it chose. */
const siteOf = ({name, text}: Pick<Call, 'name' | 'text'>): string =>
	`${name} ${text.replaceAll(/[0-9a-f]{12,}/gu, '…')}`;

describe.skipIf(!hasStrace)('killed at a system call', () => {
	for (const operation of operations) {
		test(`${operation.name}: the next command recovers, and nothing is lost`, async () => {
			const pair = await Promise.all([makeLane(operation), makeLane(operation)]);
			const [{calls, scene: first}] = pair;
			const points = pointsIn(calls, first).filter(changes);
			const sites = new Set<string>();
			let states = [0, 0];
			let checked = 0;
			await inParallel(sampled(points, operation.kills), pair, async ({name, number}, {scene, before, after}) => {
				scene.reset();
				const {code, injected} = await runTraced([...operation.args(scene), ...scene.target], {
					home: scene.home,
					inject: `${name}:signal=KILL:when=${number}`,
					calls: [name],
				});
				if (code !== 137) {
					counts.add('runs that were over before the call came, not counted');
					return;
				}

				for (const call of injected) {
					sites.add(siteOf(call));
				}

				checked += 1;
				counts.add(`kills in ${operation.name}`);
				const isChosen = isFull || checked % 3 === 0;
				await explained(`Killed before ${injected.map(siteOf).join()}, ${name} ${number}`, async () => {
					const state = await checkIntact(scene, [before, after]);
					states = states.map((count, index) => count + (index === state ? 1 : 0));
					if (isChosen) {
						await checkCleaned(scene);
						if (!operation.isDone(scene, state === 1)) {
							expectSuccess(await scene.printkeep(...operation.args(scene)));
							expect(operation.isDone(scene, JSON.stringify(scene.look()) === JSON.stringify(after))).toBe(true);
							counts.add('run again after a kill, to the end');
						}

						expectSuccess(await scene.printkeep(...restoreArguments));
						counts.add('restores that succeeded');
					}
				});
			});
			counts.add('different calls killed at', sites.size);
			expect(checked).toBeGreaterThanOrEqual(operation.kills * 0.8);
			if (operation.name === 'restore' || operation.name === 'undo') {
				// Kills on both sides of the exchange, or the sweep has missed it.
				expect(Math.min(...states)).toBeGreaterThan(0);
			}
		});
	}
});

/** Which errors a call can give on a bad day, whether it makes, changes or only looks. */
const failures: ReadonlyArray<{
	readonly name: string;
	readonly errors: readonly string[];
	readonly at: (point: Point) => boolean;
}> = [
	{name: 'openat', errors: ['EACCES', 'EROFS', 'ENOSPC', 'EMFILE', 'EIO'], at: ({text}) => text.includes('O_CREAT')},
	{name: 'openat', errors: ['EACCES', 'EIO', 'EMFILE'], at: ({text}) => !text.includes('O_CREAT')},
	{name: 'pwrite64', errors: ['ENOSPC', 'EIO', 'EROFS'], at: () => true},
	{name: 'fsync', errors: ['EIO', 'ENOSPC'], at: () => true},
	{name: 'rename', errors: ['EIO', 'ENOSPC', 'EXDEV', 'EBUSY', 'EROFS', 'EACCES'], at: () => true},
	{name: 'link', errors: ['EACCES', 'ENOSPC', 'EXDEV', 'EIO'], at: () => true},
	{name: 'unlink', errors: ['EIO', 'EBUSY', 'EROFS'], at: () => true},
	{name: 'mkdir', errors: ['ENOSPC', 'EROFS', 'EACCES'], at: () => true},
	{name: 'rmdir', errors: ['EBUSY', 'EIO'], at: () => true},
	{name: 'chmod', errors: ['EROFS', 'EIO'], at: () => true},
	{name: 'lchown', errors: ['EIO'], at: () => true},
	{name: 'utimensat', errors: ['EROFS', 'EIO'], at: () => true},
	{name: 'ftruncate', errors: ['EIO', 'ENOSPC'], at: () => true},
	{name: 'pread64', errors: ['EIO'], at: () => true},
	{name: 'read', errors: ['EIO'], at: () => true},
	{name: 'getdents64', errors: ['EIO'], at: () => true},
	{name: 'close', errors: ['EIO'], at: () => true},
];

type Failure = Point & {readonly error: string; readonly isPersistent: boolean};

const failuresAt = (points: readonly Point[]): readonly Failure[] =>
	failures.flatMap(({name, errors, at}) => {
		const here = points.filter(point => point.name === name && at(point));
		return errors.flatMap(error =>
			here.flatMap(point => [false, true].map(isPersistent => ({...point, error, isPersistent}))),
		);
	});

type Refusal = {readonly code: ErrorCode; readonly message: string; readonly hint: string};

/** What a failed command said as its last line, in JSON. */
const refusalOf = (output: Output): Refusal => {
	const {error} = parseJsonLines(output.stdout).at(-1) as {readonly error?: Refusal};
	expect(error, `${output.stderr}\n${output.stdout.slice(-2000)}`).toBeDefined();
	return error ?? {code: 'bug', message: '', hint: ''};
};

/** Under which names an error may reach people. */
const wordsFor: Readonly<Record<string, readonly ErrorCode[]>> = {
	ENOSPC: ['no-space'],
	EROFS: ['read-only'],
	EACCES: ['permission-denied', 'source-unreadable', 'store-unwritable'],
	EIO: ['io-error', 'source-unreadable'],
	EMFILE: ['failed', 'source-unreadable', 'store-unwritable'],
	EXDEV: ['failed'],
	EBUSY: ['failed'],
};

type Success = {
	readonly exitCode: number;
	readonly result: {readonly files: number; readonly skipped: readonly unknown[]};
};

const resultIn = (output: Output): Success => parseJsonLines(output.stdout).at(-1) as Success;

/** What "done" has to mean: every file, or a list of those that are missing and another exit code. */
const expectAllTold = (output: Output, files: number): void => {
	const {exitCode, result} = resultIn(output);
	if (exitCode === 0) {
		expect(result.files).toBe(files);
		expect(result.skipped).toEqual([]);
	} else {
		expect(result.skipped).not.toEqual([]);
	}
};

describe.skipIf(!hasStrace)('a system call that fails', () => {
	for (const operation of operations.slice(0, 2)) {
		test(`${operation.name}: says so in a sentence with the right exit code, and changes nothing`, async () => {
			const pair = await Promise.all([makeLane(operation), makeLane(operation)]);
			const [{calls, files, scene: first}] = pair;
			const plans = failuresAt(pointsIn(calls, first));
			let injections = 0;
			await inParallel(
				sampled(plans, 48),
				pair,
				async ({name, number, error, isPersistent}, {scene, before, after}) => {
					scene.reset();
					const output = await runTraced([...operation.args(scene), '--json', ...scene.target], {
						home: scene.home,
						inject: `${name}:error=${error}:when=${number}${isPersistent ? '+' : ''}`,
						calls: [name],
					});
					const {injected, code} = output;
					if (injected.length === 0 || !isOfScene(injected[0]?.text ?? '', scene)) {
						counts.add('runs in which the call never came, not counted');
						return;
					}

					injections += 1;
					counts.add(`${error} in ${operation.name}`);
					const what = `${error} ${isPersistent ? 'from' : 'once at'} ${injected.map(siteOf)[0]}, ${name} ${number}, exit code ${code}: ${output.stderr}`;
					if (process.env.SHOW) console.log(what);
					await explained(what, async () => {
						if (code === 134) {
							// Node ends itself where it holds an error to be impossible, as when a file cannot be closed.
							counts.add('runs that Node itself gave up');
							await checkIntact(scene, [before, after]);
							return;
						}

						expect(output.stderr).not.toMatch(/\n\s+at |went wrong inside/u);
						const isSuccess = code === 0 || code === 3;
						const {code: why} = isSuccess ? {code: 'failed'} : refusalOf(output);
						if (!isSuccess) {
							expect(why).not.toBe('bug');
							expect(code).toBe(exitCodeOf(why as ErrorCode));
						}

						const state = await checkIntact(scene, [before, after]);
						expect(operation.isDone(scene, state === 1)).toBe(isSuccess);
					});
				},
			);
			expect(injections).toBeGreaterThan(30);
		});
	}
});
