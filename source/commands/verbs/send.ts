import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import {findAgent} from '../find-agent.js';
import {findSource, originOption, parseOrigin} from '../find-backup.js';
import {defineCommand} from '../spec.js';

export const sendCommand = defineCommand({
	name: 'send',
	summary: 'Take a copy of a backup to an agent, off this host',
	details: [
		'What is not known to be intact is read in full before it is sent. Afterwards the agent has to list the copy with the same size, and with the same hash where it tells one. A backup that is there already is not sent again.',
	],
	operands: {usage: 'KEY|FILE', minimum: 1, maximum: 1},
	options: {
		agent: {
			type: 'string',
			value: 'AGENT',
			description: 'The place, see `printkeep agents`; not needed where there is only one.',
		},
		origin: originOption,
	},
	examples: [
		{command: 'printkeep send latest --agent folder.usb', meaning: 'The newest backup, to the agent of a plugin.'},
	],
	output: 'events',
	async run(context, {options, operands: [key = '']}) {
		const {target} = await context.resolveForArchives();
		const agent = await findAgent(context, target, options.agent);
		const {source} = await findSource(context, key, parseOrigin(options.origin));
		const {outcome, result} = await context.runJob<'send'>({type: 'send', target, source, agent});
		const size = formatBytes(result.bytes);
		context.print(
			result.wasThere
				? `${safeText(result.id)} is at ${agent} already, ${size}, with the same ${result.comparedBy === 'size' ? 'size' : 'hash'}.`
				: `Sent ${safeText(result.id)} to ${agent}, ${size}. It is listed there with the same ${result.comparedBy === 'size' ? 'size; the agent tells no hash.' : 'hash.'}`,
		);
		return {exit: 0, json: {outcome, result}};
	},
});
