/** Starts jobs on the present target. How they go on comes back as events. */
import type {ArchiveSource, JobRequest, Profile, RestoreChoice, Target} from '../client/protocol.js';
import {type ErrorData, PrintkeepError} from '../errors.js';
import type {ActionTools} from './action-tools.js';

/** What is restored, and how; the target is the present one. */
export type Choice = Omit<RestoreChoice, 'target'>;

/** The other side of a comparison. */
export type CompareWith = Extract<JobRequest, {type: 'compare'}>['right'];

/** Whether a job runs now; `refused` has been shown as a toast and noted in the log. */
export type JobStart =
	| {readonly type: 'started'; readonly jobId: string}
	| {readonly type: 'refused'; readonly error: ErrorData};

export type JobStarters = {
	readonly create: (options: {
		readonly excludes: readonly string[];
		readonly includes: readonly string[];
		readonly note: string;
		readonly name?: string;
		/** Instead of the one of the settings. */
		readonly profile?: Profile;
	}) => Promise<JobStart>;
	readonly verify: (sources: readonly ArchiveSource[] | 'all') => Promise<JobStart>;
	readonly plan: (choice: Choice) => Promise<JobStart>;
	readonly compare: (left: ArchiveSource, right: CompareWith) => Promise<JobStart>;
	readonly restore: (
		choice: Choice & {readonly allowNewer: boolean; readonly evenIfPrinting?: boolean},
	) => Promise<JobStart>;
	readonly undo: (options?: {readonly evenIfPrinting?: boolean}) => Promise<JobStart>;
	readonly remove: (keys: readonly string[], allowPinned: boolean) => Promise<JobStart>;
	readonly bringBack: (ids: readonly string[]) => Promise<JobStart>;
	readonly emptyTrash: (ids: readonly string[] | 'all') => Promise<JobStart>;
	readonly importFile: (path: string, as?: string) => Promise<JobStart>;
	readonly exportBackup: (options: {
		readonly source: ArchiveSource;
		readonly destination: string;
		readonly parts: readonly string[];
		readonly files: readonly string[];
	}) => Promise<JobStart>;
	readonly recover: (leftoverIds: readonly string[] | 'all') => Promise<JobStart>;
};

/** The error of asking for something before there is an instance. */
export const noTarget = (): PrintkeepError =>
	new PrintkeepError('no-instance', 'No print server is chosen yet.', {hint: 'Choose one first.'});

/** Makes the actions that start jobs. */
export const createJobStarters = ({client, complain, target}: ActionTools): JobStarters => {
	const startJob = async (request: JobRequest, doing: string): Promise<JobStart> => {
		try {
			return {type: 'started', ...(await client.request('job.start', request))};
		} catch (error) {
			return {type: 'refused', error: complain(error, doing)};
		}
	};

	const withTarget = async (run: (found: Target) => Promise<JobStart>): Promise<JobStart> => {
		const found = target();
		return found ? run(found) : {type: 'refused', error: complain(noTarget(), '')};
	};

	return {
		create: async ({excludes, includes, note, name, profile}) =>
			withTarget(async found =>
				startJob(
					{
						type: 'create',
						target: profile === undefined ? found : {...found, effort: {...found.effort, profile}},
						excludes,
						includes,
						note,
						trigger: 'manual',
						...(name === undefined ? {} : {name}),
					},
					'The backup could not be started',
				),
			),
		verify: async sources =>
			withTarget(async found => startJob({type: 'verify', target: found, sources}, 'The check could not be started')),
		plan: async choice =>
			withTarget(async found => startJob({type: 'plan', target: found, ...choice}, 'The plan could not be made')),
		compare: async (left, right) =>
			withTarget(async found =>
				startJob({type: 'compare', target: found, left, right}, 'The comparison could not be made'),
			),
		restore: async choice =>
			withTarget(async found =>
				startJob({type: 'restore', target: found, ...choice}, 'The restore could not be started'),
			),
		undo: async (options = {}) =>
			withTarget(async found => startJob({type: 'undo', target: found, ...options}, 'The restore could not be undone')),
		remove: async (keys, allowPinned) =>
			withTarget(async found =>
				startJob({type: 'delete', target: found, keys, allowPinned}, 'The backup could not be deleted'),
			),
		bringBack: async ids =>
			withTarget(async found =>
				startJob({type: 'trash-restore', target: found, ids}, 'The backup could not be brought back'),
			),
		emptyTrash: async ids =>
			withTarget(async found => startJob({type: 'trash-empty', target: found, ids}, 'The trash could not be emptied')),
		importFile: async (path, as) =>
			withTarget(async found =>
				startJob(
					{type: 'import', target: found, path, ...(as === undefined ? {} : {as})},
					'The file could not be imported',
				),
			),
		exportBackup: async options =>
			withTarget(async found =>
				startJob({type: 'export', target: found, ...options}, 'The backup could not be exported'),
			),
		recover: async leftoverIds =>
			withTarget(async found =>
				startJob({type: 'recover', target: found, leftoverIds}, 'The leftovers could not be cleaned'),
			),
	};
};
