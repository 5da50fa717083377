import type {Client} from '../../client/client.js';
import type {Instance, Part} from '../../client/protocol.js';
import {isPrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import {findRegistered, resolveTarget, settingsFor} from '../../settings/resolve-target.js';
import type {InstanceSettings, Settings} from '../../settings/schema.js';
import {toTarget} from '../../settings/to-target.js';
import type {CommandContext} from '../context.js';
import {serverTitle} from '../describe.js';
import {tableLines} from '../printers/table.js';
import {defineCommand, noOperands} from '../spec.js';
import {targetOptions} from '../target-options.js';

type Row = {
	readonly instance: Instance;
	readonly store: string;
	readonly registered: boolean;
	/** Bytes and files of the parts that go into a backup; null when they could not be read. */
	readonly size: {readonly bytes: number; readonly files: number} | null;
};

const goesIn = (part: Part, {excludes, includes}: InstanceSettings): boolean =>
	part.inclusion === 'required' ||
	(part.inclusion === 'included' && !excludes.includes(part.name)) ||
	(part.inclusion === 'excluded' && includes.includes(part.name));

const measure = async (
	client: Client,
	instance: Instance,
	settings: InstanceSettings,
	store: string,
): Promise<Row['size']> => {
	try {
		let bytes = 0;
		let files = 0;
		for (const part of await client.request('parts.list', {instance, store})) {
			if (goesIn(part, settings)) {
				const size = await client.request('parts.measure', {instance, store, part: part.name});
				bytes += size.bytes;
				files += size.files;
			}
		}

		return {bytes, files};
	} catch (error) {
		if (isPrintkeepError(error)) {
			return null;
		}

		throw error;
	}
};

/** Registered instances first, then what else is found on this host. */
const collect = async (context: CommandContext, settings: Settings) => {
	const client = await context.client();
	const folders = Object.values(settings.instances).map(({dataFolder}) => dataFolder);
	const {found, unusable} = await client.request('instances.find', {
		extraFolders: folders,
		asksPlugins: true,
	});
	const rows: Row[] = [];
	for (const name of Object.keys(settings.instances)) {
		const {
			instance,
			target,
			settings: own,
		} = await resolveTarget(client, settings, context.system.paths, {instance: name});
		rows.push({
			instance,
			store: target.store,
			registered: true,
			size: await measure(client, instance, own, target.store),
		});
	}

	for (const instance of found) {
		if (!findRegistered(settings, instance.dataFolder)) {
			const own = settingsFor(instance);
			const {store} = toTarget(instance, own, context.system.paths);
			rows.push({instance, store, registered: false, size: await measure(client, instance, own, store)});
		}
	}

	return {rows, unusable: unusable.filter(({dataFolder}) => !findRegistered(settings, dataFolder))};
};

export const instancesCommand = defineCommand({
	name: 'instances',
	summary: 'Show the print servers on this host and how much data they have',
	details: [
		'Looks at services, running programs and the usual folders, and at the instances in the settings. The name in the first column is what --instance takes.',
	],
	operands: noOperands,
	options: {},
	examples: [{command: 'printkeep instances --json', meaning: 'The same for a script.'}],
	output: 'document',
	async run(context) {
		const settings = context.settings.read();
		const {basedir} = targetOptions(context.shared, context.absolute);
		const {rows, unusable} =
			basedir === undefined && context.shared.instance === undefined
				? await collect(context, settings)
				: await context.resolve().then(async ({instance, target, settings: own, registered}) => ({
						rows: [
							{
								instance,
								store: target.store,
								registered,
								size: await measure(await context.client(), instance, own, target.store),
							},
						],
						unusable: [],
					}));
		if (rows.length === 0) {
			context.print(
				'No print server was found on this host.',
				'Name the data folder of one with --basedir DIR (OctoPrint’s is usually ~/.octoprint), or try `printkeep demo`.',
			);
		} else {
			context.print(
				...tableLines(
					[
						{title: 'NAME'},
						{title: 'SERVER'},
						{title: 'DATA', align: 'right'},
						{title: 'RUNNING'},
						{title: 'FOLDER'},
						{title: 'FOUND BY'},
					],
					rows.map(({instance, size, registered}) => [
						instance.name,
						serverTitle(instance),
						size ? formatBytes(size.bytes) : '?',
						instance.running === null ? '?' : instance.running ? 'yes' : 'no',
						safeText(instance.dataFolder),
						safeText(
							registered && instance.foundBy !== 'settings' ? `settings, ${instance.foundBy}` : instance.foundBy,
						),
					]),
				),
				...rows.flatMap(({instance}) => instance.problems.map(problem => `${instance.name}: ${safeText(problem)}`)),
			);
		}

		context.print(
			...unusable.map(({dataFolder, reason, hint}) =>
				`Not usable: ${safeText(dataFolder)}: ${safeText(reason)} ${safeText(hint)}`.trimEnd(),
			),
		);
		return {
			exit: 0,
			json: {
				instances: rows.map(({instance, store, registered, size}) => ({...instance, store, registered, size})),
				unusable,
			},
		};
	},
});
