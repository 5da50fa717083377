/** An engine with plugins that tests write, in this process, on a real data folder. What plugins tell by `note(…)` is kept in a file, line by line. */
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {createInProcessClient} from '../../source/client/in-process.js';
import type {EngineEvent, JobRequest, Target} from '../../source/client/protocol.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import type {StoredSettings} from '../../source/plugins/messages.js';
import {systemPlugins} from '../../source/plugins/system-plugins.js';
import {createRequest, type JobFinished, makeTarget} from './engine-client.js';
import {type InstanceOptions, makeInstance} from './make-instance.js';
import {linesOf, makePluginPlace, type PluginProgram, pluginText} from './plugin-host.js';
import {clientJobs, type RunClientJob} from './run-client-job.js';

export type PluginEngine = {
	readonly client: ReturnType<typeof createInProcessClient>;
	readonly events: readonly EngineEvent[];
	readonly target: Target;
	readonly dataFolder: string;
	readonly store: string;
	readonly folder: string;
	/** `plugin what`, in the order in which it was noted. */
	readonly notes: () => readonly string[];
	/** Whole notes: plugin, what, and the value that came with it. */
	readonly noted: () => readonly {readonly plugin: string; readonly what: string; readonly value: unknown}[];
	readonly run: RunClientJob;
	readonly create: (options?: Partial<Extract<JobRequest, {type: 'create'}>>) => Promise<JobFinished>;
	readonly settings: Readonly<Record<string, StoredSettings>>;
};

/** A note with a value: `note('what', value)` in a plugin's text. */
const prelude = (id: string, file: string): string =>
	`import {appendFileSync} from 'node:fs';
const note = (what, value = null) => appendFileSync(${JSON.stringify(file)}, JSON.stringify({plugin: '${id}', what, value}) + '\\n');
const never = () => new Promise(() => {});
const pause = milliseconds => new Promise(done => setTimeout(done, milliseconds));`;

/** @param plugins properties of each, as source text, by id; they are asked in this order unless they say otherwise. */
export const makePluginEngine = (
	program: PluginProgram,
	plugins: Readonly<Record<string, string>>,
	{
		instance,
		...targetOptions
	}: Partial<Pick<Target, 'pluginPolicy' | 'effort'>> & {readonly instance?: InstanceOptions} = {},
): PluginEngine => {
	const {folder, write} = makePluginPlace();
	const {dataFolder} = makeInstance(folder, instance);
	const store = join(folder, 'store');
	const file = join(folder, 'notes');
	const settings: Record<string, StoredSettings> = {};
	const entries = Object.entries(plugins).map(([id, properties]) => ({
		source: write(`${id}.mjs`, pluginText(id, properties, prelude(id, file))),
		enabled: true,
	}));
	const client = createInProcessClient(
		systemPorts({
			environment: {HOME: folder, PATH: process.env.PATH},
			stateFolder: join(folder, 'state'),
			startPlugins: systemPlugins({
				url: program.url.href,
				apiUrl: program.apiUrl,
				settingsFolder: folder,
				stateFolder: join(folder, 'state'),
				readConfiguration: () => ({entries, settings}),
				async saveSettings(id, stored) {
					settings[id] = stored;
				},
			}),
		}),
	);
	onTestFinished(async () => client.close());
	const events: EngineEvent[] = [];
	client.subscribe(event => events.push(event));
	const target = {...makeTarget(dataFolder, store), ...targetOptions};
	const noted: PluginEngine['noted'] = () => linesOf(file).map(line => JSON.parse(line));
	const run = clientJobs(client, events);

	return {
		client,
		events,
		target,
		dataFolder,
		store,
		folder,
		notes: () => noted().map(({plugin, what}) => `${plugin} ${what}`),
		noted,
		run,
		create: async options => run(createRequest(target, options)),
		settings,
	};
};
