/** From settings to what the engine is given. */
import type {Effort, InstanceRef, LimitSettings, ServiceSettings, Target} from '../client/protocol.js';
import type {Paths} from './paths.js';
import {defaultStore} from './paths.js';
import type {InstanceSettings} from './schema.js';
import {defaultInstanceSettings} from './schema.js';

/** An object without the values that are not set, under a name; nothing at all when none is set. */
const group = <Name extends string, Values extends object>(
	name: Name,
	values: {readonly [Key in keyof Values]-?: Values[Key] | undefined},
): {readonly [Key in Name]?: Values} => {
	const set = Object.entries(values).filter(([, value]) => value !== undefined);
	return (set.length === 0 ? {} : {[name]: Object.fromEntries(set)}) as {readonly [Key in Name]?: Values};
};

const limitsOf = (settings: InstanceSettings): {readonly limits?: LimitSettings} =>
	group<'limits', LimitSettings>('limits', {
		entries: settings.limitEntries,
		totalBytes: settings.limitTotalMegabytes === undefined ? undefined : settings.limitTotalMegabytes * 1_000_000,
		entryRatio: settings.limitRatio,
		nameBytes: settings.limitNameBytes,
	});

const serviceOf = (settings: InstanceSettings): {readonly service?: ServiceSettings} =>
	group<'service', ServiceSettings>('service', {
		url: settings.serverUrl,
		keyFile: settings.apiKeyFile,
		stopCommand: settings.stopCommand,
		startCommand: settings.startCommand,
	});

const effortOf = (settings: InstanceSettings): {readonly effort?: Effort} =>
	group<'effort', Effort>('effort', {
		profile: settings.profile,
		jobs: settings.jobs,
		maxMemoryBytes: settings.maxMemoryMegabytes === undefined ? undefined : settings.maxMemoryMegabytes * 1_000_000,
		maxBytesPerSecond: settings.maxBytesPerSecond,
		nice: settings.nice,
	});

/** What a job is given for an instance and its settings. */
export const toTarget = (
	instance: InstanceRef,
	settings: InstanceSettings,
	paths: Paths,
	store: string | undefined = settings.store,
): Target => ({
	instance: {
		name: instance.name,
		kind: instance.kind,
		dataFolder: instance.dataFolder,
		...(instance.configFile === undefined ? {} : {configFile: instance.configFile}),
		...(instance.python === undefined ? {} : {python: instance.python}),
	},
	store: store ?? defaultStore(paths, instance.name),
	keepFreeBytes: settings.keepFreeMegabytes * 1_000_000,
	restoreUnsupported: settings.restoreUnsupported,
	...(settings.trashDays === defaultInstanceSettings.trashDays ? {} : {trashDays: settings.trashDays}),
	...(settings.keepRollbackDays === defaultInstanceSettings.keepRollbackDays
		? {}
		: {rollbackDays: settings.keepRollbackDays}),
	...limitsOf(settings),
	...effortOf(settings),
	...(settings.skipUnchanged === true ? {skipUnchanged: true} : {}),
	...(settings.pluginPolicy === undefined ? {} : {pluginPolicy: settings.pluginPolicy}),
	...serviceOf(settings),
});
