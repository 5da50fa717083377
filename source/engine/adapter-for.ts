import type {ServerKind} from '../client/protocol.js';
import {isPluginKind} from '../client/server-kind.js';
import {PrintkeepError} from '../errors.js';
import type {ServerAdapter} from '../servers/adapter.js';
import type {ManifestHeader} from './archive/types.js';
import type {EnginePorts} from './ports.js';

/** The code behind a kind of server. Nobody waits for plugins for a kind that printkeep knows itself. */
export const adapterFor = async (
	{adapters, pluginAdapters}: Pick<EnginePorts, 'adapters' | 'pluginAdapters'>,
	kind: ServerKind,
): Promise<ServerAdapter> => {
	if (!isPluginKind(kind)) {
		return adapters[kind];
	}

	if (!pluginAdapters) {
		throw new PrintkeepError(
			'no-plugin',
			`Servers of the kind ${kind} are known by a plugin only, and there are none.`,
		);
	}

	return pluginAdapters.of(kind);
};

/** The same with the parts an archive was made of. @param manifest null in archives of other programs */
export const adapterOfArchive = (
	adapter: ServerAdapter,
	manifest: Pick<ManifestHeader, 'parts'> | null,
): ServerAdapter => (manifest === null ? adapter : (adapter.withParts?.(manifest.parts) ?? adapter));
