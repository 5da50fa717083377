import type {JobResult} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {confirm} from '../confirm.js';
import {findBackup, listBackups} from '../find-backup.js';
import {defineCommand} from '../spec.js';

const deletedLines = (
	{deleted, trashed, freedBytes, remaining}: Extract<JobResult, {type: 'delete'}>,
	days: number,
): readonly string[] =>
	trashed.length === 0
		? [`Deleted ${plural(deleted.length, 'backup')} for good, ${formatBytes(freedBytes)} freed; ${remaining} remain.`]
		: [
				`Moved ${plural(trashed.length, 'backup')} to the trash, for ${plural(days, 'day')}; ${remaining} remain.`,
				`Back with: printkeep trash restore ${trashed.length > 3 ? 'ID…' : trashed.map(({id}) => id).join(' ')}`,
			];

export const deleteCommand = defineCommand({
	name: 'delete',
	summary: 'Delete backups from the store',
	details: [
		'Names each backup with its date and size and asks first. Deleted backups go to the trash, from which `printkeep trash restore` brings them back for as many days as the setting `trash-days` says; --permanently deletes for good at once. A pinned backup is deleted only when its name is typed at the question; without a terminal, unpin it first. The server’s own backups are left to the server.',
	],
	operands: {usage: 'KEY…', minimum: 1, maximum: 1000},
	options: {
		permanently: {type: 'boolean', description: 'Delete for good, not into the trash.'},
	},
	examples: [{command: 'printkeep delete --permanently KEY.zip', meaning: 'Free the space at once.'}],
	output: 'events',
	async run(context, {options, operands}) {
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
		const {days} = await (await context.client()).request('trash.list', {target});
		const permanently = options.permanently || days === 0;
		context.print(
			permanently ? 'To be deleted for good:' : 'To be deleted:',
			...backups.map(
				({key, createdAt, bytes, pinned}) =>
					`  ${safeText(key)}, ${formatDateTime(createdAt)}, ${formatBytes(bytes)}${pinned ? ', pinned' : ''}`,
			),
			`${plural(stored.length - backups.length, 'backup')} would remain in ${safeText(target.store)}.`,
		);
		const them = backups.length === 1 ? 'it' : 'them';
		const many = backups.length > 1 ? `delete ${backups.length}` : undefined;
		const exactly = firstPinned?.key ?? many;
		await confirm(context, {
			what: `Deleting ${plural(backups.length, 'backup')}${permanently ? ' for good' : ''}`,
			prompt: permanently
				? `Delete ${them} for good and free ${formatBytes(freed)}?`
				: `Move ${them} to the trash? For ${plural(days, 'day')} ${backups.length === 1 ? 'it' : 'they'} can be brought back.`,
			...(exactly === undefined ? {} : {exactly}),
		});
		const {outcome, result} = await context.runJob<'delete'>({
			type: 'delete',
			target,
			keys: backups.map(({key}) => key),
			allowPinned: firstPinned !== undefined,
			permanently,
		});
		context.print(...deletedLines(result, days));
		return {exit: 0, json: {outcome, result}};
	},
});
