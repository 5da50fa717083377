import type {HistoryRecord, JobRequest, JobResult} from '../client/protocol.js';
import type {ErrorCode} from '../errors.js';
import type {JobEnd} from './run-job.js';

const refusals: ReadonlySet<ErrorCode> = new Set([
	'usage',
	'invalid-name',
	'name-clash',
	'destination-exists',
	'unsafe-destination',
	'missing-folder',
	'not-a-file',
	'not-found',
	'pinned',
	'nothing-to-undo',
	'no-agent',
]);

/** The backup a job was about; null for those that were about several or none. */
const keyOf = (request: JobRequest, result: JobResult | null): string | null => {
	if (result?.type === 'create' || result?.type === 'import' || result?.type === 'fetch') {
		return result.backup.key;
	}

	const source =
		result?.type === 'reinstall-plugins'
			? result.source
			: request.type === 'restore' || request.type === 'export' || request.type === 'send'
				? request.source
				: undefined;
	if (source) {
		return source.type === 'backup' ? source.key : source.path;
	}

	switch (request.type) {
		case 'delete':
			return request.keys[0] ?? null;
		case 'fetch':
			return request.id;
		default:
			return null;
	}
};

/** The line a job leaves in the history; null for jobs that only look. */
export const historyRecord = (
	request: JobRequest,
	{outcome, result, error}: JobEnd,
	at: number,
): HistoryRecord | null => {
	// What was refused as it was asked has not been tried, and says nothing about the backups.
	const onlyLooks =
		request.type === 'plan' || request.type === 'compare' || (request.type === 'reinstall-plugins' && request.dryRun);
	if (onlyLooks || (error && refusals.has(error.code))) {
		return null;
	}

	const isLimited = request.type === 'restore' && (request.to !== undefined || request.files !== undefined);
	const isUnchanged = result?.type === 'create' && result.unchangedSince !== null;
	return {
		at,
		job: request.type,
		outcome,
		key: keyOf(request, result),
		message: error?.message ?? '',
		...(isUnchanged ? {unchanged: true} : {}),
		...(isLimited ? {limited: true} : {}),
	};
};
