/** The only place of the dashboard that asks the engine. Actions return nothing: what they bring comes back through the store. */
import type {Client} from '../client/client.js';
import type {
	ArchiveSource,
	BackupDetails,
	BackupSummary,
	JobRequest,
	JobType,
	MethodName,
	Methods,
	Origin,
	Params,
	Result,
	Target,
} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import {type ErrorData, PrintkeepError, toErrorData} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {Paths} from '../settings/paths.js';
import {type ResolvedTarget, resolveTarget, type TargetOptions} from '../settings/resolve-target.js';
import type {Settings} from '../settings/schema.js';
import type {Model, ToastLevel} from './model.js';
import {type ModelEvent, reduce} from './reduce.js';
import {errorLines} from './result-text.js';
import type {Store} from './store.js';

const pageLimit = 200;

type Choice = {readonly source: ArchiveSource; readonly to?: string; readonly parts?: readonly string[]};

/** Whether a job runs now; `refused` has been shown as a toast and noted in the log. */
export type JobStart =
	| {readonly type: 'started'; readonly jobId: string}
	| {readonly type: 'refused'; readonly error: ErrorData};

export type Actions = {
	readonly dispatch: (event: ModelEvent) => void;
	/** Finds the target of the options, watches it and reads everything about it. */
	readonly start: (options: TargetOptions) => Promise<void>;
	readonly findInstances: (extraFolders?: readonly string[]) => Promise<void>;
	/** Chooses an instance by the same options as `start`. */
	readonly choose: (options: TargetOptions) => Promise<void>;
	readonly settingsChanged: (settings: Settings) => Promise<void>;
	/** Reads list, status, store again. */
	readonly refresh: () => Promise<void>;
	readonly loadBackups: () => Promise<void>;
	readonly loadStatus: () => Promise<void>;
	readonly loadParts: () => Promise<void>;
	readonly create: (options: {
		readonly excludes: readonly string[];
		readonly includes: readonly string[];
		readonly note: string;
		readonly name?: string;
	}) => Promise<JobStart>;
	readonly verify: (sources: readonly ArchiveSource[] | 'all') => Promise<JobStart>;
	readonly plan: (choice: Choice) => Promise<JobStart>;
	readonly restore: (choice: Choice & {readonly allowNewer: boolean}) => Promise<JobStart>;
	readonly undo: () => Promise<JobStart>;
	readonly remove: (keys: readonly string[], allowPinned: boolean) => Promise<JobStart>;
	readonly importFile: (path: string, as?: string) => Promise<JobStart>;
	readonly exportBackup: (options: {
		readonly source: ArchiveSource;
		readonly destination: string;
		readonly parts: readonly string[];
		readonly files: readonly string[];
	}) => Promise<JobStart>;
	readonly recover: (leftoverIds: readonly string[] | 'all') => Promise<JobStart>;
	readonly pin: (backup: {readonly key: string; readonly origin: Origin}, pinned: boolean) => Promise<void>;
	/** First call asks, second cancels. */
	readonly cancel: () => Promise<void>;
	/** Cancels the running job without asking. */
	readonly cancelNow: () => Promise<void>;
	readonly toast: (level: ToastLevel, text: string) => void;
	readonly dismissToast: (id: number) => void;
	/** Asks the engine directly, for what only one screen needs (entries, plan files, details, folders); errors reject. */
	readonly request: <Name extends MethodName>(method: Name, params: Params<Name>) => Promise<Result<Name>>;
	readonly details: (source: ArchiveSource) => Promise<BackupDetails>;
};

/** Makes the actions of a dashboard and connects its store to the engine's events. */
export const createActions = ({
	client,
	store,
	clock,
	paths,
}: {
	readonly client: Client;
	readonly store: Store<Model>;
	readonly clock: Clock;
	readonly paths: Paths;
}): Actions => {
	const dispatch = (event: ModelEvent): void => store.set(reduce(store.get(), event));

	const complain = (error: unknown, doing: string): ErrorData => {
		const data = toErrorData(error, doing);
		dispatch({
			type: 'noted',
			level: 'error',
			at: clock.now(),
			text: data.message,
			detail: errorLines(data),
		});
		dispatch({type: 'toast', level: 'error', text: data.hint === '' ? data.message : `${data.message} ${data.hint}`});
		return data;
	};

	const target = (): Target | null => store.get().target;

	/** True while the answer still belongs to what is on the screen. */
	const isCurrent = (asked: Target): boolean =>
		target()?.store === asked.store && target()?.instance.dataFolder === asked.instance.dataFolder;

	const loadBackups = async (): Promise<void> => {
		const asked = target();
		if (!asked) {
			return;
		}

		let revision = 0;
		const isFirstTime = store.get().backups.state !== 'ready';
		dispatch({type: 'backups-loading'});
		try {
			let backups: readonly BackupSummary[] = [];
			for (;;) {
				const page: Methods['backups.list']['result'] = await client.request('backups.list', {
					target: asked,
					offset: backups.length,
					limit: pageLimit,
				});
				if (!isCurrent(asked)) {
					return;
				}

				const hasMoved = backups.length > 0 && page.revision !== revision;
				revision = page.revision;
				if (hasMoved) {
					// The list changed between two pages, so that they do not fit together.
					backups = [];
					continue;
				}

				backups = [...backups, ...page.items];
				const isComplete = page.items.length === 0 || backups.length >= page.total;
				if (isComplete || (isFirstTime && page.offset === 0)) {
					// The first page is what the person looks at; the rest follows.
					dispatch({type: 'backups-loaded', backups, revision});
				}

				if (isComplete) {
					return;
				}
			}
		} catch (error) {
			if (isCurrent(asked)) {
				dispatch({type: 'backups-failed', error: complain(error, 'The backups could not be listed')});
			}
		}
	};

	const loadStatus = async (): Promise<void> => {
		const asked = target();
		if (!asked) {
			return;
		}

		const own = store.get().settings.instances[asked.instance.name];
		try {
			const status = await client.request('status.report', {
				target: asked,
				overdueAfterMilliseconds: (own?.overdueAfterHours ?? 7 * 24) * 60 * 60 * 1000,
			});
			if (isCurrent(asked)) {
				dispatch({type: 'status-loaded', status});
			}
		} catch (error) {
			complain(error, 'The state could not be read');
		}
	};

	const measureParts = async (asked: Target, isWanted: () => boolean): Promise<void> => {
		for (const {name, inclusion} of store.get().parts.list) {
			if (inclusion === 'never') {
				continue;
			}

			try {
				const size = await client.request('parts.measure', {instance: asked.instance, store: asked.store, part: name});
				if (!isWanted()) {
					return;
				}

				dispatch({type: 'part-measured', size});
			} catch (error) {
				if (!isWanted()) {
					return;
				}

				dispatch({type: 'part-unmeasured', name, error: toErrorData(error, 'The part could not be measured')});
			}
		}
	};

	let partsAsked = 0;
	const loadParts = async (): Promise<void> => {
		const asked = target();
		if (!asked) {
			return;
		}

		const own = ++partsAsked;
		const isWanted = (): boolean => own === partsAsked && isCurrent(asked);
		dispatch({type: 'parts-loading'});
		try {
			const parts = await client.request('parts.list', {instance: asked.instance, store: asked.store});
			const info = await client.request('store.info', {target: asked});
			if (!isWanted()) {
				return;
			}

			dispatch({type: 'parts-loaded', parts});
			dispatch({type: 'store-loaded', store: info});
			await measureParts(asked, isWanted);
		} catch (error) {
			if (isWanted()) {
				dispatch({type: 'parts-failed', error: complain(error, 'The parts could not be read')});
			}
		}
	};

	const adoptTarget = async ({target: found, instance}: ResolvedTarget): Promise<void> => {
		const before = target();
		if (before && !(before.store === found.store && before.instance.dataFolder === found.instance.dataFolder)) {
			await client.request('backups.unwatch', {target: before});
		}

		dispatch({type: 'target-chosen', target: found, instance});
		await loadBackups();
		try {
			const {holder} = await client.request('backups.watch', {target: found});
			dispatch({type: 'holder-known', holder});
		} catch (error) {
			complain(error, 'The backup folder cannot be watched');
		}

		await loadStatus();
	};

	// What was asked for on the command line holds for as long as the dashboard is open.
	let asked: TargetOptions = {};
	const choose = async (options: TargetOptions): Promise<void> => {
		asked = options;
		try {
			await adoptTarget(await resolveTarget(client, store.get().settings, paths, options));
		} catch (error) {
			dispatch({type: 'target-missing', error: toErrorData(error, 'The instance could not be found')});
		}
	};

	const startJob = async (request: JobRequest, doing: string): Promise<JobStart> => {
		try {
			return {type: 'started', ...(await client.request('job.start', request))};
		} catch (error) {
			return {type: 'refused', error: complain(error, doing)};
		}
	};

	const noTarget = (): PrintkeepError =>
		new PrintkeepError('no-instance', 'No print server is chosen yet.', {hint: 'Choose one first.'});

	const withTarget = async (run: (found: Target) => Promise<JobStart>): Promise<JobStart> => {
		const found = target();
		return found ? run(found) : {type: 'refused', error: complain(noTarget(), '')};
	};

	const cancelNow = async (): Promise<void> => {
		const {job} = store.get();
		if (job && !job.cancelling) {
			try {
				await client.request('job.cancel', {jobId: job.id});
			} catch (error) {
				complain(error, 'The job could not be cancelled');
			}
		}
	};

	client.subscribe(event => {
		dispatch(event);
		if (event.type === 'job-finished' && changesSomething[event.job]) {
			void loadStatus();
		} else if (event.type === 'engine-restarted') {
			void loadBackups();
		}
	});

	return {
		dispatch,
		start: choose,
		choose,
		async findInstances(extraFolders = []) {
			dispatch({type: 'instances-loading'});
			try {
				dispatch({type: 'instances-loaded', ...(await client.request('instances.find', {extraFolders}))});
			} catch (error) {
				dispatch({type: 'instances-failed', error: complain(error, 'The print servers could not be looked for')});
			}
		},
		async settingsChanged(settings) {
			dispatch({type: 'settings-changed', settings});
			const current = store.get().instance;
			if (current) {
				const {instance: _instance, basedir: _basedir, ...rest} = asked;
				await choose({
					...rest,
					...(settings.instances[current.name] ? {instance: current.name} : {basedir: current.dataFolder}),
				});
			}
		},
		async refresh() {
			await loadBackups();
			await loadStatus();
		},
		loadBackups,
		loadStatus,
		loadParts,
		create: async ({excludes, includes, note, name}) =>
			withTarget(async found =>
				startJob(
					{
						type: 'create',
						target: found,
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
		restore: async choice =>
			withTarget(async found =>
				startJob({type: 'restore', target: found, ...choice}, 'The restore could not be started'),
			),
		undo: async () =>
			withTarget(async found => startJob({type: 'undo', target: found}, 'The restore could not be undone')),
		remove: async (keys, allowPinned) =>
			withTarget(async found =>
				startJob({type: 'delete', target: found, keys, allowPinned}, 'The backup could not be deleted'),
			),
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
		async pin({key, origin}, pinned) {
			const found = target();
			if (!found) {
				return;
			}

			try {
				const backup = await client.request('backup.pin', {target: found, key, origin, pinned});
				dispatch({
					type: 'catalog-changed',
					store: found.store,
					revision: store.get().backups.revision,
					upserted: [backup],
					removed: [],
				});
				dispatch({type: 'toast', level: 'info', text: `${pinned ? 'Pinned' : 'Unpinned'} ${safeText(key)}`});
			} catch (error) {
				complain(error, 'The pin could not be changed');
			}
		},
		async cancel() {
			const {job} = store.get();
			if (!job || job.cancelling) {
				return;
			}

			if (job.cancelAsked) {
				await cancelNow();
			} else {
				dispatch({type: 'cancel-asked', asked: true});
			}
		},
		cancelNow,
		toast: (level, text) => dispatch({type: 'toast', level, text}),
		dismissToast: id => dispatch({type: 'toast-gone', id}),
		request: client.request,
		async details(source) {
			const found = target();
			if (!found) {
				throw noTarget();
			}

			return client.request('backup.details', {target: found, source});
		},
	};
};

/** Jobs after which the home screen says something else. */
const changesSomething = {
	create: true,
	verify: true,
	plan: false,
	restore: true,
	undo: true,
	delete: true,
	import: true,
	export: false,
	recover: true,
} as const satisfies Record<JobType, boolean>;
