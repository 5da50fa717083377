/** One plugin's settings inside the plugin thread: what is stored over its defaults, with its own functions at every step. */
import {
	invalidSetting,
	type Plugin,
	type PluginContext,
	type PluginData,
	type PluginRecordData,
	type PluginSettingsAccess,
	type SettingsPath,
} from '../api.js';
import type {StoredSettings} from '../messages.js';
import {
	differencesTo,
	isTree,
	mergeOver,
	pathsMeet,
	preprocess,
	valueAt,
	withoutPaths,
	withValueAt,
} from '../settings-values.js';

export type ThreadSettings = PluginSettingsAccess & {
	/** Migrates what is stored when it is of another version, and tells the plugin that its settings are there. */
	readonly initialize: (context: PluginContext) => Promise<void>;
	/** As they may be shown: without what is restricted. */
	readonly visible: (context: PluginContext) => Promise<PluginRecordData>;
	/** Changes values, null for the default, and stores them. @throws when a path is restricted to nobody or the plugin refuses. */
	readonly change: (
		changes: readonly {readonly path: SettingsPath; readonly value: PluginData}[],
		context: PluginContext,
	) => Promise<void>;
	readonly clean: (context: PluginContext) => Promise<void>;
};

const treeOf = (value: unknown, what: string): PluginRecordData => {
	if (!isTree(value)) {
		throw new TypeError(`${what} did not answer with an object of settings.`);
	}

	return value;
};

/**
 * @param store keeps what is to be stored.
 */
export const createThreadSettings = (
	{settings}: Plugin,
	stored: StoredSettings | undefined,
	store: (stored: StoredSettings) => Promise<void>,
): ThreadSettings => {
	const defaults = settings?.defaults ?? {};
	const version = settings?.version ?? null;
	const restricted = Object.values(settings?.restricted ?? {}).flatMap(paths => paths ?? []);
	let values = stored?.values ?? {};
	let context: PluginContext | undefined;

	const effective = (): PluginRecordData => mergeOver(defaults, values);
	/** True for a setting there is. Below an empty object among the defaults, names are for the person to choose. */
	const isKnown = (path: SettingsPath): boolean =>
		valueAt(defaults, path) !== undefined ||
		valueAt(effective(), path) !== undefined ||
		path.some((_step, length) => {
			const above = length === 0 ? undefined : valueAt(defaults, path.slice(0, length));
			return isTree(above) && Object.keys(above).length === 0;
		});
	const save = async (): Promise<void> => {
		let different = differencesTo(defaults, effective());
		if (settings?.onSave && context) {
			different = differencesTo(defaults, treeOf(await settings.onSave(different, context), 'onSave'));
		}

		await store({version, values: different});
		values = different;
	};

	const put = (path: SettingsPath, value: PluginData): void => {
		const processed = value === null ? undefined : preprocess(settings?.preprocessors?.set, path, value);
		values = withValueAt(values, path, processed);
	};

	return {
		get(path = []) {
			const value = valueAt(effective(), path);
			return preprocess(settings?.preprocessors?.get, path, value);
		},
		set: put,
		save,
		async initialize(given) {
			context = given;
			const from = stored?.version ?? null;
			if (settings?.migrate && version !== null && (from === null || from < version)) {
				values = treeOf(await settings.migrate(version, from, values, given), 'migrate');
				// Nothing stored and nothing to store needs no file.
				if (stored || Object.keys(differencesTo(defaults, values)).length > 0) {
					await save();
				}
			}

			await settings?.onInitialized?.(given);
		},
		async visible(given) {
			const shown = settings?.onLoad
				? treeOf(await settings.onLoad(effective(), given), 'onLoad')
				: treeOf(preprocess(settings?.preprocessors?.get, [], effective()) ?? {}, 'A getter');
			return withoutPaths(shown, restricted);
		},
		async change(changes, given) {
			context = given;
			const never = settings?.restricted?.never ?? [];
			const before = values;
			try {
				for (const {path, value} of changes) {
					if (never.some(closed => pathsMeet(closed, path) || pathsMeet(path, closed))) {
						throw invalidSetting(`${path.join('.')} is not for anybody to change.`);
					}

					if (!isKnown(path)) {
						throw invalidSetting(`It has no setting called ${path.join('.')}.`);
					}

					if (value !== null && !isTree(value) && isTree(valueAt(defaults, path))) {
						throw invalidSetting(`${path.join('.')} is a group of settings and has no value of its own.`);
					}

					put(path, value);
				}

				await save();
			} catch (error) {
				values = before;
				throw error;
			}
		},
		async clean(given) {
			context = given;
			const different = differencesTo(defaults, effective());
			const kept = settings?.cleanup ? treeOf(await settings.cleanup(different, given), 'cleanup') : different;
			await store({version, values: kept});
			values = kept;
		},
	};
};
