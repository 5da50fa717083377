import type {Result, Target, TrashItem} from '../client/protocol.js';
import {readSummary} from './archive/summary.js';
import type {EnginePorts} from './ports.js';
import {summaryFields} from './summary-fields.js';
import {readTrash, type TrashEntry} from './trash-folder.js';

/** Days a deleted backup stays when nothing else is set. */
export const defaultTrashDays = 7;

const dayMilliseconds = 24 * 60 * 60 * 1000;

/** When an item's time is over; null without a record, since nothing tells how long it has been there. */
export const expiryOf = ({record}: Pick<TrashEntry, 'record'>, days: number): number | null =>
	record ? record.deletedAt + days * dayMilliseconds : null;

/** An item as it is shown. What its lost record knew is read from the archive. */
export const trashItem = (
	entry: TrashEntry,
	{trashDays = defaultTrashDays}: Pick<Target, 'trashDays'>,
	adapters: EnginePorts['adapters'],
): TrashItem => {
	const {id, key, bytes, record} = entry;
	const {createdAt, note} = record ?? summaryFields(() => readSummary(entry.path), adapters);
	return {
		id,
		key,
		bytes,
		deletedAt: record?.deletedAt ?? 0,
		expiresAt: expiryOf(entry, trashDays),
		createdAt,
		note,
	};
};

/** Deleted backups of a store, latest first. @throws store-unwritable when the trash cannot be read */
export const listTrash = (
	{adapters}: Pick<EnginePorts, 'adapters'>,
	target: Pick<Target, 'store' | 'trashDays'>,
): Result<'trash.list'> => {
	const items = readTrash(target.store).entries.map(entry => trashItem(entry, target, adapters));
	return {
		items,
		bytes: items.reduce((sum, {bytes}) => sum + bytes, 0),
		days: target.trashDays ?? defaultTrashDays,
	};
};
