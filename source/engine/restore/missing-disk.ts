/** A folder whose disk is not mounted is empty, and must not be filled: what is put there is hidden once the disk is back, and fills the card. */
import {PrintkeepError} from '../../errors.js';
import {type BytePath, joinPath, listNames, lookAt, pathBelow, showPath} from './byte-path.js';
import type {Mounts} from './mounts.js';
import type {SwapPlace} from './places.js';
import {nodeAt, type WantedNode} from './wanted-tree.js';

const hasFiles = (node: WantedNode | undefined): boolean =>
	node !== undefined && (node.type !== 'folder' || [...node.children.values()].some(hasFiles));

const isEmptyOrMissing = (folder: BytePath): boolean => {
	try {
		return !lookAt(folder) || listNames(folder).every(name => name.startsWith('.printkeep'));
	} catch {
		return false;
	}
};

const refusal = (folder: BytePath, disk: BytePath | null): PrintkeepError =>
	new PrintkeepError(
		'missing-folder',
		disk === null
			? `${showPath(folder)} is empty and lies on the system's own disk, in a place where another one is usually mounted: that disk seems to be missing.`
			: `${showPath(folder)} is empty because the disk that belongs at ${showPath(disk)} is not mounted.`,
		{
			hint:
				disk === null
					? 'Connect and mount the disk. If the folder is meant to be an ordinary one, put any file into it first; or leave that part out with --part.'
					: `Connect the disk and mount it: sudo mount ${showPath(disk)}; or leave that part out with --part.`,
		},
	);

/**
 * Refuses to fill folders whose disk is missing: those set up as mount points that nothing is mounted at, and empty ones where disks are mounted by habit.
 * Only what is empty now is judged; a folder with something in it is in use as it is.
 * @throws missing-folder
 */
export const refuseMissingDisks = (places: readonly SwapPlace[], root: WantedNode, mounts: Mounts): void => {
	for (const {target, live, only} of places) {
		const node = nodeAt(root, target);
		if (!hasFiles(node)) {
			continue;
		}

		const above = mounts.missing.find(disk => pathBelow(disk, live) !== undefined);
		if (above !== undefined && isEmptyOrMissing(live)) {
			throw refusal(live, above);
		}

		if (target !== '' && lookAt(live) && isEmptyOrMissing(live) && mounts.isWhereDisksGo(live)) {
			throw refusal(live, null);
		}

		for (const disk of mounts.missing) {
			const inner = pathBelow(live, disk);
			if (only === null && inner !== undefined && inner !== '') {
				const inside = joinPath(target, inner);
				if (hasFiles(nodeAt(root, inside)) && isEmptyOrMissing(disk)) {
					throw refusal(disk, disk);
				}
			}
		}
	}
};
