import type {Params, PlanFile, Result} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {fileText} from '../compare/file-text.js';
import type {Sides} from '../compare/side.js';

const maximumPlans = 4;
const maximumPage = 200;

type KeptPlan = {readonly files: readonly PlanFile[]; readonly sides: Sides};

/** The last plans of this engine, so that their files can be looked at page by page. */
const plans = new Map<string, KeptPlan>();

/** Keeps the files of a plan and the way to read them; the oldest of more than four is forgotten. */
export const keepPlan = (planId: string, files: readonly PlanFile[], sides: Sides): void => {
	plans.set(planId, {files, sides});
	for (const oldest of plans.keys()) {
		if (plans.size <= maximumPlans) {
			break;
		}

		plans.delete(oldest);
	}
};

const findPlan = (planId: string): KeptPlan => {
	const plan = plans.get(planId);
	if (!plan) {
		throw new PrintkeepError('not-found', 'That plan is not kept any more.', {hint: 'Make the plan again.'});
	}

	return plan;
};

/** A page of the files of a plan, by action and part. @throws not-found when the plan is not among the last four. */
export const planFiles = ({planId, action, part, offset, limit}: Params<'plan.files'>): Result<'plan.files'> => {
	const wanted = findPlan(planId).files.filter(
		file => (action === undefined || file.action === action) && (part === undefined || file.part === part),
	);
	return {
		items: wanted.slice(offset, offset + Math.min(limit, maximumPage)),
		total: wanted.length,
		offset,
	};
};

/** How one file of a plan differs. @throws not-found when the plan is not among the last four, or has no such file; archive errors */
export const planText = async ({planId, path}: Params<'plan.text'>): Promise<Result<'plan.text'>> => {
	const {files, sides} = findPlan(planId);
	const file = files.find(each => each.path === path);
	if (!file) {
		throw new PrintkeepError('not-found', `The comparison has no file ${safeText(path)}.`, {
			hint: 'Name it as it lies in the data folder: uploads/benchy.gcode',
		});
	}

	return fileText(file, sides);
};
