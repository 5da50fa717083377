import {join} from 'node:path';
import type {Instance, InstanceRef} from '../client/protocol.js';
import {isPluginKind} from '../client/server-kind.js';
import {toErrorData} from '../errors.js';
import {adapterFor} from './adapter-for.js';
import type {EnginePorts} from './ports.js';

/** The options `inspect` takes, of a reference. */
export const inspectOptions = ({dataFolder, name, configFile, python}: InstanceRef) => ({
	dataFolder,
	name,
	...(configFile === undefined ? {} : {configFile}),
	...(python === undefined ? {} : {python}),
});

/**
 * Describes an instance, also one whose folder is gone or cannot be read: its backups are needed then more than ever. The reason stands among its
 * problems.
 */
export const describeInstance = async (
	ports: Pick<EnginePorts, 'adapters' | 'pluginAdapters' | 'server'>,
	reference: InstanceRef,
): Promise<Instance> => {
	try {
		return await (await adapterFor(ports, reference.kind)).inspect(ports.server, inspectOptions(reference));
	} catch (error) {
		return {
			...reference,
			version: null,
			versionSource: 'unknown',
			foundBy: 'settings',
			nativeBackupFolder: isPluginKind(reference.kind) ? '' : join(reference.dataFolder, 'data', 'backup'),
			running: null,
			problems: [toErrorData(error, 'The data folder cannot be read').message],
		};
	}
};
