import type {Holder, Target} from '../client/protocol.js';
import {lockPaths, readHolder} from './lock.js';
import type {EnginePorts} from './ports.js';

/** Who is at work on a target right now, on its store or on its instance; null when nobody is. */
export const targetHolder = (
	{hostName, server}: Pick<EnginePorts, 'hostName' | 'server'>,
	target: Target,
): Holder | null => {
	const {store, instance} = lockPaths(target);
	for (const path of [store, ...instance]) {
		const holder = readHolder(path, {hostName, processFolder: server.processFolder});
		if (holder) {
			return holder;
		}
	}

	return null;
};
