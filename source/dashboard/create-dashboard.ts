import type {Client} from '../client/client.js';
import type {EngineEvent} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import {toErrorData} from '../errors.js';
import type {Paths} from '../settings/paths.js';
import type {TargetOptions} from '../settings/resolve-target.js';
import type {SettingsStore} from '../settings/store.js';
import {createActions} from '../state/actions.js';
import {initialModel} from '../state/model.js';
import {createStore} from '../state/store.js';
import type {DashboardContextValue, Host} from './dashboard-context.js';
import {createLayerStore} from './keys/layer-store.js';
import {createRouter} from './router.js';
import type {Symbols} from './symbols.js';
import {createTheme} from './theme.js';

export type Dashboard = {
	readonly value: DashboardContextValue;
	/** Starts the engine and reads everything about the target. Failures are shown on the screen. */
	readonly connect: () => Promise<void>;
	/** Resolves when no job is running. */
	readonly jobEnded: () => Promise<void>;
	/** Stops the engine; a running job is cancelled. */
	readonly close: () => Promise<void>;
};

/** Requests made before the engine has started wait for it. */
const deferClient = (ready: Promise<Client>): Client => ({
	request: async (method, params) => (await ready).request(method, params),
	subscribe: listener => {
		let isStopped = false;
		let unsubscribe: (() => void) | undefined;
		ready.then(
			client => {
				unsubscribe = isStopped ? undefined : client.subscribe(listener);
			},
			() => undefined,
		);
		return () => {
			isStopped = true;
			unsubscribe?.();
		};
	},
	close: async () => (await ready).close(),
});

/** Everything the dashboard consists of besides what it draws. */
export const createDashboard = ({
	createClient,
	settings,
	paths,
	environment,
	target,
	color,
	symbols,
	log,
	clock,
	host,
}: {
	readonly createClient: () => Client | Promise<Client>;
	readonly settings: SettingsStore;
	readonly paths: Paths;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly target: TargetOptions;
	readonly color: boolean;
	readonly symbols: Symbols;
	readonly log: {readonly record: (event: EngineEvent) => void};
	readonly clock: Clock;
	readonly host: Host;
}): Dashboard => {
	const store = createStore(initialModel(settings.read()));
	const ready = Promise.withResolvers<Client>();
	// Whoever asks hears of a failed start; nobody has to.
	ready.promise.catch(() => undefined);
	const client = deferClient(ready.promise);
	const running = new Set<string>();
	const waiting: (() => void)[] = [];
	client.subscribe(event => {
		log.record(event);
		if (event.type === 'job-started') {
			running.add(event.jobId);
		} else if (event.type === 'job-finished') {
			running.delete(event.jobId);
			if (running.size === 0) {
				for (const resolve of waiting.splice(0)) {
					resolve();
				}
			}
		}
	});
	const actions = createActions({client, store, clock, paths});
	// Without settings, and without being told what to work on, the first run asks.
	const isFirstRun =
		Object.keys(store.get().settings.instances).length === 0 &&
		target.basedir === undefined &&
		target.instance === undefined &&
		target.store === undefined;
	const router = createRouter({screen: isFirstRun ? 'welcome' : 'home'});
	let isConnected = false;
	return {
		value: {
			store,
			actions,
			router,
			layers: createLayerStore(),
			theme: createTheme(color),
			symbols,
			clock,
			settings,
			paths,
			environment,
			host,
		},
		async connect() {
			try {
				ready.resolve(await createClient());
				isConnected = true;
			} catch (error) {
				ready.reject(error);
				actions.dispatch({
					type: 'target-missing',
					error: toErrorData(error, 'The archive engine could not be started'),
				});
				return;
			}

			if (isFirstRun) {
				void actions.loadPlugins();
				return;
			}

			await actions.start(target);
			if (store.get().targetError?.code === 'no-instance' || store.get().targetError?.code === 'ambiguous-instance') {
				router.go({screen: 'welcome'});
			}

			void actions.loadPlugins();
		},
		jobEnded: async () => {
			if (running.size > 0) {
				await new Promise<void>(resolve => {
					waiting.push(resolve);
				});
			}
		},
		close: async () => {
			if (isConnected) {
				await client.close();
			}
		},
	};
};
