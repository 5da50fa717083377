import type {Model} from '../../state/model.js';
import {useDashboard} from '../dashboard-context.js';
import {disabledReason} from '../keys/disabled.js';
import type {Handler} from '../keys/layers.js';
import {useModel} from './use-model.js';

const selectReason = (model: Model): string | undefined => disabledReason('bring-back', {model, backups: []});

/** Brings back what was deleted last: everything of the last deletion of this dashboard, else the latest thing in the trash. */
export const useBringBack = (): Handler => {
	const {actions, store} = useDashboard();
	const disabled = useModel(selectReason);
	return {
		disabled,
		run: () => {
			const {trash, lastJob} = store.get();
			const deleted = lastJob?.result?.type === 'delete' ? lastJob.result.trashed : [];
			const items = deleted.length > 0 ? deleted : (trash?.slice(0, 1) ?? []);
			void actions.bringBack(items.map(({id}) => id));
		},
	};
};
