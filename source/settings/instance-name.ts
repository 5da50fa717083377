import type {InstanceRef} from '../client/protocol.js';
import type {Settings} from './schema.js';

/** The name an instance is kept under: its own, counted up while another instance has it. Two would share one store otherwise. */
export const nameFor = ({name, dataFolder}: InstanceRef, settings: Settings): string => {
	let free = name;
	for (
		let count = 2;
		Object.hasOwn(settings.instances, free) && settings.instances[free]?.dataFolder !== dataFolder;
		count++
	) {
		free = `${name}-${count}`;
	}

	return free;
};
