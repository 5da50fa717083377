/** Asking OctoPrint whether it prints. */
import type {InstanceRef, ServerActivity, ServiceSettings} from '../../client/protocol.js';
import type {HttpAnswer, ServerAdapter, ServerPorts} from '../adapter.js';
import {type ApiAddress, apiAddresses} from './api-address.js';
import {apiKeyOf} from './api-key.js';
import {activityOf, parseJob, parsePrinter} from './api-state.js';
import {isRunning} from './running.js';

/** For both questions together the caller waits at most twice as long. */
const timeoutMilliseconds = 3000;
const maximumBytes = 65_536;

const makeKey =
	'Make an application key (in OctoPrint: Settings, Application Keys), put it into a file that only you can read, and name that file with `printkeep config set api-key-file FILE`.';

const checkAddress = 'Check the setting server-url.';

const unknown = (why: string, advice = ''): ServerActivity => ({
	state: 'unknown',
	detail: `OctoPrint is running and could not be asked: ${why}.`,
	...(advice === '' ? {} : {advice}),
});

const failureOf = (
	url: string,
	{reason, detail}: Extract<HttpAnswer, {type: 'failure'}>,
): {readonly why: string; readonly advice: string} => {
	switch (reason) {
		case 'refused': {
			return {
				why: `nothing answers at ${url}`,
				advice:
					'When it has just been started, try again in a minute. If it listens elsewhere, tell where with `printkeep config set server-url http://HOST:PORT`.',
			};
		}

		case 'timeout': {
			return {why: `${url} has not answered within 3 seconds`, advice: 'Try again in a moment.'};
		}

		case 'too-large': {
			return {why: `what answers at ${url} is not OctoPrint`, advice: checkAddress};
		}

		case 'certificate': {
			return {why: `the certificate of ${url} is not trusted (${detail})`, advice: checkAddress};
		}

		case 'broken': {
			return {why: `${url} could not be reached (${detail})`, advice: checkAddress};
		}
	}
};

/** An answer of a status that says something, or what not having one comes to. */
type Asked =
	| {readonly type: 'answer'; readonly status: number; readonly body: string}
	| {readonly type: 'none'; readonly activity: ServerActivity; readonly isRefused: boolean};

const nothing = (why: string, advice?: string, isRefused = false): Asked => ({
	type: 'none',
	activity: unknown(why, advice),
	isRefused,
});

const ask = async (
	{request}: ServerPorts,
	{base, question, key}: {readonly base: string; readonly question: string; readonly key: string | null},
	accepted: readonly number[],
): Promise<Asked> => {
	const answer = await request(`${base}${question}`, {
		headers: {Accept: 'application/json', ...(key === null ? {} : {'X-Api-Key': key})},
		timeoutMilliseconds,
		maximumBytes,
	});
	if (answer.type === 'failure') {
		const {why, advice} = failureOf(base, answer);
		return nothing(why, advice, answer.reason === 'refused');
	}

	const {status, location, body} = answer;
	if (accepted.includes(status)) {
		return {type: 'answer', status, body};
	}

	if (status === 401 || status === 403) {
		return nothing(key === null ? 'it wants a key' : 'it refuses the key', makeKey);
	}

	if (status >= 300 && status < 400) {
		return nothing(
			`${base} sends on to ${location === null ? 'another address' : location.slice(0, 200)}`,
			'Set that address: printkeep config set server-url URL',
		);
	}

	return status >= 500
		? nothing(`${base} answers with the error ${status}`, 'Try again in a moment.')
		: nothing(`what answers at ${base} is not OctoPrint`, checkAddress);
};

const askAt = async (
	ports: ServerPorts,
	{urls, isTrusted}: ApiAddress,
	ownKey: string | null,
): Promise<ServerActivity> => {
	const key = isTrusted ? ownKey : null;
	const askPrinter = async (url: string): Promise<Asked> =>
		ask(ports, {base: url, question: 'api/printer?exclude=temperature,sd,history', key}, [200, 409]);
	let [base, ...others] = urls;
	let printer = await askPrinter(base);
	for (const other of others) {
		if (printer.type === 'none' && printer.isRefused) {
			const second = await askPrinter(other);
			// What is said of the first address is kept when nothing answers anywhere.
			[base, printer] = second.type === 'none' && second.isRefused ? [base, printer] : [other, second];
		}
	}

	if (printer.type === 'none') {
		return printer.activity;
	}

	const job = await ask(ports, {base, question: 'api/job', key}, [200]);
	if (job.type === 'none') {
		return job.activity;
	}

	// 409 is how OctoPrint says that no printer is connected.
	const flags = printer.status === 409 ? null : parsePrinter(printer.body);
	const state = parseJob(job.body);
	return flags === undefined || state === undefined
		? unknown(`what answers at ${base} is not OctoPrint`, checkAddress)
		: activityOf(flags, state);
};

const caution: readonly ServerActivity['state'][] = ['printing', 'paused', 'unknown', 'idle', 'stopped'];

const stopped: ServerActivity = {state: 'stopped', detail: ''};

const find = async (ports: ServerPorts, instance: InstanceRef, settings: ServiceSettings): Promise<ServerActivity> => {
	switch (isRunning(ports, instance)) {
		case false: {
			return stopped;
		}

		case null: {
			return {
				state: 'unknown',
				detail:
					'Whether OctoPrint is running could not be found out: this user is not shown enough of the processes of others.',
				advice: 'Run printkeep as the user OctoPrint runs as.',
			};
		}

		case true: {
			const key = apiKeyOf(instance, settings);
			if ('why' in key) {
				return unknown(key.why, key.advice);
			}

			const answers: ServerActivity[] = [];
			for (const address of apiAddresses(ports, instance, settings)) {
				answers.push('why' in address ? unknown(address.why, address.advice) : await askAt(ports, address, key.key));
			}

			// Of several servers on one folder, which should never be, the busiest counts. None at all: the last has just ended.
			return (
				caution.map(state => answers.find(answer => answer.state === state)).find(answer => answer !== undefined) ?? {
					state: 'stopped',
					detail: '',
				}
			);
		}
	}
};

/**
 * What OctoPrint does now. A server that cannot be asked, or whose answer is not understood, is `unknown`. Only a server on this machine, or at the
 * address a person has set, is sent a key.
 */
export const activity: ServerAdapter['activity'] = async (ports, instance, settings = {}) => {
	try {
		return await find(ports, instance, settings);
	} catch (error) {
		return unknown(error instanceof Error ? error.message : String(error));
	}
};
