/**
 * The list of a target's backups: everything called `.zip` in the store and in the server's own backup folder, kept true by rescanning when the watcher
 * says that something changed. A file is opened again only when its size, time or inode changed.
 */
import {readdirSync, statSync} from 'node:fs';
import {basename, join} from 'node:path';
import {orderBackups} from '../client/order.js';
import type {ArchiveSource, BackupHealth, BackupSummary, LimitSettings, Origin, Target} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {readSummary} from './archive/summary.js';
import type {EnginePorts} from './ports.js';
import {readStoreIndex, type StoreIndex} from './store-index.js';
import {type SummaryFields, summaryFields} from './summary-fields.js';

type Signature = {readonly bytes: number; readonly modified: bigint; readonly inode: bigint};

type CachedFields = {readonly signature: Signature; readonly fields: SummaryFields};

export type CatalogChange = {
	readonly upserted: readonly BackupSummary[];
	readonly removed: readonly {readonly key: string; readonly origin: Origin}[];
};

export type Catalog = {
	readonly target: Target;
	/** Folder of the server's own backups; null when it is the store itself. */
	readonly nativeFolder: string | null;
	/** Reads the folders again and tells what changed since the last time. One run at a time; a call during a run waits for a run of its own. */
	readonly refresh: () => Promise<CatalogChange>;
	/** Listens to every change any refresh finds. Returns the function that stops it. */
	readonly subscribe: (listener: (change: CatalogChange) => void) => () => void;
	/** Newest first. */
	readonly list: () => readonly BackupSummary[];
	/** Counts the changes seen so far. */
	readonly revision: () => number;
	/** @throws not-found */
	readonly get: (key: string, origin?: Origin) => BackupSummary;
};

const identify = (origin: Origin, key: string): string => `${origin}/${key}`;

const sameSignature = (a: Signature, b: Signature): boolean =>
	a.bytes === b.bytes && a.modified === b.modified && a.inode === b.inode;

/** How far a backup can be trusted, from its own words and from what the store remembers. */
const healthOf = (fields: SummaryFields, signature: Signature, index: StoreIndex, id: string): BackupHealth => {
	if (fields.health.type !== 'unverified') {
		return fields.health;
	}

	const mark = index.verified.get(id);
	if (!mark || mark.bytes !== signature.bytes || mark.modified !== String(signature.modified)) {
		return {type: 'unverified'};
	}

	return mark.problem ? {type: 'bad', error: mark.problem} : {type: 'verified', at: mark.at};
};

/** Names of the zip files in a folder; empty when the folder is missing. Hidden ones are somebody's unfinished business. */
const zipNames = (folder: string): readonly string[] => {
	try {
		return readdirSync(folder).filter(name => !name.startsWith('.') && /\.zip$/i.test(name));
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ENOTDIR') {
			return [];
		}

		throw error;
	}
};

/** Makes the catalog of a target; empty until the first `refresh`. @param nativeFolder of the server's own backups; empty when it keeps none. */
export const createCatalog = (
	target: Target,
	nativeFolder: string,
	ports: Pick<EnginePorts, 'adapters' | 'clock'>,
): Catalog => {
	const native = nativeFolder === target.store || nativeFolder === '' ? null : nativeFolder;
	const cache = new Map<string, CachedFields>();
	let summaries = new Map<string, BackupSummary>();
	let ordered: readonly BackupSummary[] = [];
	let revision = 0;
	const listeners = new Set<(change: CatalogChange) => void>();
	let running: Promise<CatalogChange> | null = null;
	let queued: Promise<CatalogChange> | null = null;

	const summarise = (origin: Origin, folder: string, key: string, index: StoreIndex): BackupSummary | null => {
		const path = join(folder, key);
		const id = identify(origin, key);
		const stats = statSync(path, {bigint: true, throwIfNoEntry: false});
		if (!stats?.isFile()) {
			return null;
		}

		const signature: Signature = {bytes: Number(stats.size), modified: stats.mtimeNs, inode: stats.ino};
		const cached = cache.get(id);
		let fields: SummaryFields;
		if (cached && sameSignature(cached.signature, signature)) {
			fields = cached.fields;
		} else {
			fields = summaryFields(() => readSummary(path, target.limits), ports.adapters);
			cache.set(id, {signature, fields});
		}

		const modifiedAt = Number(stats.mtimeMs);
		return {
			...fields,
			key,
			origin,
			path,
			bytes: signature.bytes,
			modifiedAt,
			createdAt: fields.createdAt ?? modifiedAt,
			health: healthOf(fields, signature, index, id),
			pinned: origin === 'store' && index.pinned.has(key),
		};
	};

	const scan = async (): Promise<CatalogChange> => {
		const next = new Map<string, BackupSummary>();
		const index = readStoreIndex(target.store);
		const folders: readonly {readonly origin: Origin; readonly folder: string}[] = [
			{origin: 'store', folder: target.store},
			...(native === null ? [] : [{origin: 'server', folder: native} as const]),
		];
		let sliceStart = ports.clock.monotonic();
		for (const {origin, folder} of folders) {
			for (const key of zipNames(folder)) {
				const summary = summarise(origin, folder, key, index);
				if (summary) {
					next.set(identify(origin, key), summary);
				}

				if (ports.clock.monotonic() - sliceStart > 10) {
					await new Promise(resolve => {
						setImmediate(resolve);
					});
					sliceStart = ports.clock.monotonic();
				}
			}
		}

		const upserted: BackupSummary[] = [];
		for (const [id, summary] of next) {
			const before = summaries.get(id);
			if (before && JSON.stringify(before) === JSON.stringify(summary)) {
				// The same object says to everyone downstream that nothing changed.
				next.set(id, before);
			} else {
				upserted.push(summary);
			}
		}

		const removed = [...summaries].filter(([id]) => !next.has(id)).map(([, {key, origin}]) => ({key, origin}));
		for (const id of cache.keys()) {
			if (!next.has(id)) {
				cache.delete(id);
			}
		}

		if (upserted.length > 0 || removed.length > 0) {
			summaries = next;
			ordered = orderBackups([...next.values()]);
			revision++;
			for (const listener of [...listeners]) {
				listener({upserted, removed});
			}
		}

		return {upserted, removed};
	};

	const start = (): Promise<CatalogChange> => {
		const run = scan().finally(() => {
			if (running === run) {
				running = null;
			}
		});
		running = run;
		return run;
	};

	return {
		target,
		nativeFolder: native,
		async refresh() {
			if (!running) {
				return start();
			}

			queued ??= running
				.catch(() => undefined)
				.then(() => {
					queued = null;
					return start();
				});
			return queued;
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		list: () => ordered,
		revision: () => revision,
		get(key, origin) {
			const found =
				summaries.get(identify(origin ?? 'store', key)) ??
				(origin === undefined ? summaries.get(identify('server', key)) : undefined);
			if (!found) {
				throw new PrintkeepError('not-found', `There is no backup called ${safeText(key)}.`, {
					hint: 'List the backups there are with: printkeep list',
				});
			}

			return found;
		},
	};
};

/** The archive file a source means. @throws not-found */
export const sourcePath = (catalog: Catalog, source: ArchiveSource): string =>
	source.type === 'file' ? source.path : catalog.get(source.key, source.origin).path;

/** The summary of any archive file, as it would stand in a catalog. */
export const summariseFile = (
	path: string,
	adapters: EnginePorts['adapters'],
	limits?: LimitSettings,
): BackupSummary => {
	const stats = statSync(path);
	const fields = summaryFields(() => readSummary(path, limits), adapters);
	return {
		...fields,
		key: basename(path),
		origin: 'store',
		path,
		bytes: stats.size,
		modifiedAt: stats.mtimeMs,
		createdAt: fields.createdAt ?? stats.mtimeMs,
		pinned: false,
	};
};
