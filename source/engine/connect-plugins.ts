import {toPluginInstance} from '../plugins/service.js';
import type {PluginService} from '../plugins/service-types.js';
import type {EventBus} from './events.js';
import type {JobRunner} from './job-runner.js';
import type {KnownTargets} from './known-targets.js';
import {pluginRequests} from './plugin-requests.js';
import type {EnginePorts} from './ports.js';

/** Ties plugins to an engine: what they ask is answered, what they do wrong is told, and they hear of every event. Undefined where there are none. */
export const connectPlugins = (
	ports: EnginePorts,
	bus: EventBus,
	jobs: () => JobRunner,
	known: KnownTargets,
): PluginService | undefined => {
	const plugins = ports.startPlugins?.({
		requests: pluginRequests(ports, bus, jobs, known),
		onLog: (level, plugin, text) =>
			bus.emit({type: 'log', level, at: ports.clock.now(), text: plugin === '' ? text : `${plugin}: ${text}`}),
		onFailure: (plugin, reason) => bus.emit({type: 'plugin-failed', plugin, reason, at: ports.clock.now()}),
		onAgentsChanged: plugin => bus.emit({type: 'agents-changed', plugin}),
	});
	bus.subscribe(event => {
		// Telling a plugin of another's failure or change, or of its own, could go on without end.
		if (event.type !== 'log' && event.type !== 'plugin-failed' && event.type !== 'agents-changed') {
			const target = known.current();
			plugins?.event(event, target === null ? null : toPluginInstance(target.instance, target.store));
		}
	});
	return plugins;
};
