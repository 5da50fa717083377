/** Plugins in tests: real modules in the real plugin thread, which `npm test` builds first. */
import {chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {onTestFinished} from 'vitest';
import type {Client} from '../../source/client/client.js';
import {createInProcessClient} from '../../source/client/in-process.js';
import type {EngineEvent, JobRequest, JobResult} from '../../source/client/protocol.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import type {PluginRecordData} from '../../source/plugins/api.js';
import type {StartPlugins} from '../../source/plugins/service-types.js';
import {systemPlugins} from '../../source/plugins/system-plugins.js';
import {clientJobs, type RunClientJob} from './run-client-job.js';

const hostUrl = new URL('../../dist/plugin-host.js', import.meta.url);
const apiUrl = new URL('../../dist/plugin.js', import.meta.url);

/** Writes the module of a plugin: what `definePlugin` is given beside the version of the API, and what goes before it. */
export const writePlugin = (folder: string, name: string, definition: string, before = ''): string => {
	mkdirSync(folder, {recursive: true});
	const path = join(folder, `${name}.mjs`);
	writeFileSync(
		path,
		`import {agentError, definePlugin, fromSyncAgent, notFound} from 'printkeep/plugin';\n${before}\nexport default definePlugin({apiVersion: 1, ${definition}});\n`,
	);
	// Whoever has cloned the repository may have another idea of who may write.
	chmodSync(path, 0o644);
	return path;
};

/** A copy of one of the examples that nobody else can write. */
export const copyExample = (folder: string, name: string): string => {
	mkdirSync(folder, {recursive: true});
	const path = join(folder, `${name}.mjs`);
	copyFileSync(fileURLToPath(new URL(`../../examples/${name}/index.mjs`, import.meta.url)), path);
	chmodSync(path, 0o644);
	return path;
};

export type PluginPlace = {
	/** Absolute paths of modules. */
	readonly sources: readonly string[];
	/** By plugin id. */
	readonly settings?: Readonly<Record<string, PluginRecordData>>;
};

/** What an engine is given to run plugins in a folder of the test. */
export const startPluginsIn = (root: string, {sources, settings = {}}: PluginPlace): StartPlugins => {
	if (!existsSync(hostUrl)) {
		throw new Error(`${hostUrl.pathname} is missing: run "npm run build" first`);
	}

	return systemPlugins({
		url: hostUrl.href,
		apiUrl: apiUrl.href,
		settingsFolder: join(root, 'settings'),
		stateFolder: join(root, 'state'),
		readConfiguration: () => ({
			entries: sources.map(source => ({source, enabled: true})),
			settings: Object.fromEntries(Object.entries(settings).map(([id, values]) => [id, {version: null, values}])),
		}),
		saveSettings: async () => undefined,
	});
};

export type PluginClient = {
	readonly client: Client;
	readonly events: readonly EngineEvent[];
	readonly run: RunClientJob;
	/** Runs a job that must succeed. */
	readonly result: <Type extends JobRequest['type']>(
		request: Extract<JobRequest, {type: Type}>,
	) => Promise<Extract<JobResult, {type: Type}>>;
	/** Sentences about plugins that failed, so far. */
	readonly failures: () => readonly string[];
};

/** An engine in this process with plugins; closed when the test has finished. */
export const makePluginClient = (root: string, place: PluginPlace): PluginClient => {
	const client = createInProcessClient(
		systemPorts({
			environment: {HOME: root, PATH: process.env.PATH},
			stateFolder: join(root, 'state'),
			startPlugins: startPluginsIn(root, place),
		}),
	);
	onTestFinished(async () => client.close());
	const events: EngineEvent[] = [];
	client.subscribe(event => events.push(event));
	const run = clientJobs(client, events);

	return {
		client,
		events,
		run,
		async result<Type extends JobRequest['type']>(request: Extract<JobRequest, {type: Type}>) {
			const {result, error} = await run(request);
			if (result?.type !== request.type) {
				throw new Error(`The ${request.type} job failed: ${error?.message} ${error?.detail ?? ''}`);
			}

			return result as Extract<JobResult, {type: Type}>;
		},
		failures: () =>
			events.flatMap(event => (event.type === 'plugin-failed' ? [`${event.plugin}: ${event.reason}`] : [])),
	};
};
