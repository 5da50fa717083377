import type {LimitSettings, PluginRecord, Proof, ServerKind} from '../../client/protocol.js';
import {kindWord} from '../../client/server-kind.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {ServerAdapter} from '../../servers/adapter.js';
import {type ManifestRecords, readManifestRecords} from '../archive/manifest-records.js';
import {type OpenArchive, openArchive} from '../archive/reader.js';
import type {ManifestHeader} from '../archive/types.js';

const memberLimitBytes = 4 * 1024 * 1024;

/** A backup that can be restored: opened, of the right server, with all it needs. */
export type OpenedBackup = {
	readonly archive: OpenArchive;
	/** What the manifest says at its top; null in archives of other programs. */
	readonly manifest: ManifestHeader | null;
	readonly proof: Proof;
	/** Prefix of the data's entry names. */
	readonly prefix: string;
	readonly version: string | null;
	/** Parts the person left out; null when the archive does not say. */
	readonly excludes: readonly string[] | null;
	readonly plugins: readonly PluginRecord[];
	/** The server's configuration in the backup. */
	readonly configYaml: string | null;
};

/** A backup, and what it lists: needed until the tree that is wanted is built, and not to be kept for longer. */
export type ListedBackup = {readonly backup: OpenedBackup; readonly records: ManifestRecords | null};

const readMembers = async (archive: OpenArchive, names: Iterable<string>): Promise<ReadonlyMap<string, string>> => {
	const members = new Map<string, string>();
	for (const name of new Set(names)) {
		if (archive.has(name)) {
			members.set(name, (await archive.readMember(name, memberLimitBytes)).toString('utf8'));
		}
	}

	return members;
};

const wrongServer = (kind: ServerKind, found: string): PrintkeepError => {
	const wanted = kindWord(kind);
	return new PrintkeepError(
		'wrong-server',
		`This is ${found}, and the instance is ${/^[aeiou]/u.test(wanted) ? 'an' : 'a'} ${wanted} server.`,
		{hint: 'Choose a backup of this server, or another instance with --instance.'},
	);
};

const judge = async (archive: OpenArchive, adapter: ServerAdapter): Promise<ListedBackup> => {
	const {prefix} = adapter;
	const records = archive.isPrintkeep ? await readManifestRecords(archive) : null;
	const manifest = records?.header ?? null;
	if (manifest && manifest.kind !== adapter.kind) {
		throw wrongServer(adapter.kind, `a backup of ${safeText(kindWord(manifest.kind))}`);
	}

	const missing = adapter.requiredMembers.find(name => !archive.has(name));
	if (!adapter.recognises(archive.has)) {
		throw wrongServer(adapter.kind, 'no backup of such a server');
	}

	if (missing !== undefined) {
		throw new PrintkeepError(
			'archive-refused',
			`The archive cannot be restored: ${safeText(missing)} is missing in it.`,
			{
				hint: 'Use another backup. Single files can be taken out of it with: printkeep export',
			},
		);
	}

	if (manifest && manifest.prefix !== prefix) {
		throw new PrintkeepError(
			'archive-refused',
			'The archive keeps its data in a place that this server does not use.',
			{
				hint: 'It may have been made by another version of printkeep: use that one.',
				detail: manifest.prefix,
			},
		);
	}

	const members = await readMembers(archive, [...adapter.metadataMembers, ...adapter.requiredMembers]);
	const [problem] = adapter.checkMembers(members);
	if (problem !== undefined) {
		throw new PrintkeepError('archive-refused', `The archive cannot be restored: ${problem}`, {
			hint: 'Use another backup. Single files can be taken out of it with: printkeep export',
		});
	}

	const native = adapter.readMetadata(members);
	return {
		backup: {
			archive,
			manifest,
			proof: manifest ? 'sha256' : 'crc32',
			prefix,
			version: manifest ? manifest.server.version : native.version,
			excludes: manifest ? manifest.excludes : native.excludes,
			plugins: manifest ? manifest.plugins : native.plugins,
			configYaml: members.get(`${prefix}config.yaml`) ?? null,
		},
		records,
	};
};

/**
 * Opens a backup for a restore and checks all that can be told without reading its content. The caller closes the archive.
 * @throws not-found, every fault of an archive that its list of contents shows, archive-too-new, wrong-server
 */
export const openBackup = async (
	path: string,
	adapter: ServerAdapter,
	{limits}: {readonly limits: LimitSettings | undefined},
): Promise<ListedBackup> => {
	const archive = await openArchive(path, {limits});
	try {
		return await judge(archive, adapter);
	} catch (error) {
		archive.close();
		throw error;
	}
};
