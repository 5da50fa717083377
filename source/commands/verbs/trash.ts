import type {Target, TrashItem} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {relativeTime} from '../../format/relative-time.js';
import {safeText} from '../../format/safe-text.js';
import {confirm} from '../confirm.js';
import type {CommandContext} from '../context.js';
import {tableLines} from '../printers/table.js';
import type {CommandResult} from '../spec.js';
import {defineCommand} from '../spec.js';
import {suggest} from '../suggest.js';

const actions = ['list', 'restore', 'empty'] as const;

const readTrash = async (context: CommandContext, target: Target) =>
	(await context.client()).request('trash.list', {target});

const deletedText = ({deletedAt}: TrashItem): string => (deletedAt > 0 ? formatDateTime(deletedAt) : 'unknown');

const goesText = ({expiresAt}: TrashItem, now: number): string =>
	expiresAt === null ? 'stays' : expiresAt <= now ? 'soon' : relativeTime(expiresAt, now);

const sum = (items: readonly TrashItem[]): number => items.reduce((bytes, item) => bytes + item.bytes, 0);

const list = async (context: CommandContext): Promise<CommandResult> => {
	const {target} = await context.resolveForArchives();
	const trash = await readTrash(context, target);
	const now = context.system.clock.now();
	if (trash.items.length === 0) {
		context.print('The trash is empty.');
		return {exit: 0, json: trash};
	}

	context.print(
		...tableLines(
			[{title: 'ID'}, {title: 'DELETED'}, {title: 'GOES'}, {title: 'SIZE', align: 'right'}, {title: 'KEY'}],
			trash.items.map(item => [
				item.id,
				deletedText(item),
				goesText(item, now),
				formatBytes(item.bytes),
				safeText(item.key),
			]),
		),
		'',
		`${plural(trash.items.length, 'deleted backup')}, ${formatBytes(trash.bytes)}. Bring one back with \`printkeep trash restore ID\`.`,
	);
	return {exit: 0, json: trash};
};

/** The item that is meant by its id or by the name the backup had. Errors: not-found, usage when several had that name. */
const findItem = (items: readonly TrashItem[], text: string): TrashItem => {
	const byId = items.find(({id}) => id === text);
	const named = items.filter(({key}) => key === text || key === `${text}.zip`);
	const [first] = named;
	if (byId ?? (first && named.length === 1)) {
		return byId ?? (first as TrashItem);
	}

	if (named.length > 1) {
		throw new PrintkeepError('usage', `There are ${named.length} deleted backups called ${safeText(text)}.`, {
			hint: `Say which by its id: ${named.map(({id}) => id).join(', ')} (the latest deleted first).`,
		});
	}

	const meant = suggest(
		text,
		items.map(({key}) => key),
	);
	throw new PrintkeepError('not-found', `There is nothing called ${safeText(text)} in the trash.`, {
		hint: meant === undefined ? 'Run `printkeep trash list` to see what there is.' : `Did you mean ${safeText(meant)}?`,
	});
};

const itemLines = (items: readonly TrashItem[]): readonly string[] =>
	items.map(item => `  ${safeText(item.key)}, deleted ${deletedText(item)}, ${formatBytes(item.bytes)}`);

const restore = async (context: CommandContext, names: readonly string[], dryRun: boolean): Promise<CommandResult> => {
	const {target} = await context.resolveForArchives();
	const {items} = await readTrash(context, target);
	const found = [...new Set(names.map(name => findItem(items, name)))];
	if (dryRun) {
		context.print('Would be brought back:', ...itemLines(found));
		return {exit: 0, json: {dryRun: true, items: found}};
	}

	const {outcome, result} = await context.runJob<'trash-restore'>({
		type: 'trash-restore',
		target,
		ids: found.map(({id}) => id),
	});
	context.print(...result.restored.map(key => `${safeText(key)} is back in ${safeText(target.store)}.`));
	return {exit: 0, json: {outcome, result}};
};

const empty = async (context: CommandContext, names: readonly string[], dryRun: boolean): Promise<CommandResult> => {
	const {target} = await context.resolveForArchives();
	const {items} = await readTrash(context, target);
	const found = names.length === 0 ? items : [...new Set(names.map(name => findItem(items, name)))];
	if (found.length === 0) {
		context.print('The trash is empty.');
		return {exit: 0, json: {items: []}};
	}

	context.print(dryRun ? 'Would be deleted for good:' : 'To be deleted for good:', ...itemLines(found));
	if (dryRun) {
		return {exit: 0, json: {dryRun: true, items: found}};
	}

	await confirm(context, {
		what: `Deleting ${plural(found.length, 'backup')} for good`,
		prompt: `Delete ${found.length === 1 ? 'it' : 'them'} for good and free ${formatBytes(sum(found))}?`,
		...(found.length === 1 ? {} : {exactly: `delete ${found.length}`}),
	});
	const {outcome, result} = await context.runJob<'trash-empty'>({
		type: 'trash-empty',
		target,
		// What came into the trash since it was shown has not been agreed to.
		ids: found.map(({id}) => id),
	});
	context.print(
		`Deleted ${plural(result.deleted.length, 'backup')} for good, ${formatBytes(result.freedBytes)} freed.`,
	);
	return {exit: 0, json: {outcome, result}};
};

export const trashCommand = defineCommand({
	name: 'trash',
	summary: 'Show deleted backups, bring them back, or delete them for good',
	details: [
		'`trash list` shows what can be brought back and when it goes, `trash restore ID|KEY…` brings backups back under their own names, `trash empty [ID|KEY…]` deletes these, or all of them, for good.',
		'Deleted backups stay as long as the setting `trash-days` says. Then they go after the next backup, import or deletion, but never on the word of the clock alone: two jobs at least half a day apart have to find them past their time, and a newer backup that was read in full has to be in the store.',
	],
	operands: {usage: 'list|restore|empty [ID|KEY…]', minimum: 0, maximum: 1000},
	options: {
		'dry-run': {type: 'boolean', description: 'Only show what would be brought back or deleted.'},
	},
	examples: [
		{command: 'printkeep trash restore latest-good.zip', meaning: 'Bring a deleted backup back.'},
		{command: 'printkeep trash empty --dry-run', meaning: 'What emptying the trash would delete.'},
	],
	output: 'events',
	async run(context, {options, operands: [action = 'list', ...names]}) {
		switch (action) {
			case 'list': {
				if (names.length > 0) {
					throw new PrintkeepError('usage', '`printkeep trash list` takes no name.');
				}

				return list(context);
			}
			case 'restore': {
				if (names.length === 0) {
					throw new PrintkeepError('usage', '`printkeep trash restore` needs an id or the name of a deleted backup.', {
						hint: 'Run `printkeep trash list` to see them.',
					});
				}

				return restore(context, names, options['dry-run']);
			}
			case 'empty': {
				return empty(context, names, options['dry-run']);
			}
			default: {
				const meant = suggest(action, actions);
				throw new PrintkeepError('usage', `\`printkeep trash\` cannot ${safeText(action)}.`, {
					hint: meant === undefined ? 'It can list, restore and empty.' : `Did you mean \`printkeep trash ${meant}\`?`,
				});
			}
		}
	},
});
