import {randomBytes} from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type {Client} from '../../client/client.js';
import type {JobRequest, Target, Trigger} from '../../client/protocol.js';
import type {Clock} from '../../clock.js';
import type {Paths} from '../../settings/paths.js';
import {resolvePaths} from '../../settings/paths.js';
import {settingsFor} from '../../settings/resolve-target.js';
import {openSettings} from '../../settings/store.js';
import {toTarget} from '../../settings/to-target.js';
import {runJob} from '../run-job.js';
import type {System} from '../system.js';
import {makeDemoInstance} from './instance.js';
import type {DemoState} from './states.js';

export type Demo = {
	/** The folder that holds everything; nothing outside of it is touched. */
	readonly folder: string;
	readonly paths: Paths;
	/** The environment in which a printkeep sees the demo and nothing of the person's. */
	readonly environment: Readonly<Record<string, string | undefined>>;
};

const instanceName = 'demo-printer';
const hour = 3_600_000;

type Making = {readonly trigger: Trigger; readonly note: string; readonly excludes: readonly string[]};

/** How one of the made-up backups came about; `fromNewest` counts from 0. */
const makingOf = (fromNewest: number): Making => {
	if (fromNewest === 3) {
		return {trigger: 'preupgrade', note: 'before OctoPrint 1.11.8', excludes: []};
	}

	return fromNewest % 5 === 0
		? {trigger: 'manual', note: fromNewest === 0 ? 'new nozzle, new profiles' : '', excludes: []}
		: {trigger: 'auto', note: '', excludes: fromNewest % 2 === 0 ? ['timelapse'] : []};
};

/** Spoils copies in every way a store gets spoilt: cut off, bits turned, not an archive, not a backup. */
const addDamage = (store: string, keys: readonly string[]): void => {
	const copy = (from: string | undefined, to: string, change: (bytes: Buffer) => Buffer): void => {
		if (from !== undefined) {
			fs.writeFileSync(path.join(store, to), change(fs.readFileSync(path.join(store, from))), {mode: 0o600});
		}
	};

	copy(keys[0], 'cut-off.zip', bytes => bytes.subarray(0, Math.floor(bytes.length * 0.6)));
	copy(keys[1], 'bit-rot.zip', bytes => {
		const position = Math.floor(bytes.length / 2);
		bytes.writeUInt8(bytes.readUInt8(position) ^ 0x10, position);
		return bytes;
	});
	fs.writeFileSync(path.join(store, 'notes.zip'), 'this is no archive\n', {mode: 0o600});
	fs.writeFileSync(path.join(store, 'empty.zip'), '', {mode: 0o600});
	fs.writeFileSync(path.join(store, '.printkeep-part-0123456789abcdef.zip'), Buffer.alloc(4096), {mode: 0o600});
};

/** Copies under names that other programs and people would give. */
const addWideNames = (store: string, keys: readonly string[]): void => {
	const names = [
		'プリンター_バックアップ_2026-01-05.zip',
		'备份 （旧） 打印机.zip',
		'גיבוי.zip',
		`${'x'.repeat(120)}-end.zip`,
	];
	for (const [index, name] of names.entries()) {
		const from = keys[index];
		if (from !== undefined) {
			fs.copyFileSync(path.join(store, from), path.join(store, name));
		}
	}
};

const makeBackups = async (
	client: Client,
	system: System,
	{target, state, setNow}: {readonly target: Target; readonly state: DemoState; readonly setNow: (at: number) => void},
): Promise<readonly string[]> => {
	const keys: string[] = [];
	const now = system.clock.now();
	for (const [index, age] of state.ages.entries()) {
		setNow(now - age * hour);
		const request: Extract<JobRequest, {readonly type: 'create'}> = {
			type: 'create',
			target,
			includes: [],
			...makingOf(state.ages.length - 1 - index),
		};
		const {result} = await runJob<'create'>(client, request, {print: () => undefined, signals: system.signals});
		keys.push(result.backup.key);
		if (request.trigger === 'preupgrade') {
			await client.request('backup.pin', {target, key: result.backup.key, pinned: true});
		}
	}

	return keys;
};

/** Makes up an instance, a store and settings in a new folder below the temporary one. */
export const buildDemo = async (system: System, state: DemoState): Promise<Demo> => {
	const folder = path.join(system.temporaryFolder, `printkeep-demo-${randomBytes(6).toString('hex')}`);
	fs.mkdirSync(folder, {mode: 0o700});
	const environment = {
		...system.environment,
		HOME: path.join(folder, 'home'),
		PRINTKEEP_CONFIG_DIR: path.join(folder, 'settings'),
		XDG_DATA_HOME: path.join(folder, 'data'),
	};
	const dataFolder = path.join(folder, 'home', '.octoprint');
	await makeDemoInstance(dataFolder, state);
	const paths = resolvePaths({environment, homeDirectory: environment.HOME});
	const settings = settingsFor({name: instanceName, kind: 'octoprint', dataFolder});
	await openSettings(paths).setInstance(instanceName, settings);

	let now = system.clock.now();
	const clock: Clock = {now: () => now, monotonic: system.clock.monotonic};
	const client = await system.createClient({paths, environment, clock});
	try {
		const target = toTarget({name: instanceName, kind: 'octoprint', dataFolder}, settings, paths);
		const keys = await makeBackups(client, system, {
			target,
			state,
			setNow(at) {
				now = at;
			},
		});
		if (state.damage) {
			addDamage(target.store, keys);
		}

		if (state.wideNames) {
			addWideNames(target.store, keys);
		}
	} finally {
		await client.close();
	}

	return {folder, paths, environment};
};
