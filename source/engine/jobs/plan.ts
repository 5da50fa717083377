import type {JobRequest, JobResult} from '../../client/protocol.js';
import {type Catalog, sourcePath} from '../catalog.js';
import {planSides} from '../compare/plan-sides.js';
import {compare} from '../restore/compare-backup.js';
import {guardFacts} from '../restore/guard.js';
import {describePlan} from '../restore/plan.js';
import {countPlanned, planFilesOf} from '../restore/plan-counts.js';
import {keepPlan} from '../restore/plan-registry.js';
import {prepare} from '../restore/prepare.js';
import {chooseWay} from '../restore/way.js';
import type {JobContext} from './context.js';

type PlanRequest = Extract<JobRequest, {type: 'plan'}>;
type PlanResult = Extract<JobResult, {type: 'plan'}>;

/**
 * Works out what a restore would do, without doing any of it. Its files can be looked at with `plan.files` afterwards, unless
 * they were not asked for.
 * @throws not-found, archive errors, wrong-server, usage, destination-exists, unsafe-destination, missing-folder, needs-recovery, cancelled
 */
export const runPlan = async (context: JobContext, request: PlanRequest, catalog: Catalog): Promise<PlanResult> => {
	context.report.phase('scanning');
	const prepared = await prepare(context, request, {archivePath: sourcePath(catalog, request.source)});
	try {
		const compared = await compare(context, prepared);
		const way = await chooseWay(context, prepared, compared);
		const {adapter, inPlace} = prepared;
		const {service} = request.target;
		const guard = inPlace ? await guardFacts(context, {adapter, instance: inPlace.instance, service}) : null;
		const planId = context.ports.randomHex(8);
		const {found, comparison} = compared;
		if (request.listsFiles ?? true) {
			const files = planFilesOf(found, comparison);
			const {limits} = request.target;
			keepPlan(planId, files, await planSides(prepared, {found, files, limits, breathe: context.breathe}));
		}

		const planned = countPlanned(found, comparison);
		return {type: 'plan', plan: describePlan(prepared, {way, planned, planId, guard})};
	} finally {
		prepared.backup.archive.close();
	}
};
