import type {Target} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {PluginInstance} from '../plugins/api.js';

/** Targets by what plugins are told of them: what else belongs to one (limits, service) is known from what was asked about it before. */
export type KnownTargets = {
	/** Remembers a target when something is asked about it. */
	readonly note: (target: Target) => void;
	/** The target a plugin means. @throws no-instance */
	readonly of: (instance: PluginInstance) => Target;
	/** Starts something on a target, which is the one events are about from then on, unless it could not be started. */
	readonly during: <Value>(target: Target, start: () => Promise<Value>) => Promise<Value>;
	/** The target events are about; null before anything was started. */
	readonly current: () => Target | null;
};

const idOf = (dataFolder: string, store: string): string => `${dataFolder}\0${store}`;

export const createKnownTargets = (): KnownTargets => {
	const targets = new Map<string, Target>();
	let current: Target | null = null;
	return {
		note(target) {
			targets.set(idOf(target.instance.dataFolder, target.store), target);
		},
		of({dataFolder, store, name}) {
			const target = targets.get(idOf(dataFolder, store));
			if (!target) {
				throw new PrintkeepError('no-instance', `Nothing is known of the instance ${safeText(name)}.`);
			}

			return target;
		},
		async during(target, start) {
			const before = current;
			current = target;
			try {
				return await start();
			} catch (error) {
				current = before;
				throw error;
			}
		},
		current: () => current,
	};
};
