/** Lets backups wait until nothing is printed any more. */
import {formatDuration} from '../../format/duration.js';
import {definePlugin, type PluginContext, type PluginServerActivity} from '../api.js';
import {pause} from './shared/pause.js';
import {checkSettings, listOf, numberAt, numberFrom, oneOf, textAt, textsAt} from './shared/read-settings.js';

const minute = 60_000;

const triggers = ['manual', 'auto', 'preupgrade', 'prerestore'] as const;

const activityOf = async (context: PluginContext): Promise<PluginServerActivity> => {
	try {
		return await context.serverActivity();
	} catch (error) {
		return {state: 'unknown', detail: error instanceof Error ? error.message : String(error)};
	}
};

/** What is done about what the server does. */
const judge = ({state}: PluginServerActivity, unknown: string): 'go-on' | 'wait' | 'fail' => {
	if (state === 'printing' || state === 'paused') {
		return 'wait';
	}

	return state === 'unknown' && (unknown === 'wait' || unknown === 'fail') ? unknown : 'go-on';
};

const words = ({state, detail}: PluginServerActivity): string => {
	const more = detail === '' ? '' : ` (${detail})`;
	switch (state) {
		case 'printing':
			return `the server is printing${more}`;
		case 'paused':
			return `a print is paused${more}`;
		case 'unknown':
			return `it is not known whether the server prints${more}`;
		default:
			return `the server is ${state}${more}`;
	}
};

const waitForPrint = async (trigger: string, context: PluginContext): Promise<void> => {
	const {settings, signal, log} = context;
	if (!textsAt(settings, ['triggers']).includes(trigger)) {
		return;
	}

	const limit = minute * numberAt(settings, ['maxWaitMinutes'], {least: 0, most: 1430, otherwise: 720});
	const poll = 1000 * numberAt(settings, ['pollSeconds'], {least: 0.1, most: 3600, otherwise: 30});
	const unknown = textAt(settings, ['unknown']);
	const startedAt = performance.now();
	let waitedFor = '';
	for (;;) {
		const activity = await activityOf(context);
		const verdict = judge(activity, unknown);
		const waited = performance.now() - startedAt;
		if (signal.aborted) {
			return;
		}

		if (verdict === 'go-on') {
			if (activity.state === 'unknown') {
				log('warning', `The backup goes on although ${words(activity)}.`);
			} else if (waitedFor !== '') {
				log('info', `The backup goes on after ${formatDuration(waited)}: ${words(activity)}.`);
			}

			return;
		}

		if (verdict === 'fail') {
			throw new Error(`The backup does not begin: ${words(activity)}.`);
		}

		if (waited >= limit) {
			throw new Error(`The backup has waited for ${formatDuration(waited)}, and ${words(activity)} still.`);
		}

		if (activity.state !== waitedFor) {
			waitedFor = activity.state;
			log('info', `The backup waits, since ${words(activity)}.`);
		}

		if (!(await pause(Math.min(poll, limit - waited), signal))) {
			return;
		}
	}
};

export const plugin = definePlugin({
	apiVersion: 1,
	id: 'wait-for-print',
	name: 'Wait for the print',
	description: 'Lets automatic backups wait until the server does not print any more.',
	// Whatever else is done before a backup is done when it really begins.
	order: {hooks: -100},
	timeLimits: {beforeBackup: 86_400},
	settings: {
		version: 1,
		defaults: {triggers: ['auto'], maxWaitMinutes: 720, pollSeconds: 30, unknown: 'go-on'},
		onSave(values) {
			checkSettings(values, {
				triggers: listOf(...triggers),
				maxWaitMinutes: numberFrom(0, 1430),
				pollSeconds: numberFrom(0.1, 3600),
				unknown: oneOf('go-on', 'wait', 'fail'),
			});
			return values;
		},
	},
	hooks: {
		beforeBackup: async ({trigger}, context) => waitForPrint(trigger, context),
	},
	async get(context) {
		const {state, detail} =
			context.instance === null ? {state: 'unknown', detail: 'No instance was named.'} : await activityOf(context);
		return {
			server: state,
			detail,
			triggers: textsAt(context.settings, ['triggers']),
			maxWaitMinutes: context.settings.get(['maxWaitMinutes']) ?? null,
		};
	},
});
