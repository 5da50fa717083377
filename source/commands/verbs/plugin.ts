import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {PluginData, PluginRecordData} from '../../plugins/api.js';
import {isTree} from '../../plugins/settings-values.js';
import type {Command} from '../spec.js';
import {defineCommand} from '../spec.js';
import {parseValue} from './plugins-settings.js';

/** `name=text` and `name:=JSON`. */
const parameter = /^([A-Za-z][\w.-]*)(:?=)(.*)$/su;

const parametersOf = (texts: readonly string[]): PluginRecordData =>
	Object.fromEntries(
		texts.map(text => {
			const [, name, sign, value] = parameter.exec(text) ?? [];
			if (name === undefined || value === undefined) {
				throw new PrintkeepError('usage', `${safeText(text)} is no parameter.`, {
					hint: 'Parameters are written NAME=VALUE, or NAME:=JSON.',
				});
			}

			return [name, sign === ':=' ? parseValue(value) : value];
		}),
	);

const linesOf = (answer: PluginData): readonly string[] => {
	if (answer === null) {
		return [];
	}

	if (typeof answer === 'string') {
		return answer.split('\n').map(safeText);
	}

	const isFlat = isTree(answer) && Object.values(answer).every(value => value === null || typeof value !== 'object');
	return isFlat
		? Object.entries(answer).map(([name, value]) => `${safeText(name)}: ${safeText(String(value))}`)
		: JSON.stringify(answer, undefined, 2).split('\n').map(safeText);
};

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
		context.print(...linesOf(answer));
		return {exit: 0, json: {answer}};
	},
});
