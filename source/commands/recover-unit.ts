/** A unit of systemd that ends an interrupted restore before the print server starts (systemd.unit(5), systemd.service(5), systemd.exec(5)). */
import {basename, dirname, join} from 'node:path';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';

export type RecoverUnit = {
	/** Name of the instance, for the unit's own name. */
	readonly name: string;
	/** Real path of the data folder. */
	readonly dataFolder: string;
	/** Unit of the print server. */
	readonly before: string;
	/** The interpreter and the program, absolute. */
	readonly program: readonly [string, string];
};

const unitNames = /^[\w:.@\\-]{1,240}\.(?:service|target)$/u;

const cannot = (what: string): PrintkeepError =>
	new PrintkeepError('usage', `${safeText(what)} cannot be written into a unit of systemd.`, {
		hint: 'Its name has characters in it that systemd cannot take there.',
	});

/** Text in which `%` means nothing. */
const plain = (text: string): string => {
	if (/[\x00-\x1f\x7f]/u.test(text)) {
		throw cannot(text);
	}

	return text.replaceAll('%', '%%');
};

/** One word of a list of paths; backslashes stay as they are there, so that the quotes have to be of the other kind. */
const pathWord = (path: string): string => {
	const text = plain(path);
	if (!/[\s'"\\]/u.test(text)) {
		return text;
	}

	if (text.includes('\\') || (text.includes('"') && text.includes("'"))) {
		throw cannot(path);
	}

	return text.includes('"') ? `'${text}'` : `"${text}"`;
};

/** One word of a command line. */
const argument = (text: string): string => {
	const escaped = plain(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
	return /[\s'"\\;]/u.test(text) || text === '' ? `"${escaped}"` : escaped;
};

/** The two places of a journal: beside the data folder, or in it. */
const journals = (dataFolder: string): readonly string[] => [
	join(dirname(dataFolder), `.printkeep-${basename(dataFolder)}`, 'journal.json'),
	join(dataFolder, '.printkeep', 'journal.json'),
];

/**
 * The text of the unit. Nothing in it mounts anything over the data folder or what lies around it, or moving things between them would not be possible.
 * @throws usage for names that systemd cannot take
 */
export const recoverUnit = ({name, dataFolder, before, program}: RecoverUnit): string => {
	if (!unitNames.test(before)) {
		throw new PrintkeepError('usage', `${safeText(before)} is no name of a unit.`, {
			hint: 'Give one like octoprint.service.',
		});
	}

	const words = [...program, 'recover', '--interrupted', '--yes', '--basedir', dataFolder];
	// With this sign the dollars in the command line are no variables.
	const prefix = words.some(word => word.includes('$')) ? ':' : '';
	const file = `printkeep-recover-${name}.service`;
	return `${[
		`# Save this as /etc/systemd/system/${file}, then run:`,
		`#   sudo systemctl daemon-reload && sudo systemctl enable ${file}`,
		'[Unit]',
		`Description=Finish an interrupted printkeep restore of ${plain(name)}`,
		`Before=${before.replaceAll('%', '%%')}`,
		`RequiresMountsFor=${pathWord(dirname(dataFolder))} ${pathWord(dataFolder)}`,
		'# It runs only when a restore was interrupted: one of these is there then.',
		...journals(dataFolder).map(path => `ConditionPathExists=|${plain(path)}`),
		'',
		'[Service]',
		'Type=oneshot',
		`ExecStart=${prefix}${words.map(argument).join(' ')}`,
		'# Deleting what was unpacked can take long on a slow card.',
		'TimeoutStartSec=infinity',
		'UMask=0077',
		'NoNewPrivileges=yes',
		'CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID',
		'ProtectKernelTunables=yes',
		'ProtectKernelModules=yes',
		'ProtectKernelLogs=yes',
		'ProtectControlGroups=yes',
		'ProtectHostname=yes',
		'RestrictRealtime=yes',
		'RestrictNamespaces=yes',
		'LockPersonality=yes',
		'SystemCallArchitectures=native',
		'',
		'[Install]',
		'# The print server does not start while its data is neither the old nor the new.',
		`RequiredBy=${before.replaceAll('%', '%%')}`,
	].join('\n')}\n`;
};
