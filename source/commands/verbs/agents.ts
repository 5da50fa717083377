import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {confirm} from '../confirm.js';
import type {CommandContext} from '../context.js';
import {findAgent, listAgents} from '../find-agent.js';
import {tableLines} from '../printers/table.js';
import {type CommandResult, defineCommand} from '../spec.js';

const showAll = async (context: CommandContext): Promise<CommandResult> => {
	const {target} = await context.resolveForArchives();
	const {agents, problems} = await listAgents(context, target);
	context.print(
		...(agents.length === 0
			? ['There is no place for copies: no plugin has an agent.']
			: tableLines(
					[{title: 'AGENT'}, {title: 'NAME'}, {title: 'PLUGIN'}],
					agents.map(({id, name, plugin}) => [id, safeText(name), plugin]),
				)),
	);
	return {exit: 0, json: {agents, problems}};
};

const showOne = async (context: CommandContext, text: string): Promise<CommandResult> => {
	const {target} = await context.resolveForArchives();
	const agent = await findAgent(context, target, text);
	const backups = await (await context.client()).request('agent.backups', {agent, target});
	context.print(
		...(backups.length === 0
			? [`There are no backups at ${agent} yet. Send one with: printkeep send latest --agent ${agent}`]
			: [
					...tableLines(
						[{title: 'MADE'}, {title: 'SIZE', align: 'right'}, {title: 'HASH'}, {title: 'INSTANCE'}, {title: 'ID'}],
						backups.map(({id, bytes, createdAt, instance = '', sha256}) => [
							formatDateTime(createdAt),
							formatBytes(bytes),
							sha256 === undefined ? '' : sha256.slice(0, 12),
							safeText(instance),
							safeText(id),
						]),
					),
					'',
					`${plural(backups.length, 'backup')}. Take one back with: printkeep fetch ${agent} ID`,
				]),
	);
	return {exit: 0, json: {agent, backups}};
};

const remove = async (context: CommandContext, text: string, id: string): Promise<CommandResult> => {
	const {target} = await context.resolveForArchives();
	const agent = await findAgent(context, target, text);
	const client = await context.client();
	const backup = (await client.request('agent.backups', {agent, target})).find(each => each.id === id);
	if (!backup) {
		throw new PrintkeepError('not-found', `There is no backup called ${safeText(id)} at ${agent}.`, {
			hint: `See what is there with: printkeep agents ${agent}`,
		});
	}

	const what = `${safeText(id)}, ${formatDateTime(backup.createdAt)}, ${formatBytes(backup.bytes)}`;
	await confirm(context, {
		what: `Deleting ${safeText(id)} at ${agent}`,
		prompt: `Delete ${what} at ${agent} for good?`,
	});
	await client.request('agent.delete', {agent, id, target});
	context.print(`Deleted ${what} at ${agent}.`);
	return {exit: 0, json: {agent, deleted: backup}};
};

export const agentsCommand = defineCommand({
	name: 'agents',
	summary: 'Show places for copies, and the backups there',
	details: [
		'An agent is a place off this host where copies of backups go; plugins bring them. `agents` lists all of them, `agents AGENT` the backups at one, and `agents delete AGENT ID` deletes one there for good, after asking.',
		'AGENT is PLUGIN.NAME, or NAME alone where only one plugin has an agent of that name.',
	],
	operands: {usage: '[AGENT] | delete AGENT ID', minimum: 0, maximum: 3},
	options: {},
	examples: [
		{command: 'printkeep agents', meaning: 'Which places there are.'},
		{command: 'printkeep agents folder.usb', meaning: 'What is there.'},
	],
	output: 'document',
	async run(context, {operands: [first, second, third]}) {
		if (first === undefined) {
			return showAll(context);
		}

		if (first === 'delete') {
			if (second === undefined || third === undefined) {
				throw new PrintkeepError('usage', '`printkeep agents delete` needs AGENT ID.', {
					hint: 'See `printkeep help agents`.',
				});
			}

			return remove(context, second, third);
		}

		if (second !== undefined) {
			throw new PrintkeepError('usage', `\`printkeep agents\` cannot ${safeText(first)}.`, {
				hint: 'See `printkeep help agents`.',
			});
		}

		return showOne(context, first);
	},
});
