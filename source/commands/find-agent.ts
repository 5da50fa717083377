import type {Result, Target} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {CommandContext} from './context.js';
import {suggest} from './suggest.js';

type Listed = Result<'agents.list'>;

/** The agents of all plugins. What is wrong with single plugins is printed. */
export const listAgents = async (context: CommandContext, target: Target): Promise<Listed> => {
	const listed = await (await context.client()).request('agents.list', {target});
	context.print(...listed.problems.map(({message}) => safeText(message)));
	return listed;
};

/**
 * The full id of the agent that is meant by it, or by its own name where only one plugin has one of that name; the only one there is when none is
 * named. Errors: no-agent, usage.
 */
export const findAgent = async (context: CommandContext, target: Target, text: string | undefined): Promise<string> => {
	const {agents} = await listAgents(context, target);
	const ids = agents.map(({id}) => id);
	if (text === undefined) {
		const [only] = ids;
		if (only === undefined || ids.length > 1) {
			throw new PrintkeepError('usage', 'Say which place is meant with --agent AGENT.', {
				hint: only === undefined ? 'There is none: no plugin has an agent.' : `There are: ${ids.join(', ')}.`,
			});
		}

		return only;
	}

	const meant = ids.includes(text) ? [text] : ids.filter(id => id.slice(id.indexOf('.') + 1) === text);
	const [found] = meant;
	if (found === undefined) {
		const near = suggest(text, ids);
		throw new PrintkeepError('no-agent', `There is no place for copies called ${safeText(text)}.`, {
			hint: near === undefined ? 'See which there are with: printkeep agents' : `Did you mean ${near}?`,
		});
	}

	if (meant.length > 1) {
		throw new PrintkeepError('usage', `${safeText(text)} can be ${meant.join(' or ')}.`, {hint: 'Say which.'});
	}

	return found;
};
