import * as fs from 'node:fs';
import {isDeepStrictEqual} from 'node:util';
import {PrintkeepError, toPrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {PluginEntry, StoredSettings} from '../plugins/messages.js';
import {parseSettings, toFile} from './file-schema.js';
import {writeGuarded} from './guarded-write.js';
import type {Paths} from './paths.js';
import type {GlobalSettings, InstanceSettings, Settings} from './schema.js';
import {defaultSettings} from './schema.js';

/** The settings of one person, on disk. */
export type SettingsStore = {
	/** The settings file; need not exist. */
	readonly path: string;
	/** Reads the file anew. Missing file: the defaults. Error: `invalid-setting` for a damaged file, which is never touched. */
	readonly read: () => Settings;
	/** Adds or replaces one instance. */
	readonly setInstance: (name: string, settings: InstanceSettings) => Promise<void>;
	readonly removeInstance: (name: string) => Promise<void>;
	/** Changes the list of plugins, as it is at that moment. */
	readonly changePlugins: (change: (entries: readonly PluginEntry[]) => readonly PluginEntry[]) => Promise<void>;
	/** Keeps what a plugin stores; null forgets it. */
	readonly setPluginSettings: (id: string, stored: StoredSettings | null) => Promise<void>;
	/** Changes settings that are not an instance's. */
	readonly setGlobal: (patch: Partial<GlobalSettings>) => Promise<void>;
};

const readFile = (file: string): Settings => {
	let content: string;
	try {
		content = fs.readFileSync(file, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return defaultSettings;
		}

		throw toPrintkeepError(error, `The settings file ${safeText(file)} could not be read`);
	}

	const parsed = parseSettings(content);
	if (parsed.type === 'damaged') {
		const where = parsed.where === '' ? '' : ` at ${safeText(parsed.where)}`;
		throw new PrintkeepError(
			'invalid-setting',
			`The settings file ${safeText(file)} is damaged${where}: ${parsed.why}.`,
			{hint: 'Correct the file, or move it away to start with the defaults. printkeep leaves it as it is.'},
		);
	}

	return parsed.settings;
};

const sameJson = (content: string, wanted: string): boolean => {
	try {
		return isDeepStrictEqual(JSON.parse(content), JSON.parse(wanted));
	} catch {
		return false;
	}
};

/**
 * Opens the settings in `paths.settingsFolder`; makes nothing until something is set. Writing goes through conf, which
 * replaces the file atomically, with what guarded-write.ts adds; it is loaded only then, since it takes longer to load than most commands take to run.
 */
export const openSettings = ({settingsFolder, settingsFile}: Paths): SettingsStore => {
	const changeAlone = async (
		apply: (raw: Record<string, unknown>) => Readonly<Record<string, unknown>>,
	): Promise<void> => {
		// A damaged file must be reported, not replaced by what conf makes of it.
		readFile(settingsFile);
		try {
			fs.mkdirSync(settingsFolder, {recursive: true, mode: 0o700});
			const {default: Conf} = await import('conf');
			const conf = new Conf<Record<string, unknown>>({
				cwd: settingsFolder,
				configName: 'settings',
				projectName: 'printkeep',
				projectSuffix: '',
				configFileMode: 0o600,
				clearInvalidConfig: false,
				accessPropertiesByDotNotation: false,
			});
			const {store} = conf;
			const wanted = JSON.stringify({...store, ...apply(store)});
			writeGuarded(
				settingsFile,
				() => conf.set(JSON.parse(wanted)),
				content => sameJson(content, wanted),
			);
		} catch (error) {
			throw toPrintkeepError(error, `The settings file ${safeText(settingsFile)} could not be written`);
		}
	};

	// Two that change different settings at the same time would each write back what the other replaced.
	const change: typeof changeAlone = async apply => {
		const {withMutex} = await import('../engine/mutex.js');
		return withMutex(settingsFile, async () => changeAlone(apply));
	};

	const instancesOf = (raw: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
		...(raw.instances as Record<string, unknown> | undefined),
	});

	return {
		path: settingsFile,
		read: () => readFile(settingsFile),
		setInstance: async (name, settings) =>
			change(raw => {
				const instances = instancesOf(raw);
				return {instances: {...instances, [name]: toFile(settings, instances[name])}};
			}),
		removeInstance: async name =>
			change(raw => {
				const {[name]: _removed, ...rest} = instancesOf(raw);
				return {instances: rest};
			}),
		changePlugins: async changeEntries => change(() => ({plugins: changeEntries(readFile(settingsFile).plugins)})),
		setPluginSettings: async (id, stored) =>
			change(raw => {
				const {[id]: _replaced, ...others} = {...(raw.pluginSettings as Record<string, unknown> | undefined)};
				return {pluginSettings: stored === null ? others : {...others, [id]: stored}};
			}),
		setGlobal: async patch => change(() => patch),
	};
};
