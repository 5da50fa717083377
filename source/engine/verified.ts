import {lstatSync} from 'node:fs';
import type {BackupSummary} from '../client/protocol.js';
import {archiveFaults, type ErrorData} from '../errors.js';
import type {EnginePorts} from './ports.js';
import {updateStoreIndex} from './store-index.js';

/**
 * Notes in the store whether every byte of some backups has been read and found right. The store's lock must be held; a store that cannot be
 * written keeps its silence.
 */
export const rememberVerified = async (
	ports: EnginePorts,
	store: string,
	results: readonly {
		readonly backup: Pick<BackupSummary, 'key' | 'origin' | 'path'>;
		readonly ok: boolean;
		/** What was wrong; damage of the archive itself is remembered, so that nobody relies on it. */
		readonly problem?: ErrorData | undefined;
	}[],
	/** Highest sequence number given so far, when a new backup is among them. */
	sequence = 0,
): Promise<void> => {
	if (!lstatSync(store, {throwIfNoEntry: false})) {
		return;
	}

	await updateStoreIndex(ports.disk, store, ports.randomHex(8), index => {
		const verified = new Map(index.verified);
		for (const {backup, ok, problem} of results) {
			const id = `${backup.origin}/${backup.key}`;
			const stats = lstatSync(backup.path, {bigint: true, throwIfNoEntry: false});
			const code = archiveFaults.find(each => each === problem?.code);
			if (stats && (ok || (problem && code))) {
				verified.set(id, {
					at: ports.clock.now(),
					bytes: Number(stats.size),
					modified: String(stats.mtimeNs),
					...(!ok && problem && code ? {problem: {code, message: problem.message, hint: problem.hint}} : {}),
				});
			} else {
				verified.delete(id);
			}
		}

		return {...index, verified, sequence: Math.max(index.sequence, sequence)};
	});
};
