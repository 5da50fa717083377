import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {safeText} from '../../format/safe-text.js';
import {healthReason, healthWord, originWords} from '../describe.js';
import {listBackups} from '../find-backup.js';
import {tableLines} from '../printers/table.js';
import {defineCommand, noOperands} from '../spec.js';

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
		const {target} = await context.resolveForArchives();
		const backups = await listBackups(await context.client(), target);
		if (backups.length === 0) {
			context.print(`There are no backups in ${safeText(target.store)} yet. Make one with \`printkeep backup\`.`);
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
