/** A restore's surroundings for tests: a real instance, a real backup of it, and jobs run with a disk of the test's choice. */
import {copyFileSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import type {
	JobPhase,
	JobRequest,
	JobResult,
	RestoreChoice,
	SkippedFile,
	Target,
} from '../../../source/client/protocol.js';
import {systemClock} from '../../../source/clock.js';
import {createBreathe} from '../../../source/engine/breathe.js';
import {createCatalog} from '../../../source/engine/catalog.js';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import type {JobContext} from '../../../source/engine/jobs/context.js';
import {runCreate} from '../../../source/engine/jobs/create.js';
import {runPlan} from '../../../source/engine/jobs/plan.js';
import {runRecover} from '../../../source/engine/jobs/recover.js';
import {runRestore} from '../../../source/engine/jobs/restore.js';
import {runUndo} from '../../../source/engine/jobs/undo.js';
import {createInlinePool, type Pool} from '../../../source/engine/pool/pool.js';
import type {EnginePorts} from '../../../source/engine/ports.js';
import {adapters} from '../../../source/servers/registry.js';
import {createRequest, makeTarget} from '../../helpers/engine-client.js';
import {type InstanceOptions, type MadeInstance, makeInstance} from '../../helpers/make-instance.js';
import {makeServerPorts} from '../../helpers/server-ports.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

export type Report = {
	readonly phases: JobPhase[];
	readonly skipped: SkippedFile[];
	readonly logs: string[];
	readonly cancellable: boolean[];
};

export type RunOptions = {
	readonly disk?: Disk;
	readonly signal?: AbortSignal;
	/** Does the tasks of the job; on this thread, through the disk, when missing. */
	readonly pool?: Pool;
	/** Called at every phase, to act in the middle of a job. */
	readonly onPhase?: (phase: JobPhase) => void;
};

export type Scene = {
	readonly root: string;
	readonly instance: MadeInstance;
	readonly target: Target;
	readonly ports: EnginePorts;
	readonly context: (options?: RunOptions) => JobContext & {readonly seen: Report};
	readonly create: (options?: Partial<Extract<JobRequest, {type: 'create'}>>) => Promise<string>;
	readonly plan: (path: string, options?: Choice) => Promise<Extract<JobResult, {type: 'plan'}>['plan']>;
	readonly restore: (path: string, options?: Choice & RunOptions) => Promise<Extract<JobResult, {type: 'restore'}>>;
	readonly undo: (options?: RunOptions) => Promise<Extract<JobResult, {type: 'undo'}>>;
	readonly recover: (options?: RunOptions) => Promise<Extract<JobResult, {type: 'recover'}>>;
};

type Choice = Partial<Omit<RestoreChoice, 'source'>> & {readonly allowNewer?: boolean};

/** Jobs on a target, in process, with nothing around them. */
export const makeScene = (
	target: Target,
	{root, instance}: {readonly root: string; readonly instance: MadeInstance},
): Scene => {
	let counter = 0;
	// A machine on which processes can be seen, and no server runs.
	mkdirSync(join(root, 'proc'), {recursive: true});
	const ports: EnginePorts = {
		disk: systemDisk,
		clock: systemClock,
		server: makeServerPorts(root),
		adapters,
		hostName: 'testhost',
		stateFolder: join(root, 'state'),
		// Predictable and never twice the same.
		randomHex: bytes => (++counter).toString(16).padStart(bytes * 2, '0'),
	};
	const context: Scene['context'] = ({
		disk = systemDisk,
		signal = new AbortController().signal,
		pool = createInlinePool(disk),
		onPhase,
	} = {}) => {
		const seen: Report = {phases: [], skipped: [], logs: [], cancellable: []};
		return {
			ports: {...ports, disk},
			signal,
			breathe: createBreathe(systemClock, signal),
			pool: () => pool,
			seen,
			report: {
				phase(phase) {
					seen.phases.push(phase);
					onPhase?.(phase);
				},
				total: () => undefined,
				advance: () => undefined,
				currentFile: () => undefined,
				skipped: file => seen.skipped.push(file),
				cancellable: value => seen.cancellable.push(value),
				log: (_level, text) => seen.logs.push(text),
			},
		};
	};

	const catalogOf = async (of: Target) => createCatalog(of, join(of.instance.dataFolder, 'data/backup'), ports);
	const choiceOf = (path: string, {target: other, to, parts, files, mode, keepSettings, lowSpace}: Choice) => ({
		target: other ?? target,
		source: {type: 'file', path} as const,
		...(to === undefined ? {} : {to}),
		...(parts === undefined ? {} : {parts}),
		...(files === undefined ? {} : {files}),
		...(mode === undefined ? {} : {mode}),
		...(keepSettings === undefined ? {} : {keepSettings}),
		...(lowSpace === undefined ? {} : {lowSpace}),
	});
	return {
		root,
		instance,
		target,
		ports,
		context,
		async create(options = {}) {
			const {backup} = await runCreate(context(), createRequest(target, options), await catalogOf(target));
			return backup.path;
		},
		plan: async (path, options = {}) =>
			(await runPlan(context(), {type: 'plan', ...choiceOf(path, options)}, await catalogOf(target))).plan,
		restore: async (path, options = {}) =>
			runRestore(
				context(options),
				{type: 'restore', allowNewer: options.allowNewer ?? false, ...choiceOf(path, options)},
				await catalogOf(target),
			),
		undo: async options => runUndo(context(options), {type: 'undo', target}),
		recover: async options => runRecover(context(options), {type: 'recover', target, leftoverIds: 'all'}),
	};
};

/** A new instance and jobs on it; removed when the test has finished. */
export const newScene = (options: InstanceOptions = {}): Scene => {
	const root = temporaryDirectory();
	const instance = makeInstance(root, options);
	mkdirSync(join(root, 'store'), {mode: 0o700});
	return makeScene(makeTarget(instance.dataFolder, join(root, 'store')), {root, instance});
};

/** Takes the backup out of the store, so that nothing a restore does can depend on the store. */
export const moveAside = (scene: Scene, backup: string): string => {
	const aside = join(scene.root, 'aside.zip');
	copyFileSync(backup, aside);
	return aside;
};
