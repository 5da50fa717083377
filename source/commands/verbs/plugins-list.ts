import type {PluginInfo} from '../../client/protocol.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {builtInSummaries} from '../../plugins/built-in/registry.js';
import {builtInPrefix} from '../../plugins/resolve-source.js';
import type {CommandContext} from '../context.js';
import {builtInIds, titleOf} from '../plugin-names.js';
import {tableLines} from '../printers/table.js';
import {noOperands} from '../spec.js';
import {defineSubcommand} from '../subcommands.js';

type Row = {
	readonly source: string;
	readonly state: PluginInfo['state'] | 'disabled' | 'available';
	readonly reason: string;
	readonly description: PluginInfo['description'];
	/** What one does that comes with printkeep and is not enabled. */
	readonly summary?: string | undefined;
	/** Its id, where only that is known. */
	readonly id?: string | undefined;
};

/** Those of the settings in their order, then those that come with printkeep and are not among them. */
const rowsOf = async (context: CommandContext): Promise<readonly Row[]> => {
	const {plugins: entries} = context.settings.read();
	const known = await (await context.client()).request('plugins.list', {});
	const rows = entries.map(({source, enabled, id}): Row => {
		const info = known.find(plugin => plugin.source === source);
		return enabled && info ? info : {source, state: 'disabled', reason: '', description: null, id};
	});
	const others = builtInIds
		.map(id => `${builtInPrefix}${id}`)
		.filter(source => !entries.some(entry => entry.source === source))
		.map(
			(source): Row => ({
				source,
				state: 'available',
				reason: '',
				description: null,
				summary: builtInSummaries[source],
			}),
		);
	return [...rows, ...others];
};

export const listSubcommand = defineSubcommand({
	name: 'list',
	details: [
		'`plugins list` shows every plugin the settings name, whether it runs, and why not; and those that come with printkeep. Exit code 1 when one does not run.',
	],
	operands: noOperands,
	options: {},
	examples: [],
	async run(context) {
		const rows = await rowsOf(context);
		const broken = rows.filter(({state}) => state === 'failed' || state === 'refused');
		const named = rows.filter(({state}) => state !== 'available');
		if (named.length === 0) {
			context.print('No plugin is named in the settings.');
		} else {
			context.print(
				...tableLines(
					[{title: 'PLUGIN'}, {title: 'STATE'}, {title: 'VERSION'}, {title: 'NAME'}, {title: 'FROM'}],
					named.map(row => [
						titleOf(row),
						row.state,
						safeText(row.description?.version ?? ''),
						safeText(row.description?.name ?? ''),
						row.source.startsWith(builtInPrefix) ? 'printkeep' : safeText(row.source),
					]),
				),
			);
		}

		const available = rows.filter(({state}) => state === 'available');
		if (available.length > 0) {
			context.print('', 'These come with printkeep; switch one on with `printkeep plugins enable PLUGIN`:');
			context.print(...available.map(row => `  ${titleOf(row)}: ${row.summary ?? ''}`));
		}

		for (const row of rows) {
			if (row.reason !== '') {
				context.print('', `${titleOf(row)}: ${row.reason}`);
			}
		}

		if (broken.length > 0) {
			context.print('', `${plural(broken.length, 'plugin')} did not start.`);
		}

		return {exit: broken.length > 0 ? 1 : 0, json: {plugins: rows}};
	},
});
