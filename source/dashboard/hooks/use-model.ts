import {useSyncExternalStore} from 'react';
import type {Model} from '../../state/model.js';
import {useDashboard} from '../dashboard-context.js';

/**
 * A piece of the model; draws again when it changes.
 * @param select must give the same reference while nothing has changed.
 */
export const useModel = <Value>(select: (model: Model) => Value): Value => {
	const {store} = useDashboard();
	return useSyncExternalStore(store.subscribe, () => select(store.get()));
};
