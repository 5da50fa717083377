import type {DoctorCheck, Target} from '../client/protocol.js';
import {plural} from '../format/plural.js';
import {safeText} from '../format/safe-text.js';
import {toPluginInstance} from '../plugins/service.js';
import type {PluginService} from '../plugins/service-types.js';

/** What the check-up says of plugins: whether each runs, and the facts they add. Nothing where the settings name none. */
export const pluginChecks = async (
	plugins: PluginService | undefined,
	target: Target | null,
): Promise<readonly DoctorCheck[]> => {
	if (!plugins?.isUsed()) {
		return [];
	}

	const instance = target === null ? null : toPluginInstance(target.instance, target.store);
	const facts = await plugins.environment(instance);
	const known = await plugins.list();
	const broken = known.filter(({state}) => state !== 'active');
	const checks = broken.map(({source, reason, description}): DoctorCheck => {
		const name = safeText(description?.id ?? source);
		return {
			id: `plugin-${name}`,
			title: 'Plugin',
			state: 'warning',
			finding: `${name} does not run: ${reason}`,
			advice: `Mend it, or switch it off with: printkeep plugins disable ${name}`,
		};
	});
	if (broken.length < known.length) {
		const names = known.flatMap(({state, description}) => (state === 'active' ? [description?.id ?? ''] : []));
		checks.push({
			id: 'plugins',
			title: 'Plugins',
			state: 'ok',
			finding: `${plural(names.length, 'plugin')} running: ${names.join(', ')}`,
			advice: '',
		});
	}

	for (const [id, values] of Object.entries(facts)) {
		checks.push({
			id: `plugin-facts-${id}`,
			title: `Plugin ${id}`,
			state: 'ok',
			finding: safeText(
				Object.entries(values as Readonly<Record<string, unknown>>)
					.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
					.join(', ')
					.slice(0, 1000),
			),
			advice: '',
		});
	}

	return checks;
};
