import {type Disk, systemDisk} from '../../../source/engine/disk.js';

/** A disk that works for some changing calls and never again, as for a process that is killed. Closing and looking cost nothing. */
export const mortalDisk = (lives: number): {readonly disk: Disk; readonly isDead: () => boolean} => {
	let left = lives;
	const free = new Set<keyof Disk>(['close', 'openForUpdate']);
	const disk = new Proxy(systemDisk, {
		get(target, name: keyof Disk) {
			const call = target[name] as ((...args: unknown[]) => unknown) | undefined;
			if (call === undefined || free.has(name)) {
				return call;
			}

			return (...args: unknown[]): unknown => {
				if (left <= 0) {
					const error = new Error('the process is dead');
					if (name.startsWith('sync')) {
						return Promise.reject(error);
					}

					throw error;
				}

				left--;
				return call(...args);
			};
		},
	});
	return {disk, isDead: () => left <= 0};
};
