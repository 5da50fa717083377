import type {GlobalSettings, InstanceSettings} from './schema.js';

/** What a value is read against. */
export type ParseContext = {
	/** Makes a path as typed absolute. */
	readonly resolvePath: (text: string) => string;
	/** Names of the instances in the settings. */
	readonly instanceNames: readonly string[];
	/** Names of the parts a person can leave out or take in; empty when they are not known. */
	readonly partNames: readonly string[];
};

type KeyBase = {
	readonly name: string;
	readonly title: string;
	/** What the value does, in a sentence or two. */
	readonly description: string;
	/** How a value is written: `DIR`, `DURATION`… */
	readonly placeholder: string;
	/** All values there are, where they can be listed. */
	readonly choices?: readonly string[];
	/** What plugins add to the choices, as `PLUGIN/NAME`. */
	readonly brought?: 'symbols' | 'themes';
	/** What holds when nothing is set, for a person. */
	readonly defaultText: string;
	/** The kind of editor that suits it. */
	readonly editor: 'choice' | 'text' | 'folder' | 'file' | 'parts';
};

export type InstanceSettingKey = KeyBase & {
	readonly scope: 'instance';
	/** The value as it is typed; empty when nothing is set. */
	readonly format: (settings: InstanceSettings) => string;
	/** The settings with this value; empty text goes back to the default. Error: `invalid-setting`. */
	readonly apply: (settings: InstanceSettings, text: string, context: ParseContext) => InstanceSettings;
};

export type GlobalSettingKey = KeyBase & {
	readonly scope: 'global';
	readonly format: (settings: GlobalSettings) => string;
	readonly apply: (settings: GlobalSettings, text: string, context: ParseContext) => GlobalSettings;
};

export type SettingKey = InstanceSettingKey | GlobalSettingKey;
