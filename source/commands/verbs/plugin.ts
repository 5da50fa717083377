import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {PluginData, PluginRecordData} from '../../plugins/api.js';
import type {PluginDescription} from '../../plugins/messages.js';
import {isTree} from '../../plugins/settings-values.js';
import {tableLines} from '../printers/table.js';
import type {Command} from '../spec.js';
import {defineCommand} from '../spec.js';

/** `name=text` and `name:=JSON`. */
const parameter = /^([A-Za-z][\w.-]*)(:?=)(.*)$/su;

const jsonOf = (name: string, text: string): PluginData => {
	try {
		return JSON.parse(text) as PluginData;
	} catch {
		throw new PrintkeepError('usage', `What follows ${safeText(name)}:= is not JSON.`, {
			hint: 'Text is written NAME=VALUE.',
		});
	}
};

const parametersOf = (texts: readonly string[]): PluginRecordData =>
	Object.fromEntries(
		texts.map(text => {
			const [, name, sign, value] = parameter.exec(text) ?? [];
			if (name === undefined || value === undefined) {
				throw new PrintkeepError('usage', `${safeText(text)} is no parameter.`, {
					hint: 'Parameters are written NAME=VALUE, or NAME:=JSON.',
				});
			}

			return [name, sign === ':=' ? jsonOf(name, value) : value];
		}),
	);

const isPlain = (value: unknown): boolean => value === null || typeof value !== 'object';

/** One value of an answer: a line, the items of a list, or a table of records that are alike. Null for what only JSON can show. */
const valueLines = (name: string, value: PluginData): readonly string[] | null => {
	if (isPlain(value)) {
		return [`${safeText(name)}: ${safeText(String(value))}`];
	}

	if (!Array.isArray(value)) {
		return null;
	}

	const items: readonly PluginData[] = value;
	if (items.every(isPlain)) {
		return [
			`${safeText(name)}: ${items.length === 0 ? '(none)' : items.map(item => safeText(String(item))).join(', ')}`,
		];
	}

	const rows = items.filter(isTree);
	const columns = Object.keys(rows[0] ?? {});
	const isTable =
		rows.length === items.length &&
		rows.every(row => Object.keys(row).join() === columns.join() && Object.values(row).every(isPlain));
	return isTable
		? [
				`${safeText(name)}:`,
				...tableLines(
					columns.map(column => ({title: safeText(column).toUpperCase()})),
					rows.map(row => columns.map(column => safeText(String(row[column] ?? '')))),
				).map(line => `  ${line}`),
			]
		: null;
};

const linesOf = (answer: PluginData): readonly string[] => {
	if (answer === null) {
		return [];
	}

	if (typeof answer === 'string') {
		return answer.split('\n').map(safeText);
	}

	const lines = isTree(answer)
		? Object.entries(answer).map(([name, value]) => valueLines(name, value ?? null))
		: [null];
	return lines.every(part => part !== null)
		? lines.flat()
		: JSON.stringify(answer, undefined, 2).split('\n').map(safeText);
};

/** What can be asked of a plugin that says nothing by itself. */
const usageLines = ({id, commands, hasGet}: PluginDescription): readonly string[] =>
	hasGet
		? []
		: commands.length === 0
			? [`${safeText(id)} has nothing to say, and no commands.`]
			: [
					`${safeText(id)} has nothing to say by itself. Its commands:`,
					...commands.flatMap(({name, description, required}) => [
						`  ${['printkeep plugin', id, name, ...required.map(parameter => `${parameter}=VALUE`)].map(safeText).join(' ')}`,
						...(description === '' ? [] : [`      ${safeText(description)}`]),
					]),
				];

export const pluginCommand: Command = defineCommand({
	name: 'plugin',
	summary: 'Ask a plugin, or run one of its commands',
	details: [
		'Without a command, the plugin says what it has to say. Parameters are written NAME=VALUE; NAME:=JSON gives numbers, lists and the like. Secrets do not belong on a command line.',
	],
	operands: {usage: 'ID [COMMAND] [NAME=VALUE…]', minimum: 1, maximum: 100},
	options: {},
	examples: [{command: 'printkeep plugin notify test', meaning: 'Send a test message to wherever it sends messages.'}],
	output: 'document',
	async run(context, {operands: [plugin = '', command, ...texts]}) {
		const data = parametersOf(texts);
		const client = await context.client();
		// It can be asked where there is no print server, too.
		const target = await context.resolve().then(
			resolved => resolved.target,
			() => null,
		);
		const answer = await client.request('plugins.command', {plugin, command: command ?? null, data, target});
		const {description} =
			command === undefined && answer === null
				? ((await client.request('plugins.list', {})).find(one => one.description?.id === plugin) ?? {})
				: {};
		context.print(...(description ? usageLines(description) : linesOf(answer)));
		return {exit: 0, json: {answer}};
	},
});
