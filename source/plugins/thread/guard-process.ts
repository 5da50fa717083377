/** Takes from plugins what would hit the whole process by mistake. Node itself refuses to end or move it, or to change its user, from a thread. */
import {childModules} from './guard-children.js';

/** Has `process.getBuiltinModule`, which no import line tells of, give notice of the module that starts programs before it is used. */
export const noticeChildren = (onChildren: () => void): void => {
	const get = process.getBuiltinModule.bind(process) as (name: string) => unknown;
	const noticing = (name: string): unknown => {
		if (childModules.has(name)) {
			onChildren();
		}

		return get(name);
	};
	Object.defineProperty(process, 'getBuiltinModule', {value: noticing});
};

/** Has `process.kill` refuse what would end printkeep itself; other processes are the plugin's business. */
export const guardProcess = (): void => {
	const kill = process.kill.bind(process);
	const guarded: typeof process.kill = (pid, signal) => {
		const isOwn = pid === 0 || pid === -1 || Math.abs(pid) === process.pid;
		if (isOwn && signal !== 0) {
			throw new Error('A plugin cannot end printkeep.');
		}

		return kill(pid, signal);
	};
	Object.defineProperty(process, 'kill', {value: guarded});
};
