/** The kinds of servers that plugins know, for the engine: which plugin knows one, and what it answers. */
import type {InstanceRef, PluginKind} from '../client/protocol.js';
import {toPluginKind} from '../client/server-kind.js';
import {safeText} from '../format/safe-text.js';
import type {ServerAdapter} from '../servers/adapter.js';
import {type AdapterPlugin, createPluginAdapter} from './adapter-bridge.js';
import type {PluginHost} from './host.js';
import type {PluginDescription} from './messages.js';
import {inOrder} from './order.js';

export type PluginAdapterLookup = {
	/** The adapter of a kind; one that knows nothing but its archives when no plugin that runs knows the kind. */
	readonly adapterOf: (kind: PluginKind) => Promise<ServerAdapter>;
	readonly allAdapters: () => Promise<readonly ServerAdapter[]>;
};

/** The adapter of a kind no plugin knows. */
export const unknownAdapter = (kind: PluginKind): ServerAdapter => createPluginAdapter(kind, null);

/** The plugins that have one, in their order. */
const withAdapter = (host: PluginHost): readonly PluginDescription[] =>
	inOrder(
		host.plugins().flatMap(({description}) => (description?.abilities.includes('adapter') ? [description] : [])),
		'adapter',
	);

/**
 * The first plugin that knows a kind is asked. One that failed is asked all the same, so that whoever needs it hears why it does not answer.
 * @param running the started host; null where there are no plugins.
 */
export const createAdapterLookup = (running: () => Promise<PluginHost | null>): PluginAdapterLookup => {
	const pluginOf = (
		host: PluginHost,
		{id, adapterTitle, adapterKind, adapterHas = []}: PluginDescription,
	): AdapterPlugin => ({
		id,
		title: adapterTitle || adapterKind || id,
		hasQuiesce: adapterHas.includes('quiesce'),
		hasReadiness: adapterHas.includes('readiness'),
		async ask(name, input, read, instance?: InstanceRef) {
			const about = instance && {
				name: instance.name,
				kind: instance.kind,
				dataFolder: instance.dataFolder,
				store: '',
			};
			const answer = await host.call(id, name, input, {instance: about ?? null});
			try {
				return read(answer);
			} catch (error) {
				throw host.refuse(id, `${name}: ${safeText(error instanceof Error ? error.message : String(error))}`, name);
			}
		},
	});

	return {
		async adapterOf(kind) {
			const host = await running();
			const found = host && withAdapter(host).find(({adapterKind}) => toPluginKind(adapterKind ?? '') === kind);
			return host && found ? createPluginAdapter(kind, pluginOf(host, found)) : unknownAdapter(kind);
		},
		async allAdapters() {
			const host = await running();
			const kinds = new Map<PluginKind, PluginDescription>();
			for (const description of host ? withAdapter(host) : []) {
				const kind = toPluginKind(description.adapterKind ?? '');
				if (!kinds.has(kind)) {
					kinds.set(kind, description);
				}
			}

			return host ? [...kinds].map(([kind, found]) => createPluginAdapter(kind, pluginOf(host, found))) : [];
		},
	};
};
