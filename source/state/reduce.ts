/** Every change of the model, pure: what the engine tells, and what the person or an answer brings. */
import type {
	BackupSummary,
	EngineEvent,
	Holder,
	Instance,
	JobType,
	LogLevel,
	StatusReport,
	StoreInfo,
	Target,
	TrashItem,
} from '../client/protocol.js';
import type {ErrorData} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {Settings} from '../settings/schema.js';
import {changeCatalog, withBackups} from './catalog.js';
import {
	backupId,
	type JobState,
	type LogEntry,
	type Model,
	maximumLogEntries,
	noParts,
	type RecoveryNote,
	type ToastLevel,
} from './model.js';
import {type PartsEvent, reduceParts} from './parts.js';
import {type PluginUiEvent, reducePlugins} from './plugins-model.js';
import {errorLines, finishedLines, finishedText} from './result-text.js';

/** Jobs that show something on their own screen and change nothing. */
const onlyLooks = (type: JobType): boolean => type === 'plan' || type === 'compare';

/** Jobs after which it does not matter any more what was recovered at the start. */
const settlesRecovery = (type: JobType): boolean => type === 'restore' || type === 'undo' || type === 'recover';

/** What happens in the dashboard itself. */
export type UiEvent =
	| PluginUiEvent
	| {readonly type: 'settings-changed'; readonly settings: Settings}
	| {readonly type: 'target-chosen'; readonly target: Target; readonly instance: Instance}
	| {readonly type: 'target-missing'; readonly error: ErrorData}
	| {readonly type: 'backups-loading'}
	| {readonly type: 'backups-loaded'; readonly backups: readonly BackupSummary[]; readonly revision: number}
	| {readonly type: 'backups-failed'; readonly error: ErrorData}
	| PartsEvent
	| {readonly type: 'store-loaded'; readonly store: StoreInfo}
	| {readonly type: 'status-loaded'; readonly status: StatusReport}
	| {readonly type: 'trash-loaded'; readonly items: readonly TrashItem[]}
	| {readonly type: 'recovered'; readonly note: RecoveryNote}
	| {readonly type: 'holder-known'; readonly holder: Holder | null}
	| {readonly type: 'cancel-asked'; readonly asked: boolean}
	| {readonly type: 'toast'; readonly level: ToastLevel; readonly text: string}
	| {readonly type: 'toast-gone'; readonly id: number}
	| {
			readonly type: 'noted';
			readonly level: LogLevel;
			readonly at: number;
			readonly text: string;
			readonly detail: readonly string[];
	  };

export type ModelEvent = EngineEvent | UiEvent;

const withLog = (model: Model, entry: Omit<LogEntry, 'id'>): Model => ({
	...model,
	log: [...model.log.slice(-(maximumLogEntries - 1)), {...entry, id: model.nextLogId}],
	nextLogId: model.nextLogId + 1,
});

const withToast = (model: Model, level: ToastLevel, text: string): Model => ({
	...model,
	toast: {id: model.nextToastId, level, text},
	nextToastId: model.nextToastId + 1,
});

/** Changes the running job if it is the one that is meant; messages of others come too late and say nothing. */
const withJob = (model: Model, id: string, change: (job: JobState) => JobState): Model =>
	model.job?.id === id ? {...model, job: change(model.job)} : model;

const levelOf = {done: 'info', partial: 'warning', failed: 'error', cancelled: 'info'} as const;

const reduceEngineEvent = (model: Model, event: EngineEvent): Model => {
	switch (event.type) {
		case 'job-started': {
			const job: JobState = {
				id: event.jobId,
				type: event.job,
				title: event.title,
				startedAt: event.at,
				phase: 'waiting',
				progress: null,
				cancelAsked: false,
				cancelling: false,
				skipped: 0,
			};
			return withLog({...model, job}, {level: 'info', at: event.at, text: `${event.title}…`, detail: []});
		}

		case 'phase':
			return withJob(model, event.jobId, job =>
				event.phase === 'cancelling' ? {...job, cancelling: true, cancelAsked: false} : {...job, phase: event.phase},
			);
		case 'progress':
			return withJob(model, event.jobId, job => ({
				...job,
				phase: event.phase,
				progress: event,
				skipped: Math.max(job.skipped, event.skipped),
			}));
		case 'file-skipped':
			return withLog(
				withJob(model, event.jobId, job => ({...job, skipped: job.skipped + 1})),
				{
					level: 'warning',
					at: model.job?.startedAt ?? 0,
					text: `${safeText(event.file.path)}: ${event.file.reason}`,
					detail: [],
				},
			);
		case 'job-finished': {
			if (model.job !== null && model.job.id !== event.jobId) {
				return model;
			}

			const title = model.job?.title ?? event.job;
			const {jobId: id, job: type, outcome, result, error, durationMilliseconds, at} = event;
			const finished = {id, type, title, outcome, result, error, durationMilliseconds, at};
			const text = finishedText(finished);
			const noted = withLog(
				{
					...model,
					job: null,
					...(onlyLooks(type) ? {lastPlan: finished} : {lastJob: finished}),
					...(settlesRecovery(type) && result !== null ? {recovery: null} : {}),
				},
				{
					level: levelOf[outcome],
					at,
					text,
					detail: finishedLines(finished),
				},
			);
			// A plan is looked at on its own screen.
			return onlyLooks(type) && outcome !== 'failed' ? noted : withToast(noted, levelOf[outcome], text);
		}

		case 'catalog-changed':
			return model.target?.store === event.store
				? {...model, backups: changeCatalog(model.backups, event.upserted, event.removed, event.revision)}
				: model;
		case 'holder-changed':
			return model.target?.store === event.store ? {...model, holder: event.holder} : model;
		case 'backup-created':
		case 'backup-overdue':
		case 'agents-changed':
			return model;
		case 'plugin-failed':
			return withLog(model, {
				level: 'warning',
				at: event.at,
				text: `The plugin ${event.plugin} failed: ${event.reason}`,
				detail: [],
			});
		case 'log':
			return withLog(model, {
				level: event.level,
				at: event.at,
				text: event.text,
				detail: event.detail === undefined ? [] : event.detail.split('\n'),
			});
		case 'engine-restarted':
			return withToast(
				withLog(
					{...model, engine: {type: model.engine.type === 'restarted' ? 'gone' : 'restarted', error: event.error}},
					{level: 'error', at: model.job?.startedAt ?? 0, text: event.error.message, detail: errorLines(event.error)},
				),
				'error',
				event.error.message,
			);
	}
};

const reduceUiEvent = (model: Model, event: UiEvent): Model => {
	switch (event.type) {
		case 'settings-changed':
			return {...model, settings: event.settings};
		case 'target-chosen':
			return {
				...model,
				engine: model.engine.type === 'starting' ? {type: 'ready'} : model.engine,
				target: event.target,
				instance: event.instance,
				targetError: null,
				...(model.target?.store === event.target.store && model.instance?.dataFolder === event.instance.dataFolder
					? {}
					: {
							backups: {state: 'idle', error: null, ordered: [], byId: new Map(), revision: 0},
							parts: noParts,
							store: null,
							status: null,
							trash: null,
							holder: null,
						}),
			};
		case 'target-missing':
			return {
				...model,
				target: null,
				instance: null,
				targetError: event.error,
				engine: model.engine.type === 'starting' ? {type: 'ready'} : model.engine,
			};
		case 'backups-loading':
			return {
				...model,
				backups: {...model.backups, state: model.backups.state === 'ready' ? 'ready' : 'loading', error: null},
			};
		case 'backups-loaded':
			return {
				...model,
				backups: withBackups(
					{...model.backups, state: 'ready', error: null},
					new Map(event.backups.map(backup => [backupId(backup), backup])),
					event.revision,
				),
			};
		case 'backups-failed':
			return {...model, backups: {...model.backups, state: 'failed', error: event.error}};
		case 'parts-loading':
		case 'parts-loaded':
		case 'part-measured':
		case 'part-unmeasured':
		case 'parts-failed':
		case 'left-out-asked':
		case 'left-out-known':
			return {...model, parts: reduceParts(model.parts, event)};
		case 'store-loaded':
			return {...model, store: event.store};
		case 'status-loaded':
			return {...model, status: event.status, store: event.status.store, instance: event.status.instance};
		case 'trash-loaded':
			return {...model, trash: event.items};
		case 'recovered':
			return withToast({...model, recovery: event.note}, event.note.isFailure ? 'error' : 'warning', event.note.text);
		case 'holder-known':
			return {...model, holder: event.holder};
		case 'cancel-asked':
			return model.job ? {...model, job: {...model.job, cancelAsked: event.asked}} : model;
		case 'toast':
			return withToast(model, event.level, event.text);
		case 'toast-gone':
			return model.toast?.id === event.id ? {...model, toast: null} : model;
		case 'noted':
			return withLog(model, {level: event.level, at: event.at, text: event.text, detail: event.detail});
		default: {
			const plugins = reducePlugins(model.plugins, event);
			return plugins === model.plugins ? model : {...model, plugins};
		}
	}
};

const engineEventTypes = {
	'job-started': true,
	phase: true,
	progress: true,
	'file-skipped': true,
	'job-finished': true,
	'catalog-changed': true,
	'holder-changed': true,
	log: true,
	'engine-restarted': true,
	'backup-created': true,
	'backup-overdue': true,
	'plugin-failed': true,
	'agents-changed': true,
} as const satisfies Record<EngineEvent['type'], true>;

const isEngineEvent = (event: ModelEvent): event is EngineEvent => event.type in engineEventTypes;

/** The model after an event. Pure. */
export const reduce = (model: Model, event: ModelEvent): Model =>
	isEngineEvent(event) ? reduceEngineEvent(model, event) : reduceUiEvent(model, event);
