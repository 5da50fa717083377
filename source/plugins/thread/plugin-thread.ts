/**
 * The thread plugins run in: loads them one after the other, answers calls, and passes on what they ask of printkeep. Whatever goes wrong in here goes
 * wrong for one plugin; what cannot be caught (an endless loop, memory without end) is ended from outside.
 */
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {MessagePort} from 'node:worker_threads';
import {fromErrorData} from '../../errors.js';
import type {PluginContext, PluginHelper, PluginInstance} from '../api.js';
import {deepestAnswer, maximumAnswer} from '../limits.js';
import type {FromHost, HostData, HostRequestName, HostRequests, ToHost} from '../messages.js';
import {createThreadAgents} from './agents.js';
import {callHandlers, createResting, type LoadedPlugin} from './calls.js';
import {readPlugin} from './describe.js';
import {createThreadSettings} from './plugin-settings.js';
import type {Running} from './running.js';
import {makeServersFolder} from './servers-folder.js';
import type {Voice} from './voice.js';
import {whereIsIt, wordsOf} from './words.js';

/** Characters of JSON in which a plugin describes itself, at most. */
const maximumDescription = 100_000;

/** How deep lists and objects lie in each other, at most. */
const depthOf = (json: string): number => {
	let depth = 0;
	let most = 0;
	let isText = false;
	for (let place = 0; place < json.length; place++) {
		const character = json[place];
		if (isText) {
			if (character === '\\') {
				place++;
			} else if (character === '"') {
				isText = false;
			}
		} else if (character === '"') {
			isText = true;
		} else if (character === '{' || character === '[') {
			depth++;
			most = Math.max(most, depth);
		} else if (character === '}' || character === ']') {
			depth--;
		}
	}

	return most;
};

/** An answer as it crosses. @throws in words for a person, when it is no plain data or more than anybody would look at. */
const toJson = (answer: unknown): string => {
	const json: string | undefined = JSON.stringify(answer ?? null);
	if (json === undefined) {
		throw new TypeError(`It answered with a ${typeof answer}, which is no plain data.`);
	}

	if (json.length > maximumAnswer) {
		throw new RangeError(`It answered with ${json.length} characters, and ${maximumAnswer} are the most.`);
	}

	if (depthOf(json) > deepestAnswer) {
		throw new RangeError(`Its answer lies more than ${deepestAnswer} levels deep.`);
	}

	return json;
};

/** What a plugin wants of a backup: a job that fails because of it would count as one of the person's. @throws TypeError */
const checkBackup = (wanted: {readonly exclude: unknown; readonly filename: unknown}) => {
	const {exclude, filename} = wanted;
	if (!Array.isArray(exclude) || !exclude.every(part => typeof part === 'string')) {
		throw new TypeError('exclude is no list of names of parts.');
	}

	if (filename !== null && typeof filename !== 'string') {
		throw new TypeError('filename is no text.');
	}

	return {exclude, filename};
};

/**
 * Runs the thread.
 * @param builtIns the modules of the plugins that come with printkeep, by their source.
 * @param load imports a module by its address.
 */
export const runPluginThread = async (
	port: MessagePort,
	data: HostData,
	{
		voice,
		running,
		collect,
		builtIns,
		load,
	}: {
		/** What plugins say, and who of them is at work. */
		readonly voice: Voice;
		readonly running: Running;
		/** Gives back memory that nobody holds any more. */
		readonly collect: () => void;
		readonly builtIns: Readonly<Record<string, () => Promise<Readonly<Record<string, unknown>>>>>;
		readonly load: (url: string) => Promise<Readonly<Record<string, unknown>>>;
	},
): Promise<void> => {
	const plugins: (LoadedPlugin | undefined)[] = [];
	const waiting = new Map<number, {resolve: (value: never) => void; reject: (error: unknown) => void}>();
	const calls = new Map<number, AbortController>();
	let nextRequest = 1;
	const send = (message: FromHost): void => port.postMessage(message);

	const request = async <Name extends HostRequestName>(
		plugin: number,
		name: Name,
		input: HostRequests[Name]['input'],
	): Promise<HostRequests[Name]['output']> => {
		const id = nextRequest++;
		const answer = new Promise<HostRequests[Name]['output']>((resolve, reject) => {
			waiting.set(id, {resolve, reject});
		});
		// Name and input belong together by the signature above.
		send({type: 'request', id, plugin, name, input} as FromHost);
		return answer;
	};

	const stray = (error: unknown): void => voice.stray(running.current(), wordsOf(error).message);

	// Listeners can be taken away by a plugin that means its own.
	process.setUncaughtExceptionCaptureCallback(stray);
	process.on('unhandledRejection', stray);

	const contextFor = (
		plugin: number,
		{id, settings}: LoadedPlugin,
		instance: PluginInstance | null,
		signal: AbortSignal,
	): PluginContext => {
		const needInstance = (): PluginInstance => {
			if (!instance) {
				throw new Error('This call is about no instance.');
			}

			return instance;
		};

		return {
			id,
			instance,
			settings,
			signal,
			log: (level, text) => voice.log(plugin, level, text),
			dataFolder() {
				// Servers keep what belongs to a plugin in a folder of its name.
				const {dataFolder} = needInstance();
				return makeServersFolder(dataFolder, join(dataFolder, 'data', id));
			},
			stateFolder() {
				const folder = join(data.stateFolder, id);
				mkdirSync(folder, {recursive: true, mode: 0o700});
				return folder;
			},
			serverActivity: async () => request(plugin, 'serverActivity', {instance: needInstance()}),
			async createBackup({exclude = [], filename = null} = {}) {
				const wanted = checkBackup({exclude, filename});
				return request(plugin, 'createBackup', {instance: needInstance(), ...wanted});
			},
			async deleteBackup(filename) {
				await request(plugin, 'deleteBackup', {instance: needInstance(), filename: String(filename)});
			},
			getHelpers(other, ...names) {
				const place = plugins.findIndex(found => found?.id === other);
				const found = plugins[place];
				if (!found) {
					return undefined;
				}

				const offered = Object.entries(found.plugin.helpers ?? {}).filter(
					([name, helper]) => typeof helper === 'function' && (names.length === 0 || names.includes(name)),
				);
				// What goes wrong in there is the other plugin's doing.
				return Object.fromEntries(
					offered.map(([name, helper]): [string, PluginHelper] => [
						name,
						(...values) => running.as(place, () => helper(...values)),
					]),
				);
			},
		};
	};

	const call = async (message: Extract<ToHost, {type: 'call'}>): Promise<void> => {
		const {id, plugin, name, instance, input} = message;
		const controller = new AbortController();
		calls.set(id, controller);
		try {
			const loaded = plugins[plugin];
			if (!loaded) {
				throw new Error('It is not loaded.');
			}

			const context = contextFor(plugin, loaded, instance, controller.signal);
			send({type: 'begun', id});
			// The pairing of name and input was checked where the message was made.
			const answer = await running.as(plugin, async () =>
				callHandlers[name](loaded, input as never, context, {
					progress: bytes => send({type: 'call-progress', id, bytes}),
					agentsChanged: () => send({type: 'agents-changed', plugin}),
				}),
			);
			send({type: 'reply', id, ok: true, json: running.as(plugin, () => toJson(answer))});
		} catch (error) {
			send({type: 'reply', id, ok: false, ...wordsOf(error)});
		} finally {
			calls.delete(id);
		}
	};

	port.on('message', (message: ToHost) => {
		switch (message.type) {
			case 'call':
				void call(message);
				break;
			case 'abandon':
				calls.get(message.id)?.abort();
				break;
			case 'answer': {
				const asked = waiting.get(message.id);
				waiting.delete(message.id);
				if (message.ok) {
					asked?.resolve(message.value as never);
				} else {
					const {code, message: text} = message.error;
					asked?.reject(Object.assign(new Error(text), {code, cause: fromErrorData(message.error)}));
				}

				break;
			}

			case 'ping':
				send({type: 'pong', id: message.id});
				break;
			case 'collect':
				collect();
				send({type: 'collected'});
				break;
		}
	});

	for (const [place, {source, url}] of data.plugins.entries()) {
		try {
			const builtIn = Object.hasOwn(builtIns, source) ? builtIns[source] : undefined;
			const exported = await running.as(place, async () => (builtIn ? builtIn() : load(url)));
			const read = running.as(place, () => readPlugin(source, exported));
			if (read.type === 'refused') {
				send({type: 'refused', plugin: place, reason: read.reason});
				continue;
			}

			const {plugin, description} = read;
			const {id} = description;
			if (JSON.stringify(description).length > maximumDescription) {
				send({type: 'refused', plugin: place, reason: 'It says more of itself than anybody could read.'});
				continue;
			}

			if (plugins.some(other => other?.id === id)) {
				send({type: 'refused', plugin: place, reason: `There is a plugin called ${id} already.`});
				continue;
			}

			const settings = createThreadSettings(
				plugin,
				Object.hasOwn(data.settings, id) ? data.settings[id] : undefined,
				async stored => {
					await request(place, 'saveSettings', {id, stored});
				},
			);
			plugins[place] = {id, plugin, settings, agents: createThreadAgents(plugin), resting: createResting()};
			send({type: 'loaded', plugin: place, description});
		} catch (error) {
			const where = error instanceof SyntaxError && url !== '' ? whereIsIt(error, fileURLToPath(url)) : '';
			send({type: 'refused', plugin: place, reason: `It could not be loaded: ${wordsOf(error).message}${where}`});
		}
	}

	send({type: 'ready'});
};
