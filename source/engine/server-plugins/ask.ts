/** Asks the plugins of a server what they want left out of a backup: once, however many want to know it at the same time. */
import type {InstanceRef} from '../../client/protocol.js';
import type {PluginAnswers, PluginPoll} from '../../servers/adapter.js';
import {adapterFor} from '../adapter-for.js';
import type {EnginePorts} from '../ports.js';
import {keepAnswers, keptAnswers} from './answer-cache.js';

type Asking = {readonly answers: Promise<PluginAnswers>; readonly controller: AbortController; waiting: number};

/** Questions that are being asked. They outlive the job that came first, as long as another one waits for the answer. */
const asked = new Map<string, Asking>();

/** Waits for an answer together with others; the last one that gives up ends the asking. */
const waitFor = async (question: string, asking: Asking, signal: AbortSignal): Promise<PluginAnswers> => {
	asking.waiting++;
	const stopped = Promise.withResolvers<never>();
	const stop = (): void => stopped.reject(signal.reason);
	signal.addEventListener('abort', stop, {once: true});
	try {
		signal.throwIfAborted();
		return await Promise.race([asking.answers, stopped.promise]);
	} finally {
		signal.removeEventListener('abort', stop);
		if (--asking.waiting === 0) {
			asked.delete(question);
			asking.controller.abort();
		}
	}
};

/** Who can be asked, as it was found out a moment ago: screens ask about each part of an instance in a row, and to look through all packages takes a while. */
const found = new Map<string, {readonly at: number; readonly poll: Promise<PluginPoll>}>();

const freshMilliseconds = 5000;

const mostFound = 16;

const pollOf = async (ports: EnginePorts, instance: InstanceRef, mayBeStale: boolean): Promise<PluginPoll> => {
	const key = JSON.stringify([ports.stateFolder, instance]);
	const now = ports.clock.monotonic();
	const known = found.get(key);
	if (mayBeStale && known && now - known.at < freshMilliseconds) {
		return known.poll;
	}

	if (found.size >= mostFound) {
		found.clear();
	}

	const poll = adapterFor(ports, instance.kind).then(async adapter => adapter.pluginPoll(ports.server, instance));
	found.set(key, {at: now, poll});
	return poll;
};

/**
 * What the plugins of an instance's server answer; `nobody` when there are none that need to be asked, and null when that is not known already and
 * `knownOnly` is set.
 * @param options.told what they are told to be left out already.
 * @throws what the signal is aborted with.
 */
export const askServerPlugins = async (
	ports: EnginePorts,
	instance: InstanceRef,
	{
		told,
		signal,
		knownOnly,
	}: {readonly told: readonly string[]; readonly signal: AbortSignal; readonly knownOnly: boolean},
): Promise<PluginAnswers | 'nobody' | null> => {
	const poll = await pollOf(ports, instance, knownOnly);
	switch (poll.type) {
		case 'nobody':
			return 'nobody';
		case 'unavailable':
			return {type: 'no-answer', reason: poll.reason, detail: ''};
		case 'available': {
			const question = JSON.stringify([instance.kind, instance.dataFolder, poll.fingerprint, told]);
			const kept = keptAnswers(ports, question);
			if (kept || knownOnly) {
				return kept;
			}

			let asking = asked.get(question);
			if (!asking) {
				const controller = new AbortController();
				const answers = poll.ask({told, signal: controller.signal}).then(async given => {
					if (!controller.signal.aborted) {
						await keepAnswers(ports, question, given);
					}

					return given;
				});
				asking = {answers, controller, waiting: 0};
				asked.set(question, asking);
			}

			return waitFor(question, asking, signal);
		}
	}
};
