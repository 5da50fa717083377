/** Finds what interrupted jobs, of printkeep or of the server, left lying about, and says what each is. */
import {createHash} from 'node:crypto';
import {lstatSync, readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {Leftover, Target} from '../client/protocol.js';
import {isPartialName} from './names.js';
import type {EnginePorts} from './ports.js';
import {findInterrupted} from './restore/recover.js';

/** A short id that stays the same as long as the leftover does. */
export const leftoverId = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 12);

/** Bytes of a file or of everything in a folder; links are not followed. */
export const treeBytes = (path: string): number => {
	const stats = lstatSync(path, {throwIfNoEntry: false});
	if (!stats?.isDirectory()) {
		return stats?.size ?? 0;
	}

	let sum = 0;
	for (const name of readdirSync(path)) {
		sum += treeBytes(join(path, name));
	}

	return sum;
};

const namesIn = (folder: string): readonly string[] => {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
};

/**
 * Everything left over around a target. While a job runs its own temporary files are no leftovers, so nothing of printkeep's is reported then.
 * @param jobRunning whether some printkeep holds the store or the instance right now.
 */
export const findLeftovers = async (
	ports: EnginePorts,
	target: Target,
	jobRunning: boolean,
): Promise<readonly Leftover[]> => {
	const leftovers: Leftover[] = [];
	if (!jobRunning) {
		for (const name of namesIn(target.store).filter(isPartialName)) {
			const path = join(target.store, name);
			leftovers.push({
				id: leftoverId(path),
				type: 'partial-archive',
				path,
				bytes: treeBytes(path),
				explanation:
					'A backup that was interrupted before it was complete. Cleaning deletes it; no finished backup is touched.',
				remedy: 'clean',
			});
		}

		leftovers.push(...(await findInterrupted(ports, target)));
	}

	for (const {type, path, explanation, remedy} of await ports.adapters[target.instance.kind].leftovers(
		target.instance,
	)) {
		leftovers.push({id: leftoverId(path), type, path, bytes: treeBytes(path), explanation, remedy});
	}

	return leftovers;
};

/** Folder that holds a leftover, to be synced after it is gone. */
export const folderOf = (leftover: Leftover): string => dirname(leftover.path);
