import type {RestorePlan} from '../../client/protocol.js';
import type {Choice} from '../../state/start-jobs.js';
import {useDashboard} from '../dashboard-context.js';
import {type AskedJob, useAskedJob} from './use-asked-job.js';

export type PlanState =
	| Exclude<AskedJob<never>, {type: 'ready'}>
	| {readonly type: 'ready'; readonly plan: RestorePlan};

/**
 * Makes the plan of a restore, once for each choice; coming back to the screen finds it again.
 * @returns how it stands, and the function that makes it anew.
 */
export const usePlan = (choice: Choice): readonly [PlanState, () => void] => {
	const {actions} = useDashboard();
	const [state, again] = useAskedJob('plan', JSON.stringify(choice), async () => actions.plan(choice));
	return [state.type === 'ready' ? {type: 'ready', plan: state.result.plan} : state, again];
};
