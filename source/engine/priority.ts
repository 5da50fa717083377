/** Low priority for processor and disk, so that a backup gets only what nobody else wants. */
import {readlinkSync} from 'node:fs';
import {getPriority, setPriority} from 'node:os';
import {basename} from 'node:path';
import type {ServerPorts} from '../servers/adapter.js';

/**
 * A tenth of what another thread gets that wants the same core. With the lowest there is, 19, a backup on a busy machine would hardly get on, nor notice soon
 * that it is to stop.
 */
export const lowNiceness = 10;

const timeoutMilliseconds = 2000;

/**
 * Gives the calling thread a low priority for the processor, and the threads it starts from then on. The kernel derives one for the disk from it.
 * There is no way back without rights that few have. Never throws.
 * @returns the system's number of the thread; null where it cannot be done for one thread alone.
 */
export const lowerThisThread = (): number | null => {
	if (process.platform !== 'linux') {
		return null;
	}

	try {
		// Whoever started it may have given it less already.
		setPriority(0, Math.max(getPriority(0), lowNiceness));
		return Number(basename(readlinkSync('/proc/thread-self')));
	} catch {
		return null;
	}
};

/** Lets threads read and write only while the disk has nothing else to do, where the program for that is there. Never throws. */
export const yieldDisk = async ({run}: Pick<ServerPorts, 'run'>, threads: readonly number[]): Promise<void> => {
	if (threads.length > 0) {
		await run('ionice', ['-c', '3', '-p', ...threads.map(String)], timeoutMilliseconds);
	}
};
