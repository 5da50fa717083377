import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef} from '../../client/protocol.js';
import {systemClock} from '../../clock.js';
import type {ServerAdapter} from '../adapter.js';
import {lookAtLink} from '../look.js';
import {realPathOf} from '../real-path.js';
import {readConfiguration} from './configuration.js';
import {ownRollbackArchive} from './left-out.js';
import {placesOf} from './places.js';

type Leftovers = Awaited<ReturnType<ServerAdapter['leftovers']>>;

/** A hidden archive that was written to within this time may be a backup OctoPrint is making now. */
const freshMilliseconds = 3_600_000;

const names = (folder: string): readonly string[] => {
	try {
		return fs.readdirSync(folder).sort();
	} catch {
		return [];
	}
};

const rollback = (file: string, explanation: string): Leftovers[number] => ({
	type: 'server-rollback',
	path: file,
	explanation,
	remedy: 'none',
});

/**
 * What OctoPrint's own backups and restores left behind when they were interrupted.
 * @param now milliseconds since the epoch, to tell a leftover from a backup that is being written.
 */
export const leftoversOf = async (instance: InstanceRef, now = systemClock.now()): Promise<Leftovers> => {
	const places = placesOf(instance, readConfiguration(instance));
	const {base} = places;
	const beside = `${base}.bck`;
	const found: Leftovers[number][] = [];
	if (lookAtLink(beside)) {
		found.push(
			rollback(
				beside,
				'A restore by OctoPrint was interrupted, and this is the old data folder. OctoPrint deletes it at its next start: copy it away before, if the data folder is not complete.',
			),
		);
	}

	for (const name of names(base)) {
		if (name === ownRollbackArchive) {
			found.push(
				rollback(
					path.join(base, name),
					'A restore by OctoPrint was interrupted, and this holds the old data. OctoPrint deletes it at its next start: copy it away before, if the data folder is not complete.',
				),
			);
		} else if (name.endsWith('.bck') && fs.lstatSync(path.join(base, name)).isDirectory()) {
			found.push(
				rollback(
					path.join(base, name),
					'A restore by OctoPrint failed and left the old data in here. Move it back by hand before OctoPrint is used.',
				),
			);
		}
	}

	for (const folder of new Set(places.backupFolders.map(realPathOf))) {
		for (const name of names(folder).filter(candidate => /^\..+\.zip$/u.test(candidate))) {
			const file = path.join(folder, name);
			const stats = lookAtLink(file);
			if (stats?.isFile() && !name.startsWith('.printkeep')) {
				const isFresh = Math.abs(now - stats.mtimeMs) < freshMilliseconds;
				found.push({
					type: 'server-partial',
					path: file,
					explanation: isFresh
						? 'A backup that OctoPrint is writing, or did not finish within the last hour.'
						: 'A backup that OctoPrint did not finish. It is of no use and can be deleted.',
					remedy: isFresh ? 'none' : 'clean',
				});
			}
		}
	}

	return found;
};
