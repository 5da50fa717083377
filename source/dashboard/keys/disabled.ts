import {aJob} from '../../client/job-names.js';
import type {BackupSummary} from '../../client/protocol.js';
import {safeText} from '../../format/safe-text.js';
import type {Model} from '../../state/model.js';
import {selectLastDeleted} from '../../state/selectors.js';
import type {Action} from './bindings.js';

/** What decides whether an action can be done now. */
export type Situation = {
	readonly model: Model;
	/** What the action would be done to. */
	readonly backups: readonly BackupSummary[];
};

/** Why nothing can be started now: no instance, or a job here or in another printkeep; undefined when it can. */
export const selectBusy = ({job, holder, target, engine}: Model): string | undefined => {
	if (engine.type === 'gone') {
		return 'The archive engine has stopped: quit and start printkeep again.';
	}

	if (target === null) {
		return 'No print server is chosen yet.';
	}

	if (job !== null) {
		return `${job.title} is running: wait for it, or cancel it with x.`;
	}

	return holder === null
		? undefined
		: `Read-only: another printkeep (process ${holder.pid}) runs ${safeText(aJob(holder.job))} here.`;
};

/** Why plugins cannot be switched now: hooks of the running job would be lost. Undefined when they can. */
export const switchReason = ({job, engine}: Model): string | undefined =>
	engine.type === 'gone'
		? 'The archive engine has stopped: quit and start printkeep again.'
		: job === null
			? undefined
			: `${job.title} is running, and plugins may have a part in it: wait for it, or cancel it with x.`;

/** Why a backup cannot be read; undefined when it can. */
export const selectBad = ({health}: BackupSummary): string | undefined =>
	health.type === 'bad' ? health.error.message : undefined;

const selectionReason = (backups: readonly BackupSummary[]): string | undefined =>
	backups.length === 0 ? 'There is no backup selected.' : undefined;

const badReason = ([backup]: readonly BackupSummary[]): string | undefined => {
	const reason = backup && selectBad(backup);
	return reason === undefined ? undefined : `This backup cannot be used: ${reason}`;
};

const restoreReason = ({model, backups}: Situation): string | undefined =>
	selectBusy(model) ??
	selectionReason(backups) ??
	(backups.length > 1 ? 'Restore one backup at a time: Esc clears the marks.' : undefined) ??
	badReason(backups);

const compareReason = ({model, backups}: Situation): string | undefined =>
	selectBusy(model) ??
	selectionReason(backups) ??
	(backups.length > 2 ? 'Compare two backups at most: Esc clears the marks.' : undefined) ??
	badReason(backups) ??
	badReason(backups.slice(1));

/**
 * Why an action cannot be done now, in words for a person; undefined when it can. Pure.
 * Restoring in place being switched off is the plan's to say: another folder is still possible there.
 */
export const disabledReason = (action: Action, situation: Situation): string | undefined => {
	const {model, backups} = situation;
	switch (action) {
		case 'back-up':
		case 'import':
			return selectBusy(model);
		case 'restore':
			return restoreReason(situation);
		case 'find':
			// Looking into a backup disturbs nobody.
			return (
				selectionReason(backups) ??
				(backups.length > 1 ? 'Search one backup at a time: Esc clears the marks.' : undefined) ??
				badReason(backups)
			);
		case 'compare':
			return compareReason(situation);
		case 'bring-back':
			return (
				selectBusy(model) ??
				(model.trash !== null && selectLastDeleted(model).length === 0
					? 'The trash is empty: nothing can be brought back.'
					: undefined)
			);
		case 'verify':
			return selectBusy(model) ?? selectionReason(backups);
		case 'delete': {
			const foreign = backups.find(({origin}) => origin === 'server');
			return (
				selectBusy(model) ??
				selectionReason(backups) ??
				(foreign ? 'This backup is kept by the print server itself: delete it there.' : undefined)
			);
		}

		case 'export':
			return (
				selectBusy(model) ??
				selectionReason(backups) ??
				(backups.length > 1 ? 'Export one backup at a time: Esc clears the marks.' : undefined)
			);
		case 'pin': {
			const foreign = backups.find(({origin}) => origin === 'server');
			return (
				selectionReason(backups) ?? (foreign ? 'Only backups in printkeep’s own folder can be pinned.' : undefined)
			);
		}

		case 'undo':
			return selectBusy(model) ?? (model.status?.undo ? undefined : 'There is no restore that could be undone.');
		case 'recover':
			return selectBusy(model);
		case 'cancel-job':
			return model.job?.progress?.cancellable === false
				? 'This step cannot be interrupted; it takes a moment.'
				: undefined;
		default:
			return undefined;
	}
};
