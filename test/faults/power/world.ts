/** A small instance with its store and its other disk in one folder, and jobs run on it by a real engine, on a disk and after a boot of the test's choice. */

import {execFileSync, spawnSync} from 'node:child_process';
import * as fs from 'node:fs';
import {existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import type {EngineEvent, JobRequest, JobResult, Target} from '../../../source/client/protocol.js';
import type {Clock} from '../../../source/clock.js';
import {systemClock} from '../../../source/clock.js';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {createEngine, type Engine} from '../../../source/engine/engine.js';
import {adapters} from '../../../source/servers/registry.js';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {makeTarget} from '../../helpers/engine-client.js';
import {makeServerPorts} from '../../helpers/server-ports.js';
import {makeDatabase} from '../../helpers/sqlite.js';
import {makeTemporaryDirectory, removeDirectory} from '../../helpers/temporary.js';

export type JobFinished = Extract<EngineEvent, {type: 'job-finished'}>;

/** What the next printkeep finds of the one that died: the same boot and its process gone, or a machine that was started once or twice more. */
export type Life = 'first' | 'killed' | 'rebooted' | 'again';

export type World = {
	/** Everything there is lies below this folder. */
	readonly root: string;
	readonly target: Target;
	/** Folders of the instance that lie elsewhere. */
	readonly outside: readonly string[];
	readonly clock: Clock;
	/** Lets the clock jump to so many milliseconds from now. */
	readonly setClock: (offset: number) => void;
	/** Runs something with an engine of its own. */
	readonly engine: <Result>(
		options: {readonly disk?: Disk; readonly life?: Life},
		use: (engine: Engine) => Promise<Result>,
	) => Promise<Result>;
	/** The instance's data, wherever it lies, without what is printkeep's own. */
	readonly tree: () => Tree;
};

/** Thousands of syncs are made here, and none of them has to survive anything: memory will do. */
export const fastParent = (): string | undefined => (existsSync('/dev/shm') ? '/dev/shm' : undefined);

let counter = 0;

/** Never twice the same in this process, as random numbers are. */
const randomHex = (bytes: number): string =>
	(++counter)
		.toString(16)
		.padStart(bytes * 2, '0')
		.slice(-bytes * 2);

/** A made-up `/proc` in which this process is who it is, somebody else after a kill, or on a machine that was started again. */
const makeProcessFolders = (parent: string): Readonly<Record<Life, string>> => {
	const make = (life: Life, boot: string, startTicks: number): string => {
		const folder = join(parent, `proc-${life}`);
		mkdirSync(join(folder, 'sys/kernel/random'), {recursive: true});
		writeFileSync(join(folder, 'sys/kernel/random/boot_id'), `${boot}\n`);
		mkdirSync(join(folder, String(process.pid)));
		writeFileSync(
			join(folder, String(process.pid), 'stat'),
			`${process.pid} (node) S ${Array.from({length: 18}, () => '0').join(' ')} ${startTicks} 0\n`,
		);
		return folder;
	};

	return {
		first: make('first', 'boot-one', 1000),
		killed: make('killed', 'boot-one', 2000),
		rebooted: make('rebooted', 'boot-two', 1000),
		again: make('again', 'boot-three', 1000),
	};
};

/** Starts a job as commands do, once the backups were listed, and waits for its end. @throws what the start is refused with */
export const runJob = async (engine: Engine, request: JobRequest): Promise<JobFinished> => {
	const {promise, resolve} = Promise.withResolvers<JobFinished>();
	const stop = engine.subscribe(event => {
		if (event.type === 'job-finished') {
			resolve(event);
		}
	});
	try {
		await engine.request('backups.list', {target: request.target, offset: 0, limit: 200});
		await engine.request('job.start', request);
		return await promise;
	} finally {
		stop();
	}
};

/** Runs a job that must succeed. */
export const succeed = async <Type extends JobRequest['type']>(
	engine: Engine,
	request: Extract<JobRequest, {type: Type}>,
): Promise<Extract<JobResult, {type: Type}>> => {
	const {result, error, outcome} = await runJob(engine, request);
	if (result?.type !== request.type || outcome !== 'done') {
		throw new Error(`The ${request.type} job ended as ${outcome}: ${error?.message} ${error?.detail ?? ''}`);
	}

	return result as Extract<JobResult, {type: Type}>;
};

export const put = (path: string, content: string | Buffer, mode = 0o644): void => {
	mkdirSync(join(path, '..'), {recursive: true});
	writeFileSync(path, content);
	fs.chmodSync(path, mode);
};

/** Gives everything below a folder dates in whole seconds, which every copy keeps exactly. */
export const settle = (folder: string, seconds: number): void => {
	for (const name of readdirSync(folder)) {
		const path = join(folder, name);
		if (fs.lstatSync(path).isDirectory()) {
			settle(path, seconds);
		} else {
			fs.lutimesSync(path, seconds + 1, seconds + 1);
		}
	}

	fs.utimesSync(folder, seconds, seconds);
};

/** A private folder in the data folder changes that folder's date when it comes and goes. */
const withoutOwnDate = (tree: Tree, {mounted}: WorldOptions): Tree => {
	const own = tree['.'];
	return mounted && own ? {...tree, '.': {...own, modifiedAt: 0}} : tree;
};

export type WorldOptions = {
	/** The store lies in the data folder, where restores have to leave it alone. */
	readonly storeInside?: boolean;
	/** The data folder is a file system of its own, so that printkeep's private folder has to lie in it. Needs the right to mount. */
	readonly mounted?: boolean;
	/** Leaves the database out: copying it takes most of a backup's time. */
	readonly plain?: boolean;
};

/** A small instance with everything a swap has to deal with: uploads elsewhere behind a link, backups of the server's, an empty folder, private files, links. */
const makeInstance = (
	root: string,
	{plain = false}: WorldOptions,
): {readonly dataFolder: string; readonly uploads: string} => {
	const dataFolder = join(root, 'octoprint');
	const uploads = join(root, 'far/gcode');
	mkdirSync(join(dataFolder, 'scripts/empty'), {recursive: true});
	mkdirSync(uploads, {recursive: true});
	fs.symlinkSync(uploads, join(dataFolder, 'uploads'));
	put(join(dataFolder, 'config.yaml'), 'server:\n  firstRun: false\n', 0o600);
	put(join(dataFolder, 'users.yaml'), 'admin: {}\n', 0o600);
	put(join(dataFolder, 'data/plugin.json'), '{"old": true}');
	put(join(dataFolder, 'data/backup/native.txt'), 'stays');
	put(join(dataFolder, 'scripts/a.sh'), '#!/bin/sh\n', 0o755);
	fs.symlinkSync('a.sh', join(dataFolder, 'scripts/b.sh'));
	put(join(uploads, 'a.gcode'), `G28\n${'G1 X1 Y1\n'.repeat(700)}`);
	put(join(uploads, 'sub/c.gcode'), 'G28\n');
	if (!plain) {
		mkdirSync(join(dataFolder, 'data/history'));
		makeDatabase(join(dataFolder, 'data/history/prints.db'), 3);
	}

	return {dataFolder, uploads};
};

/** True when file systems can be mounted here, which only root can; where nothing may be skipped, it is a failure when root cannot. */
export const canMount = (): boolean => {
	const folder = makeTemporaryDirectory();
	try {
		if (spawnSync('mount', ['-t', 'tmpfs', 'printkeep-test', folder]).status === 0) {
			execFileSync('umount', [folder]);
			return true;
		}
	} finally {
		removeDirectory(folder);
	}

	if (process.env.CI === 'true' && process.getuid?.() === 0) {
		throw new Error('tmpfs cannot be mounted here, and a proof that is skipped proves nothing');
	}

	console.warn('SKIPPED: no tmpfs can be mounted here, so data folders that are mount points are not tested');
	return false;
};

/** Makes a world in a new folder below `parent`. */
export const makeWorld = (parent: string, options: WorldOptions = {}): World => {
	const root = join(parent, 'root');
	mkdirSync(root);
	if (options.mounted) {
		const folder = join(root, 'octoprint');
		mkdirSync(folder);
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'printkeep-test', folder]);
		onTestFinished(() => {
			execFileSync('umount', [folder]);
		});
	}

	const {dataFolder, uploads} = makeInstance(root, options);
	const store = options.storeInside ? join(dataFolder, 'backups') : join(root, 'store');
	mkdirSync(store, {mode: 0o700});
	mkdirSync(join(root, 'state'), {mode: 0o700});
	settle(root, 1_700_000_000);
	const processFolders = makeProcessFolders(parent);
	const isOwn = (path: string): boolean => {
		const name = path.slice(path.lastIndexOf('/') + 1);
		return name.startsWith('.printkeep') || join(dataFolder, path) === store;
	};

	let ticks = 0;
	let jump = 0;
	return {
		root,
		target: makeTarget(dataFolder, store),
		outside: [uploads],
		// A millisecond passes with every look, so that nothing happens at the same time.
		clock: {now: () => Date.now() + jump + ++ticks, monotonic: systemClock.monotonic},
		setClock(offset) {
			jump = offset;
		},
		async engine({disk = systemDisk, life = 'first'}, use) {
			const engine = createEngine({
				disk,
				clock: this.clock,
				server: makeServerPorts(parent, {processFolder: processFolders[life]}),
				adapters,
				hostName: 'testhost',
				stateFolder: join(root, 'state'),
				randomHex,
			});
			try {
				return await use(engine);
			} finally {
				await engine.close();
			}
		},
		tree: () => ({
			...withoutOwnDate(digestTree(dataFolder, {skip: isOwn}), options),
			...Object.fromEntries(
				Object.entries(digestTree(uploads, {skip: isOwn})).map(([path, item]) => [`>${path}`, item]),
			),
		}),
	};
};

/** Changes the instance in every way a restore has to take back. */
export const changeInstance = ({root, target}: World, round = 1): void => {
	const {dataFolder} = target.instance;
	const uploads = join(root, 'far/gcode');
	put(join(dataFolder, 'config.yaml'), `server:\n  firstRun: false\nchanged: ${round}\n`, 0o600);
	put(join(dataFolder, 'data/plugin.json'), JSON.stringify({round}));
	put(join(dataFolder, `data/later-${round}.json`), '{}');
	put(join(uploads, `b-${round}.gcode`), `G29\n${'G1 X2 Y2\n'.repeat(round)}`);
	fs.rmSync(join(dataFolder, 'scripts'), {recursive: true, force: true});
	fs.rmSync(join(uploads, 'sub'), {recursive: true, force: true});
	put(join(dataFolder, 'printerProfiles/new.profile'), `id: ${round}\n`);
	for (const folder of ['data', 'printerProfiles']) {
		settle(join(dataFolder, folder), 1_700_000_100 + round);
	}

	for (const path of ['config.yaml', 'users.yaml', 'uploads']) {
		fs.lutimesSync(join(dataFolder, path), 1_700_000_200 + round, 1_700_000_200 + round);
	}

	settle(uploads, 1_700_000_300 + round);
	fs.utimesSync(dataFolder, 1_700_000_400 + round, 1_700_000_400 + round);
};
