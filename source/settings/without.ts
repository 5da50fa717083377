import type {InstanceSettings, OptionalInstanceSetting} from './schema.js';

/** A copy without the value, so that the default holds again. */
export const without = (settings: InstanceSettings, key: OptionalInstanceSetting): InstanceSettings => {
	const {[key]: _removed, ...rest} = settings;
	return rest;
};
