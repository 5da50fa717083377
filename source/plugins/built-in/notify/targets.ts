/** Where messages go: each target has a name, says of itself whether it is set up, and is sent to on its own. */
import type {PluginContext, PluginSettingsAccess} from '../../api.js';
import {readSecret} from '../shared/private-file.js';
import {numberAt, textAt} from '../shared/read-settings.js';
import {sendRequest, type WebRequest} from '../shared/web-request.js';
import {sendWithRetries} from '../shared/with-retries.js';
import {showOnDesktop} from './desktop.js';
import type {Kind, Message} from './message.js';

export type Sent =
	| {readonly type: 'sent'}
	| {readonly type: 'failed'; readonly why: string}
	/** There is nothing here to send to, and nobody has asked for it by name. */
	| {readonly type: 'absent'; readonly why: string};

export const targetNames = ['desktop', 'ntfy', 'webhook'] as const;

export type TargetName = (typeof targetNames)[number];

/** For all attempts of one message; a little less than the plugin asks for. */
const budgetMilliseconds = 40_000;

const priorities = {test: 3, recovered: 3, partial: 3, overdue: 4, failed: 4, suspect: 5} as const satisfies Record<
	Kind,
	number
>;

const tags = {
	test: 'bell',
	recovered: 'white_check_mark',
	partial: 'warning',
	overdue: 'hourglass',
	failed: 'x',
	suspect: 'rotating_light',
} as const satisfies Record<Kind, string>;

type Post = Pick<WebRequest, 'url' | 'headers' | 'body'>;

type Prepared = {readonly type: 'post'; readonly post: Post} | {readonly type: 'failed'; readonly why: string};

/** A secret of a private file as a header; none where no file is set. */
const secretHeader = (
	file: string,
	header: (secret: string) => Readonly<Record<string, string>>,
):
	| {readonly type: 'headers'; readonly headers: Readonly<Record<string, string>>}
	| Extract<Prepared, {type: 'failed'}> => {
	if (file === '') {
		return {type: 'headers', headers: {}};
	}

	const secret = readSecret(file);
	return secret.type === 'refused'
		? {type: 'failed', why: secret.why.replace(/\.$/u, '')}
		: {type: 'headers', headers: header(secret.value)};
};

/** As JSON to the server's root, so that any script fits into a title: https://docs.ntfy.sh/publish/#publish-as-json */
const prepareNtfy = (settings: PluginSettingsAccess, {title, text, kind}: Message): Prepared => {
	const secret = secretHeader(textAt(settings, ['ntfy', 'tokenFile']), value => ({Authorization: `Bearer ${value}`}));
	if (secret.type === 'failed') {
		return secret;
	}

	const body = {
		topic: textAt(settings, ['ntfy', 'topic']),
		title,
		message: text,
		priority: priorities[kind],
		tags: [tags[kind]],
	};
	return {
		type: 'post',
		post: {
			url: textAt(settings, ['ntfy', 'server']),
			headers: {...secret.headers, 'Content-Type': 'application/json'},
			body: JSON.stringify(body),
		},
	};
};

const prepareWebhook = (settings: PluginSettingsAccess, message: Message): Prepared => {
	const name = textAt(settings, ['webhook', 'secretHeader']);
	if (!/^[A-Za-z][\w-]{0,60}$/u.test(name)) {
		return {type: 'failed', why: 'the setting webhook.secretHeader is no name of a header'};
	}

	const secret = secretHeader(textAt(settings, ['webhook', 'secretFile']), value => ({[name]: value}));
	if (secret.type === 'failed') {
		return secret;
	}

	return {
		type: 'post',
		post: {
			url: textAt(settings, ['webhook', 'url']),
			headers: {...secret.headers, 'Content-Type': 'application/json'},
			body: JSON.stringify({program: 'printkeep', ...message}),
		},
	};
};

/** The targets that are set up. The desktop is there unless switched off, and stays silent where there is none. */
export const configuredTargets = (settings: PluginSettingsAccess): readonly TargetName[] => {
	const isSetUp = {
		desktop: settings.get(['desktop', 'enabled']) === true,
		ntfy: textAt(settings, ['ntfy', 'topic']) !== '',
		webhook: textAt(settings, ['webhook', 'url']) !== '',
	} as const satisfies Record<TargetName, boolean>;
	return targetNames.filter(name => isSetUp[name]);
};

/** The server a target sends to, without what may be secret in its address. */
export const placeOf = (name: TargetName, settings: PluginSettingsAccess): string => {
	if (name === 'desktop') {
		return textAt(settings, ['desktop', 'program']) || 'notify-send';
	}

	const address = textAt(settings, name === 'ntfy' ? ['ntfy', 'server'] : ['webhook', 'url']);
	return URL.canParse(address) ? new URL(address).origin : 'no address';
};

/** Sends a message to one target. Never throws. @param retries false tries once. */
export const sendTo = async (
	name: TargetName,
	message: Message,
	{settings, signal}: PluginContext,
	{retries}: {readonly retries: boolean},
): Promise<Sent> => {
	if (name === 'desktop') {
		return showOnDesktop(message, textAt(settings, ['desktop', 'program']), signal);
	}

	const prepared = name === 'ntfy' ? prepareNtfy(settings, message) : prepareWebhook(settings, message);
	if (prepared.type === 'failed') {
		return prepared;
	}

	const seconds = numberAt(settings, ['timeoutSeconds'], {least: 0.1, most: 30, otherwise: 10});
	const wanted = {...prepared.post, method: 'POST', timeoutMilliseconds: 1000 * seconds, signal} as const;
	const answer = retries ? await sendWithRetries(wanted, budgetMilliseconds) : await sendRequest(wanted);
	return answer.type === 'ok' ? {type: 'sent'} : {type: 'failed', why: answer.why};
};
