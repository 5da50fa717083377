import type {TargetOptions} from '../settings/resolve-target.js';
import type {SharedValues} from './shared-options.js';

/** The target options of a command line, with absolute paths. */
export const targetOptions = (
	{instance, basedir, config, store}: Partial<Pick<SharedValues, 'instance' | 'basedir' | 'config' | 'store'>>,
	absolute: (path: string) => string,
): TargetOptions => ({
	instance,
	basedir: basedir === undefined ? undefined : absolute(basedir),
	config: config === undefined ? undefined : absolute(config),
	store: store === undefined ? undefined : absolute(store),
});
