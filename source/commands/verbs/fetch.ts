import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import {findAgent} from '../find-agent.js';
import {defineCommand} from '../spec.js';

export const fetchCommand = defineCommand({
	name: 'fetch',
	summary: 'Take a backup of an agent into the store',
	details: [
		'What comes is compared with the size and hash the agent lists, read in full, and has to be a backup of this kind of server before it gets a name in the store.',
	],
	operands: {usage: 'AGENT ID', minimum: 2, maximum: 2},
	options: {
		as: {type: 'string', value: 'KEY', description: 'Name in the store; .zip is added.'},
	},
	examples: [{command: 'printkeep fetch folder.usb KEY.zip', meaning: 'A backup `printkeep agents folder.usb` lists.'}],
	output: 'events',
	async run(context, {options, operands: [text = '', id = '']}) {
		const {target} = await context.resolveForArchives();
		const agent = await findAgent(context, target, text);
		const {outcome, result} = await context.runJob<'fetch'>({
			type: 'fetch',
			target,
			agent,
			id,
			...(options.as === undefined ? {} : {as: options.as}),
		});
		context.print(`Fetched as ${safeText(result.backup.key)}, ${formatBytes(result.backup.bytes)}, verified.`);
		return {exit: 0, json: {outcome, result}};
	},
});
