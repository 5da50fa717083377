/** The operations that change something durable, each with the surroundings in which it has most to lose. */

import * as fs from 'node:fs';
import {join} from 'node:path';
import type {JobRequest, RestoreChoice} from '../../../source/client/protocol.js';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {record} from './recorder.js';
import {changeInstance, put, settle, succeed, type World, type WorldOptions} from './world.js';

export type Scenario = {
	readonly name: string;
	readonly world?: WorldOptions;
	/** True when the data differs before and after, so that both must be seen. */
	readonly changesData: boolean;
	/** True has whole file systems synced, as large restores have. */
	readonly syncsWhole?: boolean;
	/** A disk on which the job fails, and takes back what it did. */
	readonly failing?: () => Disk;
	/** Makes the surroundings; returns the job in which the power goes, and a restore that must still work afterwards. */
	readonly prepare: (world: World) => Promise<{readonly request: JobRequest; readonly restore?: JobRequest}>;
};

/** The third thing on its way in cannot be moved. */
const failingArrival = (): Disk => {
	let arrivals = 0;
	return {
		...systemDisk,
		rename(from, to) {
			if (String(from).includes('/stage-') && !String(to).includes('/stage-') && ++arrivals === 3) {
				throw Object.assign(new Error('EBUSY: injected'), {code: 'EBUSY', syscall: 'rename'});
			}

			systemDisk.rename(from, to);
		},
	};
};

/** Runs a job that belongs to the surroundings; its dates are whole seconds, so that they can be copied exactly. */
const run = async <Type extends JobRequest['type']>(world: World, request: Extract<JobRequest, {type: Type}>) =>
	world.engine({disk: record(world.root).disk}, async engine => succeed(engine, request));

const create = (world: World, note = ''): Extract<JobRequest, {type: 'create'}> => ({
	type: 'create',
	target: world.target,
	excludes: [],
	includes: [],
	note,
	trigger: 'manual',
});

const backUp = async (world: World, note?: string): Promise<string> =>
	(await run(world, create(world, note))).backup.key;

const restoreOf = (
	world: World,
	key: string,
	choice: Partial<RestoreChoice> = {},
): Extract<JobRequest, {type: 'restore'}> => ({
	type: 'restore',
	target: world.target,
	source: {type: 'backup', key},
	allowNewer: false,
	...choice,
});

const deletionOf = (world: World, keys: readonly string[]): Extract<JobRequest, {type: 'delete'}> => ({
	type: 'delete',
	target: world.target,
	keys,
	allowPinned: false,
});

const pin = async (world: World, key: string): Promise<void> => {
	await world.engine({disk: record(world.root).disk}, async engine =>
		engine.request('backup.pin', {target: world.target, key, pinned: true}),
	);
};

/** Two backups, the data changed after the first and after the second. */
const twoBackups = async (world: World): Promise<readonly [string, string]> => {
	const first = await backUp(world, 'first');
	changeInstance(world, 1);
	const second = await backUp(world, 'second');
	changeInstance(world, 2);
	return [first, second];
};

export const scenarios: readonly Scenario[] = [
	{
		name: 'create',
		changesData: false,
		async prepare(world) {
			const [first] = await twoBackups(world);
			return {request: create(world, 'third'), restore: restoreOf(world, first)};
		},
	},
	{
		name: 'create that takes over what has not changed',
		changesData: false,
		async prepare(world) {
			// Files made just now count as unchanged only later.
			world.setClock(60_000);
			const first = await backUp(world, 'first');
			const {reused} = await run(world, create(world, 'second'));
			if (reused.files === 0) {
				throw new Error('Nothing was taken over.');
			}

			put(join(world.target.instance.dataFolder, 'data/plugin.json'), '{"later":true}');
			return {request: create(world, 'third'), restore: restoreOf(world, first)};
		},
	},
	{
		name: 'restore',
		changesData: true,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			return {request: restoreOf(world, first), restore: restoreOf(world, second)};
		},
	},
	{
		name: 'restore with the store in the data folder',
		syncsWhole: true,
		world: {storeInside: true, plain: true},
		changesData: true,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			return {request: restoreOf(world, first), restore: restoreOf(world, second)};
		},
	},
	{
		name: 'restore into a data folder that is a disk of its own',
		world: {mounted: true, plain: true},
		changesData: true,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			return {request: restoreOf(world, first), restore: restoreOf(world, second)};
		},
	},
	{
		name: 'restore that replaces a rollback copy',
		world: {plain: true},
		changesData: true,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			await run(world, restoreOf(world, first));
			changeInstance(world, 3);
			return {request: restoreOf(world, second), restore: restoreOf(world, first)};
		},
	},
	{
		name: 'restore that only brings something to the other disk',
		world: {plain: true},
		changesData: true,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			// Nothing of what lies there leaves, neither for the rollback copy that goes nor for the one that comes.
			await run(world, restoreOf(world, first, {lowSpace: true}));
			fs.rmSync(join(world.root, 'far/gcode/a.gcode'));
			await run(world, restoreOf(world, first, {lowSpace: true}));
			fs.rmSync(join(world.root, 'far/gcode/a.gcode'));
			put(join(world.target.instance.dataFolder, 'config.yaml'), 'server: {}\n', 0o600);
			settle(join(world.root, 'far/gcode'), 1_700_000_500);
			settle(join(world.root, 'octoprint'), 1_700_000_500);
			return {request: restoreOf(world, first, {lowSpace: true}), restore: restoreOf(world, second)};
		},
	},
	{
		name: 'restore that removes nothing',
		world: {plain: true},
		changesData: true,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			return {request: restoreOf(world, first, {mode: 'merge'}), restore: restoreOf(world, second)};
		},
	},
	{
		name: 'restore of the whole data folder',
		syncsWhole: true,
		world: {plain: true},
		changesData: true,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			return {request: restoreOf(world, first, {mode: 'exact'}), restore: restoreOf(world, second)};
		},
	},
	{
		name: 'restore with little space',
		syncsWhole: true,
		world: {plain: true},
		changesData: true,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			return {request: restoreOf(world, first, {lowSpace: true}), restore: restoreOf(world, second)};
		},
	},
	{
		name: 'restore of single files',
		world: {plain: true},
		changesData: true,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			return {
				request: restoreOf(world, first, {files: ['config.yaml', 'scripts/a.sh', 'uploads/sub']}),
				restore: restoreOf(world, second),
			};
		},
	},
	{
		name: 'restore that fails and is taken back',
		world: {plain: true},
		changesData: true,
		failing: failingArrival,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			return {request: restoreOf(world, first), restore: restoreOf(world, second)};
		},
	},
	{
		name: 'undo',
		world: {plain: true},
		changesData: true,
		async prepare(world) {
			const [first] = await twoBackups(world);
			await run(world, restoreOf(world, first));
			return {request: {type: 'undo', target: world.target}, restore: restoreOf(world, first)};
		},
	},
	{
		name: 'undo of an undo',
		world: {plain: true},
		changesData: true,
		async prepare(world) {
			const [first] = await twoBackups(world);
			await run(world, restoreOf(world, first));
			await run(world, {type: 'undo', target: world.target});
			return {request: {type: 'undo', target: world.target}, restore: restoreOf(world, first)};
		},
	},
	{
		name: 'import',
		world: {plain: true},
		changesData: false,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			const path = join(world.root, 'usb');
			fs.mkdirSync(path);
			fs.renameSync(join(world.target.store, second), join(path, 'other.zip'));
			return {
				request: {type: 'import', target: world.target, path: join(path, 'other.zip')},
				restore: restoreOf(world, first),
			};
		},
	},
	{
		name: 'export',
		world: {plain: true},
		changesData: false,
		async prepare(world) {
			const [first] = await twoBackups(world);
			const destination = join(world.root, 'usb');
			fs.mkdirSync(destination);
			return {
				request: {
					type: 'export',
					target: world.target,
					source: {type: 'backup', key: first},
					destination,
					parts: [],
					files: ['config.yaml'],
				},
				restore: restoreOf(world, first),
			};
		},
	},
	{
		name: 'delete into the trash',
		world: {plain: true},
		changesData: false,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			await pin(world, second);
			return {request: deletionOf(world, [first]), restore: restoreOf(world, second)};
		},
	},
	{
		name: 'delete for good',
		world: {plain: true},
		changesData: false,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			return {request: {...deletionOf(world, [first]), permanently: true}, restore: restoreOf(world, second)};
		},
	},
	{
		name: 'bring back from the trash',
		world: {plain: true},
		changesData: false,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			const {trashed} = await run(world, deletionOf(world, [first]));
			return {
				request: {type: 'trash-restore', target: world.target, ids: trashed.map(({id}) => id)},
				restore: restoreOf(world, second),
			};
		},
	},
	{
		name: 'empty the trash',
		world: {plain: true},
		changesData: false,
		async prepare(world) {
			const [first, second] = await twoBackups(world);
			await run(world, deletionOf(world, [first]));
			return {
				request: {type: 'trash-empty', target: world.target, ids: 'all'},
				restore: restoreOf(world, second),
			};
		},
	},
];
