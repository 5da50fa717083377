/** What the jobs that deal with places for copies have in common. */
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {noAgent} from '../../plugins/agents.js';
import type {JobAgents, JobContext} from './context.js';

/** @throws no-agent where there are no plugins */
export const needAgents = ({agents}: Pick<JobContext, 'agents'>, agent: string): JobAgents => {
	if (!agents) {
		throw noAgent(agent);
	}

	return agents;
};

/** Turns bytes that are there so far into the steps a reporter takes. */
export const countProgress = ({report}: Pick<JobContext, 'report'>): ((bytes: number) => void) => {
	let told = 0;
	return bytes => {
		report.advance(Math.max(0, bytes - told), 0);
		told = Math.max(told, bytes);
	};
};

/** The error of a copy that is not what it should be. */
export const badCopy = (message: string, hint: string): PrintkeepError =>
	new PrintkeepError('remote-failed', message, {hint});

/** "folder.attic" as it can be shown. */
export const nameOf = (agent: string): string => safeText(agent);
