import * as fs from 'node:fs';
import type {Client} from '../client/client.js';
import type {ArchiveSource, BackupSummary, Origin, Target} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {CommandContext} from './context.js';
import {suggest} from './suggest.js';

const pageLength = 200;

/** Every backup of a store and of the server's own backup folder, newest first. */
export const listBackups = async (client: Client, target: Target): Promise<readonly BackupSummary[]> => {
	const backups: BackupSummary[] = [];
	for (;;) {
		const page = await client.request('backups.list', {target, offset: backups.length, limit: pageLength});
		backups.push(...page.items);
		if (page.items.length === 0 || backups.length >= page.total) {
			return backups;
		}
	}
};

/** The word that stands for the newest usable backup. No key can be this: keys end in `.zip`. */
export const latestWord = 'latest';

/** The word that stands for the usable backup before that one. */
export const previousWord = 'previous';

/** Reads `--origin`. Error: `usage`. */
export const parseOrigin = (text: string | undefined): Origin | undefined => {
	if (text === undefined || text === 'store' || text === 'server') {
		return text;
	}

	throw new PrintkeepError('usage', `--origin is either store or server, not ${safeText(text)}.`);
};

/** The option of commands that take the server's own backups too. */
export const originOption = {
	type: 'string',
	value: 'store|server',
	description: 'Which one, when a backup of that name lies both in the store and in the server’s own backup folder.',
} as const;

const usable = ({health}: BackupSummary): boolean => health.type === 'verified' || health.type === 'unverified';

/** Finds a backup by its key; the store goes before the server's own folder. Undefined when there is none. */
export const matchBackup = (
	backups: readonly BackupSummary[],
	key: string,
	origin: Origin | undefined,
): BackupSummary | undefined => {
	const candidates = origin === undefined ? backups : backups.filter(backup => backup.origin === origin);
	if (key === latestWord || key === previousWord) {
		return candidates.filter(backup => usable(backup))[key === latestWord ? 0 : 1];
	}

	return (
		candidates.find(backup => backup.key === key && backup.origin === 'store') ??
		candidates.find(backup => backup.key === key)
	);
};

const notFound = (
	backups: readonly BackupSummary[],
	key: string,
	where: string,
	origin: Origin | undefined,
): PrintkeepError => {
	if (key === previousWord) {
		return new PrintkeepError('not-found', `There are no two usable backups in ${safeText(where)} yet.`, {
			hint: 'Run `printkeep list` to see the backups.',
		});
	}

	if (key === latestWord) {
		return new PrintkeepError('not-found', `There is no usable backup in ${safeText(where)} yet.`, {
			hint: 'Make one with `printkeep backup`.',
		});
	}

	if (origin === 'store' && backups.some(backup => backup.key === key)) {
		return new PrintkeepError(
			'not-found',
			`${safeText(key)} is kept by the print server itself, and there is none of that name in ${safeText(where)}.`,
			{hint: 'The server’s own backups are only read here: delete them in the server.'},
		);
	}

	const keys = backups.filter(backup => origin === undefined || backup.origin === origin).map(backup => backup.key);
	const meant = keys.find(each => each === `${key}.zip`) ?? suggest(key, keys);
	return new PrintkeepError('not-found', `There is no backup called ${safeText(key)} in ${safeText(where)}.`, {
		hint: meant === undefined ? 'Run `printkeep list` to see the backups.' : `Did you mean ${safeText(meant)}?`,
	});
};

/** The backup of this key. Error: `not-found`, with the key that was probably meant. */
export const findBackup = async (
	context: CommandContext,
	key: string,
	origin: Origin | undefined,
): Promise<BackupSummary> => {
	const {target} = await context.resolveForArchives();
	const backups = await listBackups(await context.client(), target);
	const found = matchBackup(backups, key, origin);
	if (!found) {
		throw notFound(backups, key, target.store, origin);
	}

	return found;
};

/** Where an archive comes from, when a person gives either a key or a file. */
export type FoundSource = {
	readonly source: ArchiveSource;
	/** Key or path, as it can be shown after `safeText`. */
	readonly name: string;
	readonly backup: BackupSummary | undefined;
};

/** A backup by its key, else an archive file by its path. Error: `not-found`. */
export const findSource = async (
	context: CommandContext,
	text: string,
	origin: Origin | undefined,
): Promise<FoundSource> => {
	const {target} = await context.resolveForArchives();
	const backups = await listBackups(await context.client(), target);
	const backup = matchBackup(backups, text, origin);
	if (backup) {
		return {source: {type: 'backup', key: backup.key, origin: backup.origin}, name: backup.key, backup};
	}

	const path = context.absolute(text);
	if (origin === undefined && fs.existsSync(path)) {
		return {source: {type: 'file', path}, name: path, backup: undefined};
	}

	throw origin === undefined && text.includes('/')
		? new PrintkeepError('not-found', `There is no file ${safeText(path)}.`, {hint: 'Check the path.'})
		: notFound(backups, text, origin === 'server' ? 'the server’s own backup folder' : target.store, origin);
};
