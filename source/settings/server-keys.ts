import {PrintkeepError} from '../errors.js';
import type {InstanceSettings, OptionalInstanceSetting} from './schema.js';
import type {InstanceSettingKey} from './setting-key.js';
import {without} from './without.js';

/** The address of a server's API. Nothing secret may be in it, since settings are shown and addresses are logged. */
const parseUrl = (text: string): string => {
	let url: URL | undefined;
	try {
		url = new URL(text);
	} catch {
		// Said below, with the other reasons.
	}

	if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
		throw new PrintkeepError('invalid-setting', 'That is not an address like http://127.0.0.1:5000.');
	}

	if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
		throw new PrintkeepError('invalid-setting', 'An address must hold no name, password, key or question mark.', {
			hint: 'Put an application key into a private file, and name that with api-key-file.',
		});
	}

	return url.href.replace(/\/+$/u, '');
};

/** Keys are long words without a dot or slash; the text is not repeated, since it may be one. */
const refuseKey = (text: string): string => {
	if (/^[\w-]{32,}$/u.test(text)) {
		throw new PrintkeepError('invalid-setting', 'That looks like a key, not like the name of a file.', {
			hint: 'Put the key into a file that only you can read (chmod 600), and name the file here.',
		});
	}

	return text;
};

const parseCommand = (text: string): string => {
	if (/\p{Cc}/u.test(text)) {
		throw new PrintkeepError('invalid-setting', 'A command is one line of text.', {
			hint: 'Put more than one command into a script, and name that here.',
		});
	}

	return text.trim();
};

type ServerKey = Pick<InstanceSettingKey, 'name' | 'title' | 'description' | 'placeholder' | 'defaultText' | 'editor'>;

const textKey = (
	key: ServerKey,
	member: OptionalInstanceSetting & ('serverUrl' | 'apiKeyFile' | 'stopCommand' | 'startCommand'),
	parse: (text: string, resolvePath: (text: string) => string) => string,
): InstanceSettingKey => ({
	...key,
	scope: 'instance',
	format: settings => settings[member] ?? '',
	apply: (settings, text, {resolvePath}): InstanceSettings =>
		text === '' ? without(settings, member) : {...settings, [member]: parse(text, resolvePath)},
});

/** How to ask, stop and start the print server. */
export const serverKeys: readonly InstanceSettingKey[] = [
	textKey(
		{
			name: 'server-url',
			title: 'Server address',
			description: 'Where the server is asked whether it prints.',
			placeholder: 'URL',
			defaultText: 'from the server’s configuration',
			editor: 'text',
		},
		'serverUrl',
		parseUrl,
	),
	textKey(
		{
			name: 'api-key-file',
			title: 'Application key file',
			description: 'A private file that holds an application key of the server. The key itself is kept nowhere else.',
			placeholder: 'FILE',
			defaultText: 'the server’s own key, from its configuration',
			editor: 'file',
		},
		'apiKeyFile',
		(text, resolvePath) => resolvePath(refuseKey(text)),
	),
	textKey(
		{
			name: 'stop-command',
			title: 'Stop command',
			description: 'The command that stops the server before a restore. It is run without a shell.',
			placeholder: 'COMMAND',
			defaultText: 'its systemd unit',
			editor: 'text',
		},
		'stopCommand',
		parseCommand,
	),
	textKey(
		{
			name: 'start-command',
			title: 'Start command',
			description: 'The command that starts the server after a restore. It is run without a shell.',
			placeholder: 'COMMAND',
			defaultText: 'its systemd unit',
			editor: 'text',
		},
		'startCommand',
		parseCommand,
	),
];
