/** Which plugins have something to ask: pure. */
import type {PluginInfo} from '../client/protocol.js';
import {activePlugins, screensOfType} from './plugin-screens.js';
import type {PendingWizard} from './plugins-model.js';

/**
 * True when a wizard was dealt with before, finished or skipped, and nothing newer is asked.
 * @param current version of the wizard, null when it has none. @param seen what was kept then; undefined when it was never seen.
 */
export const isWizardIgnored = (current: number | null, seen: number | null | undefined): boolean => {
	if (seen === undefined) {
		return false;
	}

	return current === seen || (seen !== null && (current === null || current <= seen));
};

/** The plugins whose wizard would be shown if it is required. One without steps has nothing to show. */
export const wizardCandidates = (
	list: readonly PluginInfo[],
	seen: Readonly<Record<string, number | null>>,
): readonly PendingWizard[] => {
	const withSteps = new Set(screensOfType(list, 'wizard').map(({plugin}) => plugin));
	return activePlugins(list)
		.filter(({id, abilities}) => abilities.includes('wizard') && withSteps.has(id))
		.map(({id, wizardVersion}) => ({plugin: id, version: wizardVersion}))
		.filter(({plugin, version}) => !isWizardIgnored(version, Object.hasOwn(seen, plugin) ? seen[plugin] : undefined));
};
