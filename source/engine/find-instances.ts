/** Looking for instances on this host. What printkeep knows itself is asked first, and never waits for a plugin. */
import type {Instance, Params, Result} from '../client/protocol.js';
import {isPluginKind} from '../client/server-kind.js';
import {isPrintkeepError, PrintkeepError, toErrorData} from '../errors.js';
import {uniqueName} from '../servers/instance-names.js';
import {adapterFor} from './adapter-for.js';
import type {EnginePorts} from './ports.js';

type Found = Result<'instances.find'>;

/** Instances in folders that are there already under another kind are left out, and no two have the same name. */
const withMore = (all: Found, more: Found): Found => {
	const folders = new Set(all.found.map(({dataFolder}) => dataFolder));
	const names = new Set(all.found.map(({name}) => name));
	const found: Instance[] = [...all.found];
	for (const instance of more.found) {
		if (!folders.has(instance.dataFolder)) {
			const name = names.has(instance.name) ? uniqueName(instance.dataFolder, names) : instance.name;
			folders.add(instance.dataFolder);
			names.add(name);
			found.push({...instance, name});
		}
	}

	return {
		found,
		unusable: [...all.unusable, ...more.unusable].filter(({dataFolder}) => !folders.has(dataFolder)),
	};
};

/** Everything there is on this host; what plugins know only when they are to be asked. A plugin that fails is told as its failure, and hides nothing. */
export const findInstances = async (
	ports: EnginePorts,
	{extraFolders, asksPlugins = false}: Params<'instances.find'>,
): Promise<Found> => {
	const find = async (adapter: Awaited<ReturnType<typeof adapterFor>>): Promise<Found> =>
		adapter.find(ports.server, extraFolders);
	const own = asksPlugins === 'only' ? [] : await Promise.all(Object.values(ports.adapters).map(find));
	const plugins = asksPlugins !== false ? await ports.pluginAdapters?.all() : undefined;
	const theirs = await Promise.all(
		(plugins ?? []).map(async adapter => find(adapter).catch((): Found => ({found: [], unusable: []}))),
	);
	return [...own, ...theirs].reduce(withMore, {found: [], unusable: []});
};

/**
 * Describes the instance in a folder. Plugins are asked where printkeep's own knowledge is not sure that the folder is what it takes it for.
 * @throws missing-folder, no-instance, source-unreadable, no-plugin, plugin-failed
 */
export const inspectInstance = async (
	ports: EnginePorts,
	{kind, ...params}: Params<'instances.inspect'>,
): Promise<Instance> => {
	if (kind !== undefined) {
		return (await adapterFor(ports, kind)).inspect(ports.server, params);
	}

	const own = Object.values(ports.adapters);
	const isSure = own.some(adapter => adapter.isSure?.(params.dataFolder, params.configFile));
	const plugins = isSure ? [] : ((await ports.pluginAdapters?.all()) ?? []);
	let refusal: unknown;
	let problem = '';
	for (const adapter of [...plugins, ...own]) {
		try {
			return await adapter.inspect(ports.server, params);
		} catch (error) {
			refusal = error;
			const {code, message} = toErrorData(error);
			if (isPluginKind(adapter.kind) && code !== 'no-instance' && code !== 'missing-folder') {
				problem ||= message;
			}
		}
	}

	// A plugin that failed may have been the one that knows this folder.
	throw problem === '' || !isPrintkeepError(refusal) || refusal.code !== 'no-instance'
		? refusal
		: new PrintkeepError(refusal.code, refusal.message, {hint: `${problem} ${refusal.hint}`.trim()});
};
