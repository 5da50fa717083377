import {useEffect} from 'react';
import type {ArchiveSource, RestorePlan} from '../../client/protocol.js';
import type {ErrorData} from '../../errors.js';
import type {FinishedJob, Model} from '../../state/model.js';
import type {JobStart} from '../../state/start-jobs.js';
import {useDashboard} from '../dashboard-context.js';
import {useMemory} from './use-memory.js';
import {useModel} from './use-model.js';

export type PlanState =
	| {readonly type: 'planning'}
	| {readonly type: 'ready'; readonly plan: RestorePlan}
	| {readonly type: 'failed'; readonly error: ErrorData}
	| {readonly type: 'cancelled'};

type Asked = {
	readonly key: string;
	readonly start: JobStart | null;
	/** Kept, since the model holds only the last plan. */
	readonly plan: RestorePlan | null;
};

const nothing: Asked = {key: '', start: null, plan: null};

const selectLastPlan = ({lastPlan}: Model): FinishedJob | null => lastPlan;

/**
 * Makes the plan of a restore, once for each destination; coming back to the screen finds it again.
 * @returns how it stands, and the function that makes it anew.
 */
export const usePlan = (source: ArchiveSource, to: string | undefined): readonly [PlanState, () => void] => {
	const {actions} = useDashboard();
	const [asked, setAsked] = useMemory<Asked>('asked-plan', nothing);
	const lastPlan = useModel(selectLastPlan);
	const key = JSON.stringify([source, to]);
	const isAsked = asked.key === key;
	// biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is asked.
	useEffect(() => {
		if (isAsked) {
			return;
		}

		setAsked({...nothing, key});
		void actions.plan({source, ...(to === undefined ? {} : {to})}).then(start => {
			setAsked(previous => (previous.key === key ? {...previous, start} : previous));
		});
	}, [isAsked, key]);

	const jobId = isAsked && asked.start?.type === 'started' ? asked.start.jobId : null;
	const finished = jobId !== null && lastPlan?.id === jobId ? lastPlan : null;
	const plan = finished?.result?.type === 'plan' ? finished.result.plan : null;
	useEffect(() => {
		if (plan) {
			setAsked(previous => ({...previous, plan}));
		}
	}, [plan, setAsked]);

	const again = (): void => setAsked(nothing);
	const known = isAsked ? (plan ?? asked.plan) : null;
	if (known) {
		return [{type: 'ready', plan: known}, again];
	}

	if (isAsked && asked.start?.type === 'refused') {
		return [{type: 'failed', error: asked.start.error}, again];
	}

	if (finished) {
		return [
			finished.outcome === 'cancelled' || !finished.error
				? {type: 'cancelled'}
				: {type: 'failed', error: finished.error},
			again,
		];
	}

	return [{type: 'planning'}, again];
};
