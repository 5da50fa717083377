/** What failures of plugins do to jobs. */
import {isPrintkeepError, PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {PluginStatus} from './host.js';
import type {HookOptions} from './service-types.js';

/** That a plugin which may have something to say about jobs cannot be asked, as an error; null for all others. */
export const absenceOf = ({state, reason, source, description}: PluginStatus): PrintkeepError | null => {
	if (state === 'active' || description?.hooks.length === 0) {
		return null;
	}

	const name = safeText(description?.id ?? source);
	const what = state === 'failed' ? 'is not asked any more' : 'was not loaded';
	return new PrintkeepError('plugin-failed', `The plugin ${name} ${what}: ${reason}`, {
		hint: `Mend it, or switch it off with: printkeep plugins disable ${name}`,
	});
};

/**
 * Goes on after a failure or not, as the policy says.
 * @param canAbort false for what comes after a job. @throws the failure
 */
export const judge = (error: unknown, {policy, signal, onProblem}: HookOptions, canAbort: boolean): void => {
	if (canAbort && signal?.aborted && !(isPrintkeepError(error) && error.code === 'plugin-failed')) {
		throw error;
	}

	const text = error instanceof Error ? error.message : String(error);
	if (policy === 'abort' && canAbort) {
		throw error;
	}

	if (policy !== 'ignore') {
		onProblem(text);
	}
};
