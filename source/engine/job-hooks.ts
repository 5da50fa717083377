/** What plugins do around a job: asked before it is begun, and told exactly once when it is over, however that was. */
import {basename} from 'node:path';
import type {JobRequest} from '../client/protocol.js';
import {toErrorData} from '../errors.js';
import type {PluginFailure} from '../plugins/api.js';
import {toPluginInstance} from '../plugins/service.js';
import type {HookOptions, PluginService} from '../plugins/service-types.js';
import type {JobEnd} from './run-job.js';

export type JobHooks = {
	readonly before: () => Promise<void>;
	readonly after: (end: JobEnd) => Promise<void>;
};

/**
 * What goes with everything that is asked of plugins around a job.
 * @param onProblem told of each failure that does not end the job; the failure itself is in the log by then.
 */
export const hookOptions = (
	{target}: Pick<JobRequest, 'target'>,
	{signal, onProblem}: {readonly signal: AbortSignal; readonly onProblem: (text: string) => void},
): HookOptions => ({
	instance: toPluginInstance(target.instance, target.store),
	policy: target.pluginPolicy ?? 'warn',
	signal,
	onProblem,
});

const failureOf = ({error}: JobEnd): PluginFailure | null =>
	error === null ? null : {code: error.code, message: error.message};

/** The hooks a job has; null for those that have none. */
const hooksOf = (plugins: PluginService, request: JobRequest, options: HookOptions): JobHooks | null => {
	switch (request.type) {
		case 'create':
			return {
				before: async () => {
					const {excludes, trigger, note} = request;
					await plugins.hook('beforeBackup', {excludes, trigger, note}, options);
				},
				after: async end => {
					const made = end.result?.type === 'create' ? end.result : null;
					await plugins.hook(
						'afterBackup',
						{
							error: failureOf(end),
							key: made?.backup.key ?? null,
							path: made?.backup.path ?? null,
							files: made?.files ?? 0,
							bytes: made?.bytes ?? 0,
							skipped: made?.skipped.length ?? 0,
						},
						options,
					);
				},
			};
		case 'restore': {
			const about = {
				key: request.source.type === 'backup' ? request.source.key : basename(request.source.path),
				destination: request.to ?? request.target.instance.dataFolder,
				inPlace: request.to === undefined,
			};
			return {
				before: async () => plugins.hook('beforeRestore', about, options),
				after: async end => plugins.hook('afterRestore', {...about, error: failureOf(end)}, options),
			};
		}

		default:
			return null;
	}
};

/**
 * Runs a job between its hooks. What fails before it is begun ends it there; what fails after it changes nothing about how it ended.
 * @param run does the job, and never throws.
 */
export const runBetweenHooks = async (
	plugins: PluginService | undefined,
	request: JobRequest,
	options: HookOptions,
	run: () => Promise<JobEnd>,
): Promise<JobEnd> => {
	const hooks = plugins?.isUsed() ? hooksOf(plugins, request, options) : null;
	if (!hooks) {
		return run();
	}

	let end: JobEnd;
	try {
		await hooks.before();
		end = await run();
	} catch (error) {
		const isCancelled = options.signal?.aborted === true;
		end = {
			outcome: isCancelled ? 'cancelled' : 'failed',
			result: null,
			error: isCancelled
				? {code: 'cancelled', message: 'The job was cancelled before it was begun.', hint: ''}
				: toErrorData(error, 'The job was not begun'),
		};
	}

	try {
		await hooks.after(end);
	} catch (error) {
		options.onProblem(toErrorData(error).message);
	}

	return end;
};
