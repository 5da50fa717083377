/** What a restore has to say when it is done. */
import type {InstanceRef, JobResult, PlanCounts, SkippedFile} from '../../client/protocol.js';
import type {JobContext} from '../jobs/context.js';
import {toText} from './byte-path.js';
import {missingPlugins} from './plan.js';
import type {Prepared} from './prepare.js';

export type RestoreResult = Extract<JobResult, {type: 'restore'}>;

/** The part of a result that does not depend on where the backup went. */
export const resultOf = async (
	{ports, report}: JobContext,
	prepared: Prepared,
	{
		counts,
		skipped,
		rollbackCopy,
		isRestarted = false,
	}: {
		readonly counts: PlanCounts;
		readonly skipped: readonly SkippedFile[];
		readonly rollbackCopy: string | null;
		/** The server was stopped for the exchange and started again, so that it has read what was restored. */
		readonly isRestarted?: boolean;
	},
): Promise<RestoreResult> => {
	const {wanted, inPlace, adapter, destination} = prepared;
	const missing = missingPlugins(prepared);
	return {
		type: 'restore',
		destination: toText(destination),
		inPlace: inPlace !== null,
		counts,
		files: wanted.files.length + wanted.links.length,
		bytes: wanted.files.reduce((sum, {bytes}) => sum + bytes, 0),
		rollbackCopy,
		missingPlugins: missing,
		pluginCommands: inPlace ? adapter.pluginCommands(inPlace.instance, missing) : [],
		skipped,
		next: inPlace && !isRestarted ? await nextSteps({ports, report}, adapter, inPlace.instance) : [],
	};
};

/** What a person has to do now. The data is in place by then: that this cannot be found out is no failure of the restore. */
export const nextSteps = async (
	{ports, report}: Pick<JobContext, 'ports' | 'report'>,
	adapter: Prepared['adapter'],
	instance: InstanceRef,
): Promise<readonly string[]> => {
	try {
		return await adapter.afterRestore(ports.server, instance);
	} catch (error) {
		report.log(
			'warning',
			'How to restart the server could not be found out.',
			error instanceof Error ? error.message : undefined,
		);
		return ['Restart the server.'];
	}
};
