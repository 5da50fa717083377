import {statSync} from 'node:fs';
import type {ArchiveSource, PluginRecord, Target} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {ServerAdapter} from '../../servers/adapter.js';
import {openArchive} from '../archive/reader.js';
import {type Catalog, sourcePath} from '../catalog.js';
import {readMembers} from '../details.js';
import {readHistory} from '../history.js';

/** Key or path of the backup that was restored last and not taken back since; undefined when there is none. */
const lastRestored = (stateFolder: string, target: Target): string | undefined => {
	const last = readHistory(stateFolder, target).findLast(
		({job, outcome, limited}) =>
			(job === 'restore' || job === 'undo') && (outcome === 'done' || outcome === 'partial') && !limited,
	);
	return last?.job === 'restore' ? (last.key ?? undefined) : undefined;
};

const findBackup = (catalog: Catalog, key: string): ArchiveSource | undefined => {
	if (key.includes('/')) {
		return statSync(key, {throwIfNoEntry: false})?.isFile() ? {type: 'file', path: key} : undefined;
	}

	const backups = catalog.list().filter(backup => backup.key === key);
	const found = backups.find(({origin}) => origin === 'store') ?? backups[0];
	return found && {type: 'backup', key, origin: found.origin};
};

/**
 * The backup whose plugins are meant when none is named: the one last restored, else the newest good one.
 * @throws not-found
 */
export const usualSource = (stateFolder: string, target: Target, catalog: Catalog): ArchiveSource => {
	const restored = lastRestored(stateFolder, target);
	const source = restored === undefined ? undefined : findBackup(catalog, restored);
	if (source) {
		return source;
	}

	const newest = catalog.list().find(({health}) => health.type !== 'bad');
	if (!newest) {
		throw new PrintkeepError('not-found', `There is no usable backup in ${safeText(target.store)} yet.`, {
			hint: 'Name the file of one.',
		});
	}

	return {type: 'backup', key: newest.key, origin: newest.origin};
};

/**
 * The plugins a backup lists, with exact versions when printkeep made it.
 * @throws not-found, archive errors, wrong-server
 */
export const pluginsOfBackup = async (
	catalog: Catalog,
	source: ArchiveSource,
	adapter: ServerAdapter,
): Promise<readonly PluginRecord[]> => {
	const archive = await openArchive(sourcePath(catalog, source), {limits: catalog.target.limits});
	try {
		const manifest = archive.isPrintkeep ? await archive.manifestHeader() : null;
		if (manifest ? manifest.kind !== adapter.kind : !adapter.recognises(archive.has)) {
			throw new PrintkeepError('wrong-server', `This is no backup of an ${adapter.kind} server.`, {
				hint: 'Choose a backup of this server, or another instance with --instance.',
			});
		}

		return manifest?.plugins ?? adapter.readMetadata(await readMembers(archive, adapter.metadataMembers)).plugins;
	} finally {
		archive.close();
	}
};
