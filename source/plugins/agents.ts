/** The agents of all plugins as the engine asks them: named `<plugin>.<agent>`, every answer checked, and what is wrong put down to the plugin. */
import {type ErrorData, PrintkeepError, toErrorData} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {readAgentBackup, readAgentBackups, readAgentList} from './agent-values.js';
import type {AgentBackup, PluginInstance} from './api.js';
import type {CallOptions, PluginHost} from './host.js';
import type {CallName, PluginCalls} from './messages.js';

/** An agent, and where it comes from. */
export type AgentInfo = {
	/** `<plugin>.<agent>` */
	readonly id: string;
	readonly plugin: string;
	readonly name: string;
};

type AgentOptions = {readonly instance: PluginInstance | null; readonly signal?: AbortSignal | undefined};

type TransferOptions = AgentOptions & {
	/** Told how many bytes are there so far, never fewer than before. */
	readonly onProgress: (bytes: number) => void;
};

/** Errors of all: no-agent, remote-failed when the place says no, plugin-failed when the agent is wrong, cancelled. */
export type PluginAgentCalls = {
	/** All agents, and why those of some plugins could not be told. */
	readonly agents: (
		instance: PluginInstance | null,
	) => Promise<{readonly agents: readonly AgentInfo[]; readonly problems: readonly ErrorData[]}>;
	readonly agentBackups: (agent: string, options: AgentOptions) => Promise<readonly AgentBackup[]>;
	/** @throws not-found */
	readonly agentBackup: (agent: string, id: string, options: AgentOptions) => Promise<AgentBackup>;
	/** @param path of the archive on this host. */
	readonly agentUpload: (agent: string, backup: AgentBackup, path: string, options: TransferOptions) => Promise<void>;
	/**
	 * @param file that is there already, empty, and receives the archive. Whether it is the right one is not checked.
	 * @throws not-found
	 */
	readonly agentDownload: (
		agent: string,
		backup: AgentBackup,
		path: string,
		options: TransferOptions,
	) => Promise<{readonly bytes: number}>;
	/** @throws not-found */
	readonly agentDelete: (agent: string, id: string, options: AgentOptions) => Promise<void>;
};

/** The error of asking for an agent there is not. */
export const noAgent = (id: string): PrintkeepError =>
	new PrintkeepError('no-agent', `There is no place for copies called ${safeText(id)}.`, {
		hint: 'See which there are with: printkeep agents',
	});

/**
 * @param running the started host; null where there are no plugins.
 * @param withAgents ids of the plugins that have some, in their order.
 */
export const createAgentCalls = (
	running: () => Promise<PluginHost | null>,
	withAgents: () => readonly string[],
): PluginAgentCalls => {
	const ask = async <Name extends CallName, Value>(
		plugin: string,
		name: Name,
		input: PluginCalls[Name]['input'],
		options: CallOptions,
		read: (answer: unknown) => Value,
	): Promise<Value> => {
		const host = await running();
		if (!host) {
			throw noAgent(plugin);
		}

		const answer = await host.call(plugin, name, input, options);
		try {
			return read(answer);
		} catch (error) {
			throw host.refuse(plugin, `${name}: ${safeText(error instanceof Error ? error.message : String(error))}`, name);
		}
	};

	/** The plugin and the plugin's own name for an agent. */
	const split = async (id: string): Promise<readonly [string, string]> => {
		await running();
		const [, plugin = '', agent = ''] = /^([^.]+)\.([^.]+)$/u.exec(id) ?? [];
		if (!withAgents().includes(plugin)) {
			throw noAgent(id);
		}

		return [plugin, agent];
	};

	return {
		async agents(instance) {
			await running();
			const agents: AgentInfo[] = [];
			const problems: ErrorData[] = [];
			for (const plugin of withAgents()) {
				try {
					const found = await ask(plugin, 'agents', null, {instance}, readAgentList);
					agents.push(...found.map(({id, name}) => ({id: `${plugin}.${id}`, plugin, name: name || id})));
				} catch (error) {
					problems.push(toErrorData(error));
				}
			}

			return {agents, problems};
		},
		async agentBackups(id, options) {
			const [plugin, agent] = await split(id);
			return ask(plugin, 'agentBackups', {agent}, options, readAgentBackups);
		},
		async agentBackup(id, backup, options) {
			const [plugin, agent] = await split(id);
			return ask(plugin, 'agentGet', {agent, id: backup}, options, answer => {
				const found = readAgentBackup(answer);
				if (found.id !== backup) {
					throw new TypeError('it answered with another backup.');
				}

				return found;
			});
		},
		async agentUpload(id, backup, path, options) {
			const [plugin, agent] = await split(id);
			await ask(plugin, 'agentUpload', {agent, backup, path}, options, () => null);
		},
		async agentDownload(id, {id: backup, bytes: expected}, path, options) {
			const [plugin, agent] = await split(id);
			const input = {agent, id: backup, path, bytes: expected};
			return {bytes: await ask(plugin, 'agentDownload', input, options, Number)};
		},
		async agentDelete(id, backup, options) {
			const [plugin, agent] = await split(id);
			await ask(plugin, 'agentDelete', {agent, id: backup}, options, () => null);
		},
	};
};
