import type {Client} from '../../client/client.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {PluginData, PluginRecordData} from '../../plugins/api.js';
import {isTree, valueAt} from '../../plugins/settings-values.js';
import {defineSubcommand} from '../subcommands.js';

/** A value as typed: JSON where it is JSON (`12`, `true`, `["a"]`), else text. */
export const parseValue = (text: string): PluginData => {
	try {
		return JSON.parse(text) as PluginData;
	} catch {
		return text;
	}
};

const lines = (values: PluginRecordData, above: readonly string[] = []): readonly string[] =>
	Object.entries(values).flatMap(([key, value]) => {
		const path = [...above, key];
		return isTree(value) && Object.keys(value).length > 0
			? lines(value, path)
			: [`${safeText(path.join('.'))}: ${safeText(typeof value === 'string' ? value : JSON.stringify(value ?? null))}`];
	});

/** Names of settings there are and that nobody is shown, so that what can be set is known all the same. */
const hiddenOf = async (client: Client, plugin: string): Promise<readonly string[]> => {
	const known = await client.request('plugins.list', {});
	const description = known.find(one => one.description?.id === plugin)?.description;
	return (description?.restricted ?? []).map(path => path.join('.'));
};

export const settingsSubcommand = defineSubcommand({
	name: 'settings',
	details: [
		'`plugins settings` shows a plugin’s settings, prints one of them, or changes it: VALUE is JSON, or text as it is; --unset goes back to the default. A name with dots leads into a setting: `instances.octoprint`. Secrets belong into private files; settings name their paths.',
	],
	operands: {usage: 'PLUGIN [NAME [VALUE]]', minimum: 1, maximum: 3},
	options: {unset: {type: 'boolean', description: 'Go back to the default of a setting.'}},
	examples: [{command: 'printkeep plugins settings notify', meaning: 'Show what it is set to.'}],
	async run(context, {options: {unset}, operands: [plugin = '', name, value]}) {
		const client = await context.client();
		if (name === undefined || (value === undefined && !unset)) {
			const settings = await client.request('plugins.settings', {plugin});
			const hidden = await hiddenOf(client, plugin);
			const found = name === undefined ? settings : valueAt(settings, name.split('.'));
			if (found === undefined && name !== undefined && hidden.includes(name)) {
				throw new PrintkeepError('invalid-setting', `${safeText(name)} is never shown.`, {
					hint: 'It may be secret, or say which programs are run.',
				});
			}

			if (found === undefined) {
				throw new PrintkeepError(
					'invalid-setting',
					`The plugin ${safeText(plugin)} shows no setting called ${safeText(name ?? '')}.`,
					{
						hint: `See what it has with: printkeep plugins settings ${safeText(plugin)}`,
					},
				);
			}

			context.print(
				...(isTree(found) ? lines(found) : [safeText(typeof found === 'string' ? found : JSON.stringify(found))]),
				...(name === undefined && hidden.length > 0 ? [`Not shown: ${hidden.map(safeText).join(', ')}`] : []),
			);
			return {exit: 0, json: {settings: found}};
		}

		if (unset && value !== undefined) {
			throw new PrintkeepError('usage', '--unset goes without a value.');
		}

		const changes = [{path: name.split('.'), value: unset ? null : parseValue(value ?? '')}];
		const settings = await client.request('plugins.change', {plugin, changes});
		context.print(unset ? `${safeText(name)} has its default again.` : `${safeText(name)} is set.`);
		return {exit: 0, json: {settings}};
	},
});
