/** A store with small real backups of a small instance, jobs run on it with a disk and a clock of the test's choice. */
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {JobRequest, JobResult, Target} from '../../../source/client/protocol.js';
import {type Clock, systemClock} from '../../../source/clock.js';
import {createBreathe} from '../../../source/engine/breathe.js';
import {type Catalog, createCatalog} from '../../../source/engine/catalog.js';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import type {JobContext} from '../../../source/engine/jobs/context.js';
import {createInlinePool} from '../../../source/engine/pool/pool.js';
import type {EnginePorts} from '../../../source/engine/ports.js';
import {type JobEnd, runJob} from '../../../source/engine/run-job.js';
import {listTrash} from '../../../source/engine/trash.js';
import {adapters} from '../../../source/servers/registry.js';
import {createRequest, makeTarget} from '../../helpers/engine-client.js';
import {makeServerPorts} from '../../helpers/server-ports.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

export const day = 24 * 60 * 60 * 1000;

/** Thousands of syncs are made in these tests, and none of them has to survive anything: memory will do. */
export const fastDirectory = (): string => temporaryDirectory(existsSync('/dev/shm') ? '/dev/shm' : undefined);

export type TrashScene = {
	readonly root: string;
	readonly store: string;
	readonly target: Target;
	/** The clock, to be turned by the test. */
	readonly time: {now: number};
	readonly ports: EnginePorts;
	readonly logs: string[];
	readonly run: (request: JobRequest, disk?: Disk) => Promise<JobEnd>;
	/** Runs a job that must succeed. */
	readonly result: <Type extends JobRequest['type']>(
		request: Extract<JobRequest, {type: Type}>,
	) => Promise<Extract<JobResult, {type: Type}>>;
	readonly backup: (name: string, disk?: Disk) => Promise<JobEnd>;
	readonly remove: (keys: readonly string[], disk?: Disk) => Promise<JobEnd>;
	readonly catalog: () => Promise<Catalog>;
	/** Names of what is in the trash, latest first. */
	readonly trashed: () => readonly string[];
	readonly ids: () => readonly string[];
};

/** Jobs on a store. */
export const sceneOn = (root: string, changes: Partial<Target> = {}): TrashScene => {
	const dataFolder = join(root, 'octoprint');
	const store = changes.store ?? join(root, 'store');
	const target = {...makeTarget(dataFolder, store), ...changes};
	const time = {now: Date.UTC(2026, 5, 1, 12)};
	const clock: Clock = {now: () => time.now, monotonic: systemClock.monotonic};
	let counter = 0;
	const ports: EnginePorts = {
		disk: systemDisk,
		clock,
		server: makeServerPorts(root),
		adapters,
		hostName: 'testhost',
		stateFolder: join(root, 'state'),
		// Predictable and never twice the same.
		randomHex: bytes => (++counter).toString(16).padStart(bytes * 2, '0'),
	};
	const logs: string[] = [];
	const catalog = async (): Promise<Catalog> => {
		const made = createCatalog(target, join(dataFolder, 'data/backup'), ports);
		await made.refresh();
		return made;
	};

	const context = (disk: Disk): JobContext => {
		const {signal} = new AbortController();
		return {
			ports: {...ports, disk},
			signal,
			breathe: createBreathe(clock, signal),
			pool: () => createInlinePool(disk),
			report: {
				phase: () => undefined,
				total: () => undefined,
				advance: () => undefined,
				currentFile: () => undefined,
				skipped: () => undefined,
				cancellable: () => undefined,
				log: (_level, text) => logs.push(text),
			},
		};
	};

	const run: TrashScene['run'] = async (request, disk = systemDisk) => runJob(context(disk), request, await catalog());
	return {
		root,
		store,
		target,
		time,
		ports,
		logs,
		run,
		async result<Type extends JobRequest['type']>(request: Extract<JobRequest, {type: Type}>) {
			const {result, error} = await run(request);
			if (result?.type !== request.type) {
				throw new Error(`The ${request.type} job failed: ${error?.message} ${error?.detail ?? ''}`);
			}

			return result as Extract<JobResult, {type: Type}>;
		},
		backup: async (name, disk) => run(createRequest(target, {name}), disk),
		remove: async (keys, disk) => run({type: 'delete', target, keys, allowPinned: true}, disk),
		catalog,
		trashed: () => listTrash(ports, target).items.map(({key}) => key),
		ids: () => listTrash(ports, target).items.map(({id}) => id),
	};
};

/** A new small instance with an empty store. */
export const newTrashScene = (changes: Partial<Target> = {}, root = fastDirectory()): TrashScene => {
	const dataFolder = join(root, 'octoprint');
	mkdirSync(join(dataFolder, 'uploads'), {recursive: true});
	mkdirSync(join(root, 'store'), {mode: 0o700});
	writeFileSync(join(dataFolder, 'config.yaml'), 'server: {}\n');
	writeFileSync(join(dataFolder, 'users.yaml'), 'admin: {}\n');
	writeFileSync(join(dataFolder, 'uploads/cube.gcode'), 'G28\n');
	return sceneOn(root, changes);
};
