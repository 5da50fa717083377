/** From an event to those who are to hear of it: what is said, to whom, and what is remembered of it. */
import type {PluginContext, PluginInstance, PluginRecordData} from '../../api.js';
import {isRecord, numberAt} from '../shared/read-settings.js';
import {readState, writeState} from '../shared/state-file.js';
import {type Message, messageOfJob, messageOfOverdue, messageOfRecovery} from './message.js';
import {configuredTargets, type Sent, sendTo, type TargetName} from './targets.js';
import {
	overdueTold,
	problemTold,
	readTold,
	recoveryTold,
	type Told,
	whoKnows,
	whomToRemind,
	whomToTell,
} from './told.js';

const hour = 3_600_000;

type Telling = {
	/** Those that took the message. */
	readonly reached: readonly string[];
	/** Those that did not; where nothing is there to send to counts as neither. */
	readonly failed: readonly string[];
};

/** What is known of an instance, and how to tell of it and remember that. */
type Desk = {
	readonly told: Told;
	/** Names of the targets that are set up. */
	readonly targets: readonly string[];
	readonly tell: (names: readonly string[], message: Message) => Promise<Telling>;
	readonly remember: (told: Told) => void;
};

const openDesk = (context: PluginContext, instance: PluginInstance): Desk => {
	const targets = configuredTargets(context.settings);
	const state = readState(context, instance);
	const problems: Record<string, string> = {};
	for (const [name, problem] of Object.entries(isRecord(state.problems) ? state.problems : {})) {
		if (typeof problem === 'string') {
			problems[name] = problem;
		}
	}

	return {
		told: readTold(state),
		targets,
		async tell(names, message) {
			// To all at once, since each may take its time.
			const sent = await Promise.all(
				targets
					.filter(name => names.includes(name))
					.map(
						async (name): Promise<[TargetName, Sent]> => [name, await sendTo(name, message, context, {retries: true})],
					),
			);
			for (const [name, answer] of sent) {
				problems[name] = answer.type === 'failed' ? answer.why : '';
				context.log(
					answer.type === 'failed' ? 'warning' : 'debug',
					answer.type === 'failed'
						? `The message "${message.title}" could not be sent to ${name}: ${answer.why}.`
						: `${name}: ${answer.type}, ${message.title}`,
				);
			}

			const those = (type: Sent['type']): readonly string[] =>
				sent.filter(([, answer]) => answer.type === type).map(([name]) => name);
			return {reached: those('sent'), failed: those('failed')};
		},
		remember(told) {
			writeState(context, instance, {instance: instance.name, ...told, problems});
		},
	};
};

/** When telling of the age of an instance's backups failed last, by a clock that never goes back. A dashboard that is open looks at the age all the time. */
const failedAt = new Map<string, number>();

const tellOfAge = async (
	{told, targets, tell, remember}: Desk,
	payload: PluginRecordData,
	instance: PluginInstance,
) => {
	const age = typeof payload.ageMilliseconds === 'number' ? payload.ageMilliseconds : null;
	const asked = whomToRemind(told, age, targets);
	const {dataFolder} = instance;
	if (asked.length === 0 || performance.now() - (failedAt.get(dataFolder) ?? Number.NEGATIVE_INFINITY) < hour) {
		return;
	}

	const {reached, failed} = await tell(asked, messageOfOverdue(age, instance));
	if (failed.length > 0) {
		failedAt.set(dataFolder, performance.now());
	}

	// A desktop nobody is logged in at is no reason to write at every look.
	if (reached.length + failed.length > 0) {
		remember(overdueTold(told, age, {asked, targets, reached}));
	}
};

const tellOfProblem = async ({told, targets, tell, remember}: Desk, message: Message, {settings}: PluginContext) => {
	const repeat = hour * numberAt(settings, ['repeatHours'], {least: 0, most: 8760, otherwise: 20});
	const {reached} = await tell(whomToTell(told, message, targets, repeat), message);
	// What went wrong with a restore is not over with the next backup.
	const isOverSometime = message.job === 'create' || message.job === 'verify';
	remember(isOverSometime ? problemTold(told, message, reached) : told);
};

const tellOfRecovery = async ({told, targets, tell, remember}: Desk, message: Message) => {
	if (told.problem !== null || told.overdue !== null) {
		const {failed} = await tell(whoKnows(told, targets), message);
		remember(recoveryTold(told, failed));
	}
};

/** What the plugin does with every event. */
export const tellOfEvent = async (name: string, payload: PluginRecordData, context: PluginContext): Promise<void> => {
	const {instance} = context;
	if (instance === null) {
		return;
	}

	if (name === 'backup-overdue') {
		await tellOfAge(openDesk(context, instance), payload, instance);
	} else if (name === 'job-finished') {
		const message = messageOfJob(payload, instance);
		if (message !== null) {
			await tellOfProblem(openDesk(context, instance), message, context);
		} else if (payload.job === 'create' && payload.outcome === 'done') {
			await tellOfRecovery(openDesk(context, instance), messageOfRecovery(payload, instance));
		}
	}
};
