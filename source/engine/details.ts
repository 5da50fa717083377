/** What is inside one backup: the words of its manifest or of the server's own members, sizes per folder, and its entries folder by folder. */
import type {ArchiveEntryInfo, BackupDetails, BackupPart, BackupSummary, Page} from '../client/protocol.js';
import type {ServerAdapter} from '../servers/adapter.js';
import type {OpenArchive} from './archive/reader.js';
import type {ArchiveEntry, Manifest} from './archive/types.js';

const metadataLimitBytes = 1024 * 1024;

/** Texts of an archive's members that an adapter wants to read; those that are missing are left out. */
export const readMembers = async (
	archive: OpenArchive,
	names: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
	const members = new Map<string, string>();
	for (const name of names) {
		if (archive.has(name)) {
			members.set(name, (await archive.readMember(name, metadataLimitBytes)).toString());
		}
	}

	return members;
};

/** Prefix of the data's entry names in an archive: what the manifest says, else the usual one. */
export const dataPrefix = (manifest: Pick<Manifest, 'prefix'> | null): string => manifest?.prefix ?? 'basedir/';

/** Data entries of an archive with their paths inside the data folder. */
export const dataEntries = (
	archive: Pick<OpenArchive, 'entries'>,
	prefix: string,
): readonly {readonly target: string; readonly entry: ArchiveEntry}[] =>
	archive.entries.flatMap(entry =>
		entry.name.startsWith(prefix) && entry.name.length > prefix.length
			? [{target: entry.name.slice(prefix.length).replace(/\/$/, ''), entry}]
			: [],
	);

const countParts = (
	archive: OpenArchive,
	adapter: ServerAdapter,
	prefix: string,
	excludes: readonly string[],
): readonly BackupPart[] => {
	const counts = new Map<string, {files: number; bytes: number}>();
	for (const {target, entry} of dataEntries(archive, prefix)) {
		if (entry.type === 'file') {
			const name = adapter.partOf(target);
			const count = counts.get(name) ?? {files: 0, bytes: 0};
			count.files++;
			count.bytes += entry.bytes;
			counts.set(name, count);
		}
	}

	const included = [...counts].map(
		([name, count]): BackupPart => ({
			name,
			title: adapter.partTitle(name),
			state: 'included',
			reason: '',
			...count,
			externalSource: null,
		}),
	);
	const excluded = excludes
		.filter(name => !counts.has(name))
		.map(
			(name): BackupPart => ({
				name,
				title: adapter.partTitle(name),
				state: 'excluded',
				reason: 'Left out by choice.',
				files: 0,
				bytes: 0,
				externalSource: null,
			}),
		);
	return [...included, ...excluded];
};

const topFolders = (archive: OpenArchive, prefix: string): BackupDetails['folders'] => {
	const folders = new Map<string, {files: number; bytes: number}>();
	for (const {target, entry} of dataEntries(archive, prefix)) {
		if (entry.type === 'file') {
			const slash = target.indexOf('/');
			const path = slash === -1 ? '' : target.slice(0, slash);
			const count = folders.get(path) ?? {files: 0, bytes: 0};
			count.files++;
			count.bytes += entry.bytes;
			folders.set(path, count);
		}
	}

	return [...folders].map(([path, count]) => ({path, ...count})).sort((a, b) => b.bytes - a.bytes);
};

const proofText = (summary: BackupSummary): string =>
	summary.proof === 'sha256'
		? 'A SHA-256 of the whole archive and of every file: any changed bit is found.'
		: 'Only the CRC-32 of each file, as in every ZIP: accidental damage to a file is found, a change to its name or time is not.';

/** Everything the details screen and `printkeep show` say. @throws archive errors */
export const backupDetails = async (
	archive: OpenArchive,
	summary: BackupSummary,
	adapter: ServerAdapter,
): Promise<BackupDetails> => {
	const manifest = await archive.manifest();
	const prefix = dataPrefix(manifest);
	const common = {summary, folders: topFolders(archive, prefix), proofText: proofText(summary)};
	if (!manifest) {
		const {excludes, plugins} = adapter.recognises(archive.has)
			? adapter.readMetadata(await readMembers(archive, adapter.metadataMembers))
			: {excludes: null, plugins: []};
		return {
			...common,
			printkeepVersion: null,
			dataFolder: null,
			parts: countParts(archive, adapter, prefix, excludes ?? []),
			plugins,
			skipped: [],
			leftOut: [],
			databases: [],
		};
	}

	return {
		...common,
		printkeepVersion: manifest.printkeep,
		dataFolder: manifest.dataFolder,
		parts: manifest.parts.map(({externalSource, ...part}) => ({...part, externalSource: externalSource ?? null})),
		plugins: manifest.plugins,
		skipped: manifest.skipped,
		leftOut: manifest.leftOut ?? [],
		databases: manifest.files.flatMap(({path, tables}) =>
			tables
				? [
						{
							path: path.slice(prefix.length),
							tables: Object.keys(tables).length,
							rows: Object.values(tables).reduce((sum, rows) => sum + rows, 0),
						},
					]
				: [],
		),
	};
};

/** The entries directly inside a folder of the data, folders first, each folder with what lies below it. */
export const listEntries = (
	archive: Pick<OpenArchive, 'entries'>,
	prefix: string,
	{directory, offset, limit}: {readonly directory: string; readonly offset: number; readonly limit: number},
): Page<ArchiveEntryInfo> => {
	const start = directory === '' ? '' : `${directory.replace(/\/+$/, '')}/`;
	const children = new Map<
		string,
		{path: string; type: 'file' | 'directory'; bytes: number; modifiedAt: number; files: number}
	>();
	for (const {target, entry} of dataEntries(archive, prefix)) {
		if (!target.startsWith(start) || target.length === start.length) {
			continue;
		}

		const rest = target.slice(start.length);
		const slash = rest.indexOf('/');
		const name = slash === -1 ? rest : rest.slice(0, slash);
		const isFile = slash === -1 && entry.type === 'file';
		const child = children.get(name) ?? {
			path: start + name,
			type: isFile ? 'file' : 'directory',
			bytes: 0,
			modifiedAt: 0,
			files: 0,
		};
		child.bytes += entry.bytes;
		child.files += !isFile && entry.type === 'file' ? 1 : 0;
		child.modifiedAt = Math.max(child.modifiedAt, entry.modifiedAt);
		children.set(name, child);
	}

	const items = [...children.values()].sort((a, b) =>
		a.type === b.type ? (a.path < b.path ? -1 : 1) : a.type === 'directory' ? -1 : 1,
	);
	return {items: items.slice(offset, offset + Math.min(limit, 200)), total: items.length, offset};
};
