import type {Model} from '../../state/model.js';
import {selectLastDeleted} from '../../state/selectors.js';
import {useDashboard} from '../dashboard-context.js';
import {disabledReason} from '../keys/disabled.js';
import type {Handler} from '../keys/layers.js';
import {useModel} from './use-model.js';

const selectReason = (model: Model): string | undefined => disabledReason('bring-back', {model, backups: []});

/** Brings back what was deleted last. */
export const useBringBack = (): Handler => {
	const {actions, store} = useDashboard();
	const disabled = useModel(selectReason);
	return {
		disabled,
		run: () => void actions.bringBack(selectLastDeleted(store.get()).map(({id}) => id)),
	};
};
