/** Tells a person when backups fail, are incomplete, damaged or too old, and when that is over; says nothing while all is well. */
import {definePlugin, invalidSetting, type PluginContext, type PluginData, type PluginInstance} from '../api.js';
import {testMessage} from './notify/message.js';
import {configuredTargets, placeOf, sendTo} from './notify/targets.js';
import {tellOfEvent} from './notify/tell.js';
import {absolutePath, type Check, checkSettings, isRecord, numberFrom, yesOrNo} from './shared/read-settings.js';
import {readState} from './shared/state-file.js';

const text: Check = value => (typeof value === 'string' ? '' : 'must be a text');

const address: Check = value =>
	value === '' || (typeof value === 'string' && /^https?:\/\//u.test(value) && URL.canParse(value))
		? ''
		: 'must be an address that begins with https:// or http://';

const topic: Check = value =>
	typeof value === 'string' && /^[-\w]{0,64}$/u.test(value)
		? ''
		: 'must be made of at most 64 letters, digits, - and _';

/** What is told of each target: where it sends, and what went wrong last. */
const stateOf = (context: PluginContext, instance: PluginInstance | null) => {
	const {settings} = context;
	const state = instance === null ? {} : readState(context, instance);
	const problems = isRecord(state.problems) ? state.problems : {};
	return configuredTargets(settings).map(name => {
		const problem = problems[name];
		return {target: name, place: placeOf(name, settings), problem: typeof problem === 'string' ? problem : ''};
	});
};

const sendTest = async (context: PluginContext): Promise<PluginData> => {
	const message = testMessage(context.instance?.name ?? '');
	const entries = await Promise.all(
		configuredTargets(context.settings).map(async (name): Promise<[string, PluginData]> => {
			const sent = await sendTo(name, message, context, {retries: false});
			return [name, sent.type === 'sent' ? 'sent' : `${sent.type === 'absent' ? 'not sent' : 'failed'}: ${sent.why}`];
		}),
	);
	if (entries.length > 0 && entries.every(([, how]) => how !== 'sent')) {
		throw invalidSetting(`Nobody was told. ${entries.map(([name, how]) => `${name}: ${String(how)}`).join('; ')}`);
	}

	return entries.length === 0 ? 'No target is set up.' : Object.fromEntries(entries);
};

export const plugin = definePlugin({
	apiVersion: 1,
	id: 'notify',
	name: 'Notifications',
	description: 'Tells you on the desktop, by ntfy or by a webhook when backups fail, and when they work again.',
	timeLimits: {onEvent: 60},
	settings: {
		version: 1,
		defaults: {
			desktop: {enabled: true, program: ''},
			ntfy: {server: 'https://ntfy.sh', topic: '', tokenFile: ''},
			webhook: {url: '', secretHeader: 'Authorization', secretFile: ''},
			repeatHours: 20,
			timeoutSeconds: 10,
		},
		// Whoever knows a topic can read it, and addresses of webhooks often hold a secret.
		restricted: {
			admin: [
				['ntfy', 'topic'],
				['webhook', 'url'],
				['desktop', 'program'],
			],
		},
		onSave(values) {
			checkSettings(values, {
				'desktop.enabled': yesOrNo,
				'desktop.program': absolutePath,
				'ntfy.server': address,
				'ntfy.topic': topic,
				'ntfy.tokenFile': absolutePath,
				'webhook.url': address,
				'webhook.secretHeader': text,
				'webhook.secretFile': absolutePath,
				repeatHours: numberFrom(0, 8760),
				timeoutSeconds: numberFrom(0.1, 30),
			});
			return values;
		},
	},
	onEvent: tellOfEvent,
	commands: {
		test: {
			description: 'Sends a test message to every target that is set up, and tells how it went.',
			run: async (_data, context) => sendTest(context),
		},
	},
	get: context => ({targets: stateOf(context, context.instance)}),
	screens: [
		{
			type: 'settings',
			name: 'targets',
			title: 'Notifications',
			content: context => [
				{type: 'text', text: 'Who is told when backups fail, are incomplete, damaged or too old.'},
				{
					type: 'table',
					columns: ['Target', 'Where', 'Last problem'],
					rows: stateOf(context, context.instance).map(({target, place, problem}) => [target, place, problem]),
				},
				{type: 'actions', actions: [{title: 'Send a test message', command: 'test'}]},
			],
		},
	],
});
