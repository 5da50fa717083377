import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {TrashEntry} from './trash-folder.js';

/** The items of these ids, each once. @throws not-found naming the first that is not there */
export const chooseEntries = (entries: readonly TrashEntry[], ids: readonly string[]): readonly TrashEntry[] =>
	[...new Set(ids)].map(id => {
		const found = entries.find(entry => entry.id === id);
		if (!found) {
			throw new PrintkeepError('not-found', `There is nothing called ${safeText(id)} in the trash.`, {
				hint: 'See what there is with: printkeep trash list',
			});
		}

		return found;
	});
