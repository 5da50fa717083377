/** A kind of server that a plugin knows, as the engine asks every server adapter. Without the plugin its backups can still be looked at and unpacked. */
import {readFileSync, statSync} from 'node:fs';
import * as path from 'node:path';
import type {Instance, InstanceRef, PluginKind, ServerActivity} from '../client/protocol.js';
import {kindWord} from '../client/server-kind.js';
import {PrintkeepError, toErrorData} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {ServerAdapter, ServerHost, ServerPorts} from '../servers/adapter.js';
import {slug, uniqueName} from '../servers/instance-names.js';
import {layoutOfParts, partOfPath, pluginPrefix, restoreTargetsOf, restTitle} from './adapter-layout.js';
import {readActivity, readFound, readInspected, readParts, restName} from './adapter-values.js';
import type {CallName, PluginCalls} from './messages.js';

/** The plugin behind a kind. */
export type AdapterPlugin = {
	/** Identifier of the plugin. */
	readonly id: string;
	readonly title: string;
	readonly hasQuiesce: boolean;
	readonly hasReadiness: boolean;
	/**
	 * Asks it about an instance; `read` checks what it answers. @throws plugin-failed, cancelled
	 */
	readonly ask: <Name extends CallName, Value>(
		name: Name,
		input: PluginCalls[Name]['input'],
		read: (answer: unknown) => Value,
		instance?: InstanceRef,
	) => Promise<Value>;
};

const noPlugin = (kind: PluginKind): PrintkeepError =>
	new PrintkeepError(
		'no-plugin',
		`No plugin here knows servers of the kind ${kindWord(kind)}, so that nothing can be done with the server itself.`,
		{
			hint: 'Enable the plugin that knows them with: printkeep plugins enable SOURCE. Without it, backups can be shown, verified, and restored into a folder with --to.',
		},
	);

const yes = new Set(['true', 'yes', 'y', '1']);

/** The group of processes this process belongs to, which has the name of the unit that started it. */
const ownGroup = (processFolder: string): string => {
	try {
		return readFileSync(path.join(processFolder, 'self/cgroup'), 'utf8');
	} catch {
		return '';
	}
};

const unitHost = async (ports: ServerPorts, unit: string): Promise<ServerHost> => ({
	type: 'unit',
	name: unit,
	scope: 'system',
	active: (await ports.run('systemctl', ['is-active', '--', unit], 5000)) !== null,
	holdsCaller: ownGroup(ports.processFolder).includes(`/${unit}`),
});

/** @param plugin null when no plugin here knows the kind. @param parts of the backup at hand; none when nothing is known of them */
export const createPluginAdapter = (
	kind: PluginKind,
	plugin: AdapterPlugin | null,
	parts: Parameters<NonNullable<ServerAdapter['withParts']>>[0] = [],
): ServerAdapter => {
	const need = (): AdapterPlugin => {
		if (!plugin) {
			throw noPlugin(kind);
		}

		return plugin;
	};

	const inspect: ServerAdapter['inspect'] = async (ports, {dataFolder: given, name}) => {
		const dataFolder = path.resolve(given);
		const {ask, title} = need();
		if (!statSync(dataFolder, {throwIfNoEntry: false})?.isDirectory()) {
			throw new PrintkeepError('missing-folder', `The folder ${safeText(dataFolder)} does not exist.`, {
				hint: 'Is its disk mounted? Run `printkeep instances` to see what is there.',
			});
		}

		const reference: InstanceRef = {name: name ?? uniqueName(dataFolder, new Set()), kind, dataFolder};
		const found = await ask('adapterInspect', {dataFolder}, readInspected, reference);
		if (!found) {
			throw new PrintkeepError('no-instance', `${safeText(dataFolder)} is no data folder of ${safeText(title)}.`, {
				hint: 'Run `printkeep instances` to see what is there.',
			});
		}

		const ref = {...reference, name: name ?? (slug(found.name ?? '') || reference.name)};
		return {
			...ref,
			kindTitle: title,
			version: found.version,
			versionSource: found.version === null ? 'unknown' : 'environment',
			foundBy: 'its folder was given',
			...(found.serviceUnit === undefined ? {} : {serviceUnit: found.serviceUnit}),
			nativeBackupFolder: '',
			running: await isRunning(ports, ref),
			problems: [],
		};
	};

	const activity: ServerAdapter['activity'] = async (_ports, instance): Promise<ServerActivity> => {
		const advice = 'Stop the server yourself, and see with `printkeep plugins list` what is wrong.';
		if (!plugin) {
			return {state: 'unknown', detail: noPlugin(kind).message, advice};
		}

		if (!plugin.hasReadiness) {
			return {
				state: 'unknown',
				detail: `The plugin ${plugin.id} does not tell what the server does.`,
				advice: 'Stop the server yourself.',
			};
		}

		try {
			const {dataFolder} = instance;
			return await plugin.ask('adapterReadiness', {dataFolder}, readActivity, instance);
		} catch (error) {
			return {state: 'unknown', detail: toErrorData(error).message, advice};
		}
	};

	const isRunning: ServerAdapter['isRunning'] = async (ports, instance) => {
		const {state} = plugin?.hasReadiness ? await activity(ports, instance, undefined) : {state: 'unknown'};
		return state === 'unknown' ? null : state !== 'stopped';
	};

	const inspected = async (instance: InstanceRef) =>
		need().ask('adapterInspect', {dataFolder: instance.dataFolder}, readInspected, instance);

	const runBy: ServerAdapter['runBy'] = async (ports, instance) => {
		try {
			const unit = (await inspected(instance))?.serviceUnit;
			return unit === undefined ? null : await unitHost(ports, unit);
		} catch {
			return null;
		}
	};

	const checkedParts = async (instance: InstanceRef) =>
		need().ask('adapterParts', {dataFolder: instance.dataFolder}, readParts, instance);

	return {
		kind,
		prefix: pluginPrefix,
		withParts: known => createPluginAdapter(kind, plugin, known),
		async find(ports) {
			const found: Instance[] = [];
			const unusable: {dataFolder: string; reason: string; hint: string}[] = [];
			for (const {dataFolder, name} of await need().ask('adapterDetect', null, readFound)) {
				try {
					const own = slug(name ?? '');
					const instance = await inspect(ports, {dataFolder, ...(own === '' ? {} : {name: own})});
					found.push({...instance, foundBy: `the plugin ${need().id}`});
				} catch (error) {
					const {message, hint} = toErrorData(error);
					unusable.push({dataFolder, reason: message, hint});
				}
			}

			return {found, unusable};
		},
		inspect,
		layout: async (instance, store) => layoutOfParts(instance, store, await checkedParts(instance)),
		async environment(_ports, instance) {
			const version = (await inspected(instance))?.version ?? null;
			return {version, versionSource: version === null ? 'unknown' : 'environment', plugins: null};
		},
		...(plugin?.hasQuiesce
			? {
					async quiesce({dataFolder, ...rest}: InstanceRef) {
						const instance = {...rest, dataFolder};
						const token = await plugin.ask('adapterQuiesce', {dataFolder}, Number, instance);
						return async () => plugin.ask('adapterRelease', {token}, () => undefined, instance);
					},
				}
			: {}),
		pluginPoll: async () => ({type: 'nobody'}),
		toldExcludes: excludes => excludes,
		extraMembers: () => [],
		metadataMembers: [],
		recognises: has => has('printkeep.json'),
		readMetadata: () => ({version: null, excludes: null, plugins: []}),
		requiredMembers: [],
		checkMembers: () => [],
		partOf: target => partOfPath(parts, target),
		partTitle: name => parts.find(part => part.name === name)?.title ?? (name === restName ? restTitle : name),
		neverRestored: target => /(?:^|\/)\.printkeep/u.test(target),
		restoreTargets: async instance => restoreTargetsOf(instance, await checkedParts(instance)),
		secretFiles: [],
		isNewer: () => false,
		async restoreDisabled({environment}) {
			return yes.has((environment.PRINTKEEP_RESTORE_UNSUPPORTED ?? '').trim().toLowerCase())
				? 'Restoring is switched off: the environment variable PRINTKEEP_RESTORE_UNSUPPORTED is set.'
				: '';
		},
		pluginCommands: () => [],
		pluginRepository: '',
		async reinstallPlugins() {
			throw new PrintkeepError('usage', 'Nothing is known of plugins for this kind of server.');
		},
		isRunning,
		activity,
		runBy,
		machineSettings: () => [],
		withMachineSettings: (_present, backup) => backup,
		async afterRestore(ports, instance) {
			const host = await runBy(ports, instance);
			const doing = (await isRunning(ports, instance)) === false ? 'Start' : 'Restart';
			return [
				host?.type === 'unit'
					? `${doing} the server: sudo systemctl restart ${safeText(host.name.replace(/\.service$/u, ''))}`
					: `${doing} the server, so that it uses the restored data.`,
			];
		},
		leftovers: async () => [],
	};
};
