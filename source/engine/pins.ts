import type {BackupSummary} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {EnginePorts} from './ports.js';
import {updateStoreIndex} from './store-index.js';

/**
 * Pins or unpins a backup of the store. The store's lock must be held.
 * @throws not-found for backups in the server's own folder, where printkeep deletes nothing
 */
export const changePin = async (
	{disk, randomHex}: Pick<EnginePorts, 'disk' | 'randomHex'>,
	store: string,
	{key, origin, path}: Pick<BackupSummary, 'key' | 'origin' | 'path'>,
	pinned: boolean,
): Promise<void> => {
	if (origin === 'server') {
		throw new PrintkeepError(
			'not-found',
			`${safeText(key)} is in the server's own folder, where printkeep deletes nothing, so it takes no pin.`,
			{hint: `Import it to keep a copy: printkeep import ${safeText(path)}`},
		);
	}

	await updateStoreIndex(disk, store, randomHex(8), index => {
		const next = new Set(index.pinned);
		if (pinned) {
			next.add(key);
		} else {
			next.delete(key);
		}

		return {...index, pinned: next};
	});
};
