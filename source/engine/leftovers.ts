/** Finds what interrupted jobs, of printkeep or of the server, left lying about, and says what each is. */
import {readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {Leftover, Target} from '../client/protocol.js';
import {adapterFor} from './adapter-for.js';
import {leftoverId} from './leftover-id.js';
import {isPartialName} from './names.js';
import type {EnginePorts} from './ports.js';
import {toBytePath} from './restore/byte-path.js';
import {findInterrupted} from './restore/recover.js';
import {treeBytes} from './restore/tree-bytes.js';
import {findStaleLocks} from './stale-locks.js';

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
				bytes: treeBytes(toBytePath(path)),
				explanation:
					'A backup that was interrupted before it was complete. Cleaning deletes it; no finished backup is touched.',
				remedy: 'clean',
			});
		}

		leftovers.push(...(await findInterrupted(ports, target)), ...findStaleLocks(ports, target));
	}

	for (const {type, path, explanation, remedy} of await (await adapterFor(ports, target.instance.kind)).leftovers(
		target.instance,
	)) {
		leftovers.push({id: leftoverId(path), type, path, bytes: treeBytes(toBytePath(path)), explanation, remedy});
	}

	return leftovers;
};

/** Folder that holds a leftover, to be synced after it is gone. */
export const folderOf = (leftover: Leftover): string => dirname(leftover.path);
