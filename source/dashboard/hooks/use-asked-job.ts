import {useEffect} from 'react';
import type {JobResult} from '../../client/protocol.js';
import type {ErrorData} from '../../errors.js';
import type {FinishedJob, Model} from '../../state/model.js';
import type {JobStart} from '../../state/start-jobs.js';
import {useMemory} from './use-memory.js';
import {useModel} from './use-model.js';

/** A job that only looks (a plan, a comparison): on its way, there, failed or cancelled. */
export type AskedJob<Result> =
	| {readonly type: 'planning'}
	| {readonly type: 'ready'; readonly result: Result}
	| {readonly type: 'failed'; readonly error: ErrorData}
	| {readonly type: 'cancelled'};

type Asked<Result> = {
	readonly key: string;
	readonly start: JobStart | null;
	/** Kept, since the model holds only the last one. */
	readonly result: Result | null;
};

const selectLastPlan = ({lastPlan}: Model): FinishedJob | null => lastPlan;

/**
 * Runs a job that only looks, once for each `key`; coming back to the screen finds its result again.
 * @returns how it stands, and the function that runs it anew.
 */
export const useAskedJob = <Type extends 'plan' | 'compare'>(
	type: Type,
	key: string,
	start: () => Promise<JobStart>,
): readonly [AskedJob<Extract<JobResult, {type: Type}>>, () => void] => {
	type Result = Extract<JobResult, {type: Type}>;
	const nothing: Asked<Result> = {key: '', start: null, result: null};
	const [asked, setAsked] = useMemory<Asked<Result>>(`asked-${type}`, nothing);
	const lastPlan = useModel(selectLastPlan);
	const isAsked = asked.key === key;
	// biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is asked.
	useEffect(() => {
		if (isAsked) {
			return;
		}

		setAsked({...nothing, key});
		void start().then(started => {
			setAsked(previous => (previous.key === key ? {...previous, start: started} : previous));
		});
	}, [isAsked, key]);

	const jobId = isAsked && asked.start?.type === 'started' ? asked.start.jobId : null;
	const finished = jobId !== null && lastPlan?.id === jobId ? lastPlan : null;
	const result = finished?.result?.type === type ? (finished.result as Result) : null;
	useEffect(() => {
		if (result) {
			setAsked(previous => ({...previous, result}));
		}
	}, [result, setAsked]);

	const again = (): void => setAsked(nothing);
	const known = isAsked ? (result ?? asked.result) : null;
	if (known) {
		return [{type: 'ready', result: known}, again];
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
