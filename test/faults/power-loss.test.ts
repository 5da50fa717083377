/**
 * Suite 1, power loss. Every operation that changes something durable runs on a disk that writes down what was done; for the moment after each step all
 * states that a power cut may leave are made (power/states.ts says which), printkeep is started on each, and everything it promises has to hold
 * (power/judge.ts). The same is done with what that recovery wrote down.
 */
import {createHash} from 'node:crypto';
import {afterAll, expect, test} from 'vitest';
import type {JobRequest} from '../../source/client/protocol.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {createCounts, isFull} from './counts.js';
import {
	copyFileSystem,
	describeFileSystem,
	type FileSystem,
	readFileSystem,
	writeFileSystem,
} from './power/file-system.js';
import {Broken, judge, type Snapshot, startUp, takeSnapshot, undoNow} from './power/judge.js';
import {type Recording, record} from './power/recorder.js';
import {type Scenario, scenarios} from './power/scenarios.js';
import {type CrashState, statesAfter} from './power/states.js';
import {canMount, fastParent, makeWorld, runJob, succeed, type World} from './power/world.js';

const counts = createCounts('power loss');

afterAll(() => {
	counts.tell();
});

const hashes = new WeakMap<Buffer, string>();
const hashOf = (bytes: Buffer): string => {
	const known = hashes.get(bytes) ?? createHash('sha1').update(bytes).digest('hex');
	hashes.set(bytes, known);
	return known;
};

const textOf = (inodes: FileSystem): string => describeFileSystem(inodes, hashOf).join('\n');

/** What is true of a file system; it is put there for it, and again afterwards. */
const snapshotOf = async (world: World, inodes: FileSystem): Promise<Snapshot> => {
	writeFileSystem(inodes, world.root);
	return takeSnapshot(world, 'again');
};

/** Runs a job on a recording disk. @returns the record, which must tell what is really there */
const recordJob = async (
	world: World,
	request: JobRequest,
	{failing, syncsWhole = false}: Pick<Scenario, 'failing' | 'syncsWhole'>,
): Promise<Recording> => {
	const recording = record(world.root, failing?.(), syncsWhole);
	const {outcome, error} = await world.engine({disk: recording.disk}, async engine => runJob(engine, request));
	expect(outcome, error?.message).toBe(failing ? 'failed' : 'done');
	expect(textOf(recording.model)).toBe(textOf(readFileSystem(world.root)));
	return recording;
};

const lifeAfter = ({kind}: CrashState): 'killed' | 'rebooted' => (kind === 'killed' ? 'killed' : 'rebooted');

/** Promises that were broken in a test; all are gathered, since one is seldom the whole story. */
type Damages = Map<string, {readonly first: string; count: number}>;

const note = (
	damages: Damages,
	error: unknown,
	{scenario, state, steps}: {readonly scenario: string; readonly state: CrashState; readonly steps: Recording['steps']},
): void => {
	if (!(error instanceof Broken)) {
		throw error;
	}

	const last = steps
		.slice(Math.max(0, state.steps - 3), state.steps)
		.map(({call, path}) => `${call} ${path}`)
		.join('; ');
	// One line for what is the same but for names and numbers.
	const what = error.message.replaceAll(/[0-9a-f]{8,}/g, '…').slice(0, 160);
	const known = damages.get(what);
	if (known) {
		known.count++;
		return;
	}

	damages.set(what, {
		first: `${scenario}, power gone after step ${state.steps} of ${steps.length} (${last}), ${state.kind}: ${error.message}`,
		count: 1,
	});
};

/** The step from which a job that failed has noted for good that it goes back, so that nothing but the old may come of it. */
const turnedBackAt = ({steps}: Pick<Recording, 'steps'>): number => {
	const noted = steps.findIndex(({changes}) =>
		changes.some(change => change.type === 'data' && change.bytes.includes('"phase":"back"')),
	);
	const synced = steps.findIndex(({call}, step) => step > noted && call === 'syncDirectory');
	expect(noted).toBeGreaterThan(0);
	expect(synced).toBeGreaterThan(noted);
	return synced + 1;
};

type Bounds = {
	/** Moments of the job that are looked at. */
	readonly moments: number | 'all';
	/** States in which recovery itself is interrupted. */
	readonly recoveries: number;
	/** Moments of a recovery that are looked at. */
	readonly recoveryMoments: number;
	/** Recovered states in which an undo and a restore are tried. */
	readonly restores: number;
};

const bounds: Bounds = isFull
	? {moments: 'all', recoveries: 25, recoveryMoments: 10, restores: 1000}
	: {moments: 6, recoveries: 1, recoveryMoments: 4, restores: 3};

/** About so many items, spread evenly, the first and the last among them. */
const spread = <Item>(items: readonly Item[], count: number): readonly Item[] =>
	items.length <= count
		? items
		: Array.from(
				{length: count},
				(_, at) => items[Math.round((at * (items.length - 1)) / Math.max(1, count - 1))] as Item,
			);

/** Names that decide what a recovery does, or that an archive is whole. */
const turnsOn = ({call, path}: Recording['steps'][number]): boolean =>
	['rename', 'link', 'unlink'].includes(call) && /\/(journal|rollback|item|\.printkeep)\.json$|\.zip$/.test(path);

/**
 * Moments to look at: all of them; or some spread evenly, some right before a sync, when there is most to lose, and those after a record came, changed or
 * went.
 */
const momentsOf = ({steps}: Pick<Recording, 'steps'>, about: number | 'all'): readonly number[] => {
	const all = Array.from({length: steps.length + 1}, (_, number) => number);
	const beforeSyncs = all.filter(number => steps[number]?.call.startsWith('sync'));
	const turns = all.filter(number => {
		const step = steps[number - 1];
		return step !== undefined && turnsOn(step);
	});
	if (about === 'all') {
		return all;
	}

	const half = Math.ceil(about / 2);
	return [...new Set([...spread(all, half), ...spread(beforeSyncs, half), ...turns])].sort((x, y) => x - y);
};

/** All different states of some moments, each told once. */
function* differentStates(
	recording: Pick<Recording, 'initial' | 'steps'>,
	moments: number | 'all',
): Generator<CrashState> {
	const seen = new Set<string>();
	for (const number of momentsOf(recording, moments)) {
		for (const state of statesAfter(recording, number)) {
			const text = `${state.steps === recording.steps.length} ${textOf(state.inodes)}`;
			counts.add('states that a power cut can leave');
			if (!seen.has(text)) {
				seen.add(text);
				yield state;
			}
		}
	}
}

/** So many of the items, spread evenly, neither end among them. */
const amid = <Item>(items: readonly Item[], count: number): readonly Item[] =>
	items.length <= count
		? items
		: Array.from({length: count}, (_, at) => items[Math.floor(((at + 0.5) * items.length) / count)] as Item);

/** True when something was on its way. */
const isAmid = ({inodes}: CrashState): boolean =>
	/\/(journal\.json|item\.json|\.printkeep-part-[^/]+) /.test(describeFileSystem(inodes, hashOf).join('\n'));

/** Lets the power go in a recovery as well. */
const sweepRecovery = async (
	world: World,
	state: CrashState,
	{
		scenario,
		damages,
		...context
	}: {
		readonly scenario: string;
		readonly damages: Damages;
		readonly before: Snapshot;
		readonly after: Snapshot;
		readonly isDone: boolean;
		readonly seen: Set<string>;
	},
): Promise<void> => {
	writeFileSystem(state.inodes, world.root);
	const recording = record(world.root);
	await world.engine({disk: recording.disk, life: lifeAfter(state)}, async engine => startUp(engine, world));
	for (const inner of differentStates(recording, bounds.recoveryMoments)) {
		writeFileSystem(inner.inodes, world.root);
		try {
			await judge(world, {...context, life: 'again', mayDouble: state.mayDouble || inner.mayDouble});
		} catch (error) {
			note(damages, error, {
				scenario: `${scenario}, ${state.kind} after step ${state.steps}, then in the recovery`,
				state: inner,
				steps: recording.steps,
			});
		}

		counts.add('recoveries after power was lost in a recovery');
	}
};

/** The state a recovery left must be good for more: undo brings back what it says, the next restore works. */
const tryAgain = async (world: World, expected: Snapshot['undone'], restore: JobRequest | undefined): Promise<void> => {
	const undone = await undoNow(world, 'again');
	expect(undone).toEqual(expected);
	if (undone !== null) {
		counts.add('undos that brought back what they said');
	}

	if (restore?.type === 'restore') {
		await world.engine({life: 'again'}, async engine => succeed(engine, restore));
		counts.add('restores that succeeded afterwards');
	}
};

const hasMounts = canMount();

test.each(
	scenarios.filter(({world}) => hasMounts || !world?.mounted).map(scenario => [scenario.name, scenario] as const),
)('%s', async (name, scenario) => {
	const world = makeWorld(temporaryDirectory(fastParent()), scenario.world);
	const {request, restore} = await scenario.prepare(world);
	const initial = readFileSystem(world.root);
	const before = await snapshotOf(world, initial);
	writeFileSystem(initial, world.root);
	const recording = await recordJob(world, request, scenario);
	const end = await snapshotOf(world, copyFileSystem(recording.model));
	let after = end;
	let turn = Number.POSITIVE_INFINITY;
	if (scenario.failing) {
		// Until it is turned back, a power cut can still have it finished: that is what the journal is for.
		expect(end).toEqual(before);
		turn = turnedBackAt(recording);
		writeFileSystem(initial, world.root);
		after = await snapshotOf(
			world,
			copyFileSystem((await recordJob(world, request, {syncsWhole: scenario.syncsWhole ?? false})).model),
		);
	}

	expect(after).not.toEqual(before);
	const afterOf = (state: CrashState): Snapshot => (state.steps >= turn ? end : after);

	counts.add('steps of the jobs', recording.steps.length);
	const outcomes = {old: 0, new: 0};
	const damages: Damages = new Map();
	const interrupted: CrashState[] = [];
	let used = 0;
	const seen = new Set<string>();
	for (const state of differentStates(recording, bounds.moments)) {
		writeFileSystem(state.inodes, world.root);
		const isDone = state.steps === recording.steps.length;
		try {
			const {outcome, isKnown} = await judge(world, {
				before,
				after: afterOf(state),
				isDone,
				life: lifeAfter(state),
				mayDouble: state.mayDouble,
				seen,
			});
			outcomes[outcome]++;
			counts.add(`recovered with the ${outcome} data`);
			if (!isKnown && !state.mayDouble && used < bounds.restores) {
				used++;
				const now = outcome === 'new' ? afterOf(state) : before;
				await tryAgain(world, now.undone, restore);
			}
		} catch (error) {
			note(damages, error, {scenario: name, state, steps: recording.steps});
		}

		counts.add('states replayed and recovered');
		if (isAmid(state)) {
			interrupted.push(state);
		}
	}

	for (const state of amid(interrupted, bounds.recoveries)) {
		await sweepRecovery(world, state, {
			scenario: name,
			damages,
			seen,
			before,
			after: afterOf(state),
			isDone: state.steps === recording.steps.length,
		});
	}

	expect([...damages.values()].map(({first, count}) => `${count} times: ${first}`).join('\n\n')).toBe('');
	if (scenario.changesData) {
		expect(outcomes.old).toBeGreaterThan(0);
	}

	expect(outcomes.new).toBeGreaterThan(0);
});

test('restores succeeded, and both ends were seen', () => {
	expect(counts.get('recovered with the old data')).toBeGreaterThan(0);
	expect(counts.get('recovered with the new data')).toBeGreaterThan(0);
	expect(counts.get('restores that succeeded afterwards')).toBeGreaterThan(0);
	expect(counts.get('undos that brought back what they said')).toBeGreaterThan(0);
	expect(counts.get('recoveries after power was lost in a recovery')).toBeGreaterThan(0);
});
