import {useSyncExternalStore} from 'react';
import {useDashboard} from '../dashboard-context.js';
import type {RouterState} from '../router.js';

/** A piece of where the person is. `select` must give the same reference while nothing has changed. */
export const useRouter = <Value>(select: (state: RouterState) => Value): Value => {
	const {router} = useDashboard();
	return useSyncExternalStore(router.subscribe, () => select(router.get()));
};
