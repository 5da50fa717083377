import * as v from 'valibot';
import {pluginPolicies, profiles, type ServerKind} from '../client/protocol.js';
import {isServerKind} from '../client/server-kind.js';
import type {PluginRecordData} from '../plugins/api.js';
import type {StoredSettings} from '../plugins/messages.js';
import {isBrought, symbolChoices} from './brought.js';
import type {InstanceSettings, OptionalInstanceSetting, Settings} from './schema.js';
import {defaultInstanceSettings, defaultSettings} from './schema.js';

const names = v.array(v.string());
const days = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3650));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Missing values are the defaults; keys that are not known here are another version's, and left alone. */
const instanceSchema = v.looseObject({
	kind: v.custom<ServerKind>(isServerKind),
	dataFolder: v.string(),
	configFile: v.optional(v.string()),
	python: v.optional(v.string()),
	store: v.optional(v.string()),
	excludes: v.optional(names),
	includes: v.optional(names),
	overdueAfterHours: v.optional(v.pipe(v.number(), v.minValue(1))),
	keepFreeMegabytes: v.optional(v.pipe(v.number(), v.minValue(0))),
	restoreUnsupported: v.optional(v.boolean()),
	trashDays: v.optional(days),
	keepRollbackDays: v.optional(days),
	serverUrl: v.optional(v.string()),
	apiKeyFile: v.optional(v.string()),
	stopCommand: v.optional(v.string()),
	startCommand: v.optional(v.string()),
	limitEntries: v.optional(count),
	limitTotalMegabytes: v.optional(v.pipe(v.number(), v.minValue(0))),
	limitRatio: v.optional(count),
	limitNameBytes: v.optional(count),
	profile: v.optional(v.picklist(profiles)),
	jobs: v.optional(count),
	maxMemoryMegabytes: v.optional(v.pipe(v.number(), v.minValue(1))),
	maxBytesPerSecond: v.optional(count),
	nice: v.optional(v.boolean()),
	skipUnchanged: v.optional(v.boolean()),
	pluginPolicy: v.optional(v.picklist(pluginPolicies)),
});

const brought = v.pipe(v.string(), v.check(isBrought));

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const settingsSchema = v.looseObject({
	// Each is checked on its own: valibot's objects leave out names like "constructor" without a word.
	instances: v.optional(v.custom<Readonly<Record<string, unknown>>>(isObject)),
	defaultInstance: v.optional(v.string()),
	symbols: v.optional(v.union([v.picklist(symbolChoices), brought])),
	theme: v.optional(v.union([v.literal('default'), brought])),
	color: v.optional(v.picklist(['auto', 'never'])),
	windowTitle: v.optional(v.boolean()),
	plugins: v.optional(v.array(v.object({source: v.string(), enabled: v.boolean(), id: v.exactOptional(v.string())}))),
	pluginSettings: v.optional(v.custom<Readonly<Record<string, unknown>>>(isObject)),
	pluginWizards: v.optional(v.record(v.string(), v.nullable(v.number()))),
});

const storedSchema = v.object({
	version: v.nullable(v.number()),
	values: v.custom<PluginRecordData>(isObject),
});

type InstanceFile = v.InferOutput<typeof instanceSchema>;

const optionalKeys = [
	'configFile',
	'python',
	'store',
	'serverUrl',
	'apiKeyFile',
	'stopCommand',
	'startCommand',
	'limitEntries',
	'limitTotalMegabytes',
	'limitRatio',
	'limitNameBytes',
	'profile',
	'jobs',
	'maxMemoryMegabytes',
	'maxBytesPerSecond',
	'nice',
	'skipUnchanged',
	'pluginPolicy',
] as const satisfies readonly OptionalInstanceSetting[];

const fromFile = (file: InstanceFile): InstanceSettings => ({
	kind: file.kind,
	dataFolder: file.dataFolder,
	...Object.fromEntries(optionalKeys.filter(key => file[key] !== undefined).map(key => [key, file[key]])),
	excludes: file.excludes ?? defaultInstanceSettings.excludes,
	includes: file.includes ?? defaultInstanceSettings.includes,
	overdueAfterHours: file.overdueAfterHours ?? defaultInstanceSettings.overdueAfterHours,
	keepFreeMegabytes: file.keepFreeMegabytes ?? defaultInstanceSettings.keepFreeMegabytes,
	restoreUnsupported: file.restoreUnsupported ?? defaultInstanceSettings.restoreUnsupported,
	trashDays: file.trashDays ?? defaultInstanceSettings.trashDays,
	keepRollbackDays: file.keepRollbackDays ?? defaultInstanceSettings.keepRollbackDays,
});

export type ParsedSettings =
	| {readonly type: 'settings'; readonly settings: Settings}
	/** `where` names the value in the file, `instances.octoprint.store`; empty when the file as a whole is wrong. */
	| {readonly type: 'damaged'; readonly where: string; readonly why: string};

const damaged = (issue: v.BaseIssue<unknown>, above: readonly string[]): ParsedSettings => ({
	type: 'damaged',
	where: [...above, v.getDotPath(issue)].filter(Boolean).join('.'),
	why: `${issue.expected === null || issue.type === 'custom' ? 'another value' : issue.expected} was expected`,
});

/** Reads the content of a settings file. Nothing is repaired: a value of a wrong type makes the file damaged. */
export const parseSettings = (content: string): ParsedSettings => {
	let json: unknown;
	try {
		json = JSON.parse(content);
	} catch {
		return {type: 'damaged', where: '', why: 'it is not valid JSON'};
	}

	if (Array.isArray(json)) {
		return {type: 'damaged', where: '', why: 'it holds a list instead of settings'};
	}

	const parsed = v.safeParse(settingsSchema, json);
	if (!parsed.success) {
		return damaged(parsed.issues[0], []);
	}

	const {instances: files = {}, ...rest} = parsed.output;
	const instances: [string, InstanceSettings][] = [];
	for (const [name, file] of Object.entries(files)) {
		const instance = v.safeParse(instanceSchema, file);
		if (!instance.success) {
			return damaged(instance.issues[0], ['instances', name]);
		}

		instances.push([name, fromFile(instance.output)]);
	}

	const pluginSettings: [string, StoredSettings][] = [];
	for (const [id, file] of Object.entries(rest.pluginSettings ?? {})) {
		const stored = v.safeParse(storedSchema, file);
		if (!stored.success) {
			return damaged(stored.issues[0], ['pluginSettings', id]);
		}

		pluginSettings.push([id, stored.output]);
	}

	return {
		type: 'settings',
		settings: {
			instances: Object.fromEntries(instances),
			defaultInstance: rest.defaultInstance ?? defaultSettings.defaultInstance,
			symbols: rest.symbols ?? defaultSettings.symbols,
			theme: rest.theme ?? defaultSettings.theme,
			color: rest.color ?? defaultSettings.color,
			windowTitle: rest.windowTitle ?? defaultSettings.windowTitle,
			plugins: rest.plugins ?? defaultSettings.plugins,
			pluginSettings: Object.fromEntries(pluginSettings),
			pluginWizards: rest.pluginWizards ?? defaultSettings.pluginWizards,
		},
	};
};

const isDefault = (key: string, value: unknown): boolean =>
	key in defaultInstanceSettings &&
	JSON.stringify(value) === JSON.stringify(defaultInstanceSettings[key as keyof typeof defaultInstanceSettings]);

/**
 * What is written for an instance: values equal to the defaults are left out, so that a better default of a later
 * version reaches everyone who never chose. Keys of another version in `previous` are kept.
 */
export const toFile = (settings: InstanceSettings, previous: unknown): Record<string, unknown> => {
	const known = new Set(Object.keys(instanceSchema.entries));
	const foreign = Object.entries(typeof previous === 'object' && previous !== null ? previous : {}).filter(
		([key]) => !known.has(key),
	);
	const own = Object.entries(settings).filter(([key, value]) => value !== undefined && !isDefault(key, value));
	return Object.fromEntries([...own, ...foreign]);
};
