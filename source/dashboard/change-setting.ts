import type {Part} from '../client/protocol.js';
import {changedOnly} from '../settings/changed-only.js';
import type {ParseContext, SettingKey} from '../settings/keys.js';
import {settingsFor} from '../settings/resolve-target.js';
import type {GlobalSettings, InstanceSettings, Settings} from '../settings/schema.js';
import type {SettingsStore} from '../settings/store.js';
import type {Model} from '../state/model.js';

/** The settings of the present instance: what is kept, else the defaults; undefined without an instance. */
export const ownSettings = ({
	settings,
	instance,
}: Pick<Model, 'settings' | 'instance'>): InstanceSettings | undefined =>
	instance === null ? undefined : (settings.instances[instance.name] ?? settingsFor(instance));

const globalOf = ({instances: _instances, ...rest}: Settings): GlobalSettings => rest;

/** A value as it is typed; empty when nothing is set, undefined when the key has no meaning here. */
export const typedValue = (key: SettingKey, model: Pick<Model, 'settings' | 'instance'>): string | undefined => {
	if (key.scope === 'global') {
		return key.format(globalOf(model.settings));
	}

	const own = ownSettings(model);
	return own === undefined ? undefined : key.format(own);
};

/** Names of the parts a list of parts may hold: those that are in by default for leaving out, the others for taking in. */
export const eligibleParts = (keyName: string, parts: readonly Part[]): readonly Part[] =>
	parts.filter(({inclusion}) => inclusion === (keyName === 'includes' ? 'excluded' : 'included'));

/**
 * Keeps a value. An instance that the settings do not know yet becomes known by it.
 * @param text as typed; empty goes back to the default.
 * @returns the settings as they are kept now.
 * @throws invalid-setting, and whatever writing the file runs into
 */
export const changeSetting = async (
	key: SettingKey,
	text: string,
	model: Pick<Model, 'settings' | 'instance'>,
	store: SettingsStore,
	context: ParseContext,
): Promise<Settings> => {
	if (key.scope === 'global') {
		const before = globalOf(store.read());
		await store.setGlobal(changedOnly(before, key.apply(before, text, context)));
	} else if (model.instance !== null) {
		const {name} = model.instance;
		const own = store.read().instances[name] ?? settingsFor(model.instance);
		await store.setInstance(name, key.apply(own, text, context));
	}

	return store.read();
};
