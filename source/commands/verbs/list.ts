import type {StoreInfo} from '../../client/protocol.js';
import type {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {safeText} from '../../format/safe-text.js';
import {healthReason, healthWord, originWords} from '../describe.js';
import {listBackups} from '../find-backup.js';
import {tableLines} from '../printers/table.js';
import {defineCommand, noOperands} from '../spec.js';

/** Why the list is empty, and what to do: a chosen folder that is not there may be on a disk that is not mounted. */
const noBackupLines = (
	{path, exists, problem}: StoreInfo,
	{missing, isChosen}: {readonly missing: PrintkeepError | null; readonly isChosen: boolean},
): readonly string[] => {
	const store = safeText(path);
	if (exists && problem !== '') {
		return [`There are no backups in ${store}: ${safeText(problem).replace(/^[A-Z]/, letter => letter.toLowerCase())}`];
	}

	const isLost = isChosen && !exists;
	const none = isLost
		? `There are no backups: the folder ${store} does not exist.`
		: `There are no backups in ${store} yet.`;
	if (missing) {
		return [none, missing.message, missing.hint].filter(Boolean);
	}

	return isLost
		? [none, 'If it is on another disk, see that it is mounted; if it is new, `printkeep backup` makes it.']
		: [`${none} Make one with \`printkeep backup\`.`];
};

export const listCommand = defineCommand({
	name: 'list',
	summary: 'List the backups, newest first',
	details: [
		'Backups of the store and of the server’s own backup folder (FROM: server). Bad files are listed with the reason. STATUS: verified means that every byte was read and compared and the file has not changed since.',
	],
	operands: noOperands,
	options: {},
	examples: [{command: 'printkeep list --json', meaning: 'Everything that is known about each backup.'}],
	output: 'document',
	async run(context) {
		const {target, missing, settings} = await context.resolveForArchives();
		const client = await context.client();
		const backups = await listBackups(client, target);
		if (backups.length === 0) {
			context.print(
				...noBackupLines(await client.request('store.info', {target}), {
					missing,
					isChosen: context.shared.store !== undefined || settings.store !== undefined,
				}),
			);
		} else {
			context.print(
				...tableLines(
					[
						{title: 'MADE'},
						{title: 'SIZE', align: 'right'},
						{title: 'STATUS'},
						{title: 'FROM'},
						{title: 'PIN'},
						{title: 'KEY'},
					],
					backups.map(backup => [
						formatDateTime(backup.createdAt),
						formatBytes(backup.bytes),
						healthWord(backup.health),
						originWords(backup),
						backup.pinned ? 'yes' : '',
						safeText(backup.key),
					]),
				),
				...backups
					.filter(({health}) => health.type === 'bad' || health.type === 'partial')
					.map(({key, health}) => `${safeText(key)}: ${healthReason(health)}`),
			);
		}

		return {exit: 0, json: {store: target.store, total: backups.length, backups}};
	},
});
