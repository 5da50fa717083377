import type {Params, PlanFile, Result} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';

const maximumPlans = 4;
const maximumPage = 200;

/** The last plans of this engine, so that their files can be looked at page by page. */
const plans = new Map<string, readonly PlanFile[]>();

/** Keeps the files of a plan; the oldest of more than four is forgotten. */
export const keepPlan = (planId: string, files: readonly PlanFile[]): void => {
	plans.set(planId, files);
	for (const oldest of plans.keys()) {
		if (plans.size <= maximumPlans) {
			break;
		}

		plans.delete(oldest);
	}
};

/** A page of the files of a plan, by action and part. @throws not-found when the plan is not among the last four. */
export const planFiles = ({planId, action, part, offset, limit}: Params<'plan.files'>): Result<'plan.files'> => {
	const files = plans.get(planId);
	if (!files) {
		throw new PrintkeepError('not-found', 'That plan is not kept any more.', {hint: 'Make the plan again.'});
	}

	const wanted = files.filter(
		file => (action === undefined || file.action === action) && (part === undefined || file.part === part),
	);
	return {
		items: wanted.slice(offset, offset + Math.min(limit, maximumPage)),
		total: wanted.length,
		offset,
	};
};

/** How one file of a plan differs. @throws not-found when the plan is not among the last four, or has no such file */
export const planText = async ({planId}: Params<'plan.text'>): Promise<Result<'plan.text'>> => {
	if (!plans.has(planId)) {
		throw new PrintkeepError('not-found', 'That plan is not kept any more.', {hint: 'Make the plan again.'});
	}

	return {type: 'other', reason: 'It cannot be shown yet.', leftBytes: null, rightBytes: null};
};
