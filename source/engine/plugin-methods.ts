/** The methods of the protocol that are about plugins. */
import type {MethodName, Params, Result, Target} from '../client/protocol.js';
import {noAgent} from '../plugins/agents.js';
import type {PluginInstance} from '../plugins/api.js';
import {noPlugin} from '../plugins/no-plugin.js';
import {toPluginInstance} from '../plugins/service.js';
import type {PluginService} from '../plugins/service-types.js';

/** All but what ends them all, which the engine does when no job needs them. */
type PluginMethod = Exclude<
	Extract<MethodName, `plugins.${string}` | `agents.${string}` | `agent.${string}`>,
	'plugins.reload'
>;

type PluginHandlers = {readonly [Name in PluginMethod]: (params: Params<Name>) => Promise<Result<Name>>};

/** @throws no-agent where there are no plugins */
const needAgent = (plugins: PluginService | undefined, id: string): PluginService => {
	if (!plugins) {
		throw noAgent(id);
	}

	return plugins;
};

/** @param plugins missing where there are none. */
export const pluginMethods = (plugins: PluginService | undefined): PluginHandlers => {
	const need = (id: string): PluginService => {
		if (!plugins) {
			throw noPlugin(id);
		}

		return plugins;
	};

	const instanceOf = (target: Target | null): PluginInstance | null =>
		target === null ? null : toPluginInstance(target.instance, target.store);
	return {
		'plugins.list': async () => (plugins ? plugins.list() : []),
		'plugins.check': async ({source}) => need(source).check(source),
		'plugins.command': async ({plugin, command, data, target}) =>
			need(plugin).command(plugin, command, data, instanceOf(target)),
		'plugins.screen': async ({plugin, screen, target}) => need(plugin).screen(plugin, screen, instanceOf(target)),
		'plugins.wizard': async ({plugin}) => need(plugin).wizard(plugin),
		async 'plugins.finishWizard'({plugin, handled}) {
			await need(plugin).finishWizard(plugin, handled);
			return null;
		},
		'plugins.settings': async ({plugin}) => need(plugin).readSettings(plugin),
		'plugins.change': async ({plugin, changes}) => need(plugin).changeSettings(plugin, changes),
		async 'plugins.clean'({plugin}) {
			await need(plugin).cleanSettings(plugin);
			return null;
		},
		async 'plugins.removing'({plugin}) {
			await need(plugin).pendingRemoval(plugin);
			return null;
		},
		'agents.list': async ({target}) => plugins?.agents(instanceOf(target)) ?? {agents: [], problems: []},
		async 'agent.backups'({agent, target}) {
			const backups = await needAgent(plugins, agent).agentBackups(agent, {instance: instanceOf(target)});
			return backups.toSorted((left, right) => right.createdAt - left.createdAt);
		},
		async 'agent.delete'({agent, id, target}) {
			await needAgent(plugins, agent).agentDelete(agent, id, {instance: instanceOf(target)});
			return null;
		},
	};
};
