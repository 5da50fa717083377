/** The only place of the dashboard that asks the engine, together with `load.ts` and `start-jobs.ts`. What they bring comes back through the store. */
import type {Client} from '../client/client.js';
import type {ArchiveSource, BackupDetails, JobType, MethodName, Origin, Params, Result} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import {toErrorData} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {Paths} from '../settings/paths.js';
import {type ResolvedTarget, resolveTarget, type TargetOptions} from '../settings/resolve-target.js';
import type {Settings} from '../settings/schema.js';
import {createTools} from './action-tools.js';
import {createLoaders, type Loaders} from './load.js';
import type {Model, ToastLevel} from './model.js';
import {createPluginActions, type PluginActions} from './plugin-actions.js';
import type {ModelEvent} from './reduce.js';
import {createJobStarters, type JobStarters, noTarget} from './start-jobs.js';
import type {Store} from './store.js';

export type Actions = Loaders &
	JobStarters &
	PluginActions & {
		readonly dispatch: (event: ModelEvent) => void;
		/** Finds the target of the options, watches it and reads everything about it. */
		readonly start: (options: TargetOptions) => Promise<void>;
		/** Chooses an instance by the same options as `start`. */
		readonly choose: (options: TargetOptions) => Promise<void>;
		readonly settingsChanged: (settings: Settings) => Promise<void>;
		/** Reads list, status, store again. */
		readonly refresh: () => Promise<void>;
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
	const tools = createTools({client, store, clock});
	const {dispatch, complain, target} = tools;
	const loaders = createLoaders(tools);
	const {loadBackups, loadStatus} = loaders;
	const plugins = createPluginActions(tools);

	/** The engine notes it in the log itself. */
	const tellRecovery = ({type, message, hint}: Result<'recover.pending'>): void =>
		dispatch({type: 'recovered', note: {isFailure: type === 'failed', text: `${message} ${hint}`.trim()}});

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
		void plugins.refreshPlugins();
	};

	// What was asked for on the command line holds for as long as the dashboard is open.
	let asked: TargetOptions = {};
	const choose = async (options: TargetOptions): Promise<void> => {
		asked = options;
		try {
			await adoptTarget(
				await resolveTarget(client, store.get().settings, paths, {...options, onRecovery: tellRecovery}),
			);
		} catch (error) {
			dispatch({type: 'target-missing', error: toErrorData(error, 'The instance could not be found')});
		}
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
			await plugins.refreshPlugins();
		},
		...loaders,
		...createJobStarters(tools),
		...plugins,
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
	compare: false,
	'trash-restore': true,
	'trash-empty': true,
	'reinstall-plugins': true,
	send: true,
	fetch: true,
} as const satisfies Record<JobType, boolean>;
