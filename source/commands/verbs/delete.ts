import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {confirm} from '../confirm.js';
import {findBackup, listBackups} from '../find-backup.js';
import {defineCommand} from '../spec.js';

export const deleteCommand = defineCommand({
	name: 'delete',
	summary: 'Delete backups from the store',
	details: [
		'Names each backup with its date and size and asks first. A pinned backup is deleted only when its name is typed at the question; without a terminal, unpin it first. The server’s own backups are left to the server.',
	],
	operands: {usage: 'KEY…', minimum: 1, maximum: 1000},
	options: {},
	examples: [],
	output: 'events',
	async run(context, {operands}) {
		const {target} = await context.resolveForArchives();
		const backups = [];
		for (const key of new Set(operands)) {
			backups.push(await findBackup(context, key, 'store'));
		}

		const pinned = backups.filter(backup => backup.pinned);
		const [firstPinned] = pinned;
		const canAsk =
			!context.shared.yes &&
			!context.shared.json &&
			context.system.stdin.isTerminal &&
			context.system.stdout.isTerminal;
		if (firstPinned && (!canAsk || pinned.length > 1)) {
			throw new PrintkeepError('pinned', `${safeText(firstPinned.key)} is pinned, so it is not deleted.`, {
				hint: `Unpin it first: printkeep unpin ${safeText(firstPinned.key)}`,
			});
		}

		const freed = backups.reduce((sum, {bytes}) => sum + bytes, 0);
		const stored = (await listBackups(await context.client(), target)).filter(({origin}) => origin === 'store');
		context.print(
			'To be deleted:',
			...backups.map(
				({key, createdAt, bytes, pinned}) =>
					`  ${safeText(key)}, ${formatDateTime(createdAt)}, ${formatBytes(bytes)}${pinned ? ', pinned' : ''}`,
			),
			`${plural(stored.length - backups.length, 'backup')} would remain in ${safeText(target.store)}.`,
		);
		const many = backups.length > 1 ? `delete ${backups.length}` : undefined;
		const exactly = firstPinned?.key ?? many;
		await confirm(context, {
			what: `Deleting ${plural(backups.length, 'backup')}`,
			prompt: `Delete ${backups.length === 1 ? 'it' : 'them'} and free ${formatBytes(freed)}?`,
			...(exactly === undefined ? {} : {exactly}),
		});
		const {outcome, result} = await context.runJob<'delete'>({
			type: 'delete',
			target,
			keys: backups.map(({key}) => key),
			allowPinned: firstPinned !== undefined,
		});
		context.print(
			`Deleted ${plural(result.deleted.length, 'backup')}, ${formatBytes(result.freedBytes)} freed; ${result.remaining} remain.`,
		);
		return {exit: 0, json: {outcome, result}};
	},
});
