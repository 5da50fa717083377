import {statSync} from 'node:fs';
import {basename, join} from 'node:path';
import type {JobRequest, JobResult, LimitSettings} from '../../client/protocol.js';
import {PrintkeepError, toErrorData, toPrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import type {ServerAdapter} from '../../servers/adapter.js';
import {type OpenArchive, openArchive} from '../archive/reader.js';
import type {Catalog} from '../catalog.js';
import {discard, makeLastingFolders, publish} from '../durable-file.js';
import {checkGivenName, freeName, importedName, isTaken, partialName} from '../names.js';
import {spaceOf} from '../space.js';
import {sweepStore} from '../store-strays.js';
import {rememberVerified} from '../verified.js';
import type {JobContext} from './context.js';
import {copyFileChecked} from './copy-file.js';
import {problemError, verifyWithProgress} from './verify-with-progress.js';

type ImportRequest = Extract<JobRequest, {type: 'import'}>;
type ImportResult = Extract<JobResult, {type: 'import'}>;

/**
 * Refuses an archive that is not of the given kind of server, or lacks a member it cannot be restored without.
 * @throws wrong-server, archive-refused
 */
export const requireServer = (archive: Pick<OpenArchive, 'has'>, adapter: ServerAdapter): void => {
	if (!adapter.recognises(archive.has)) {
		throw new PrintkeepError('wrong-server', `This archive is no backup of ${adapter.kind}.`, {
			hint: 'Choose a backup of this server, or name the right instance with --instance.',
		});
	}

	const missing = adapter.requiredMembers.find(name => !archive.has(name));
	if (missing !== undefined) {
		throw new PrintkeepError(
			'archive-refused',
			`This archive has no ${missing}, so ${adapter.kind} could not use it.`,
			{
				hint: 'It was cut down or made by another program. Look for another backup.',
			},
		);
	}
};

/** Changes whenever the content of a file may have changed. */
const stampOf = (path: string): string => {
	const {dev, ino, size, mtimeNs, ctimeNs} = statSync(path, {bigint: true});
	return [dev, ino, size, mtimeNs, ctimeNs].join();
};

const validate = async (
	context: JobContext,
	path: string,
	{adapter, limits}: {readonly adapter: ServerAdapter; readonly limits: LimitSettings | undefined},
): Promise<void> => {
	const {report} = context;
	const archive = await openArchive(path, {limits});
	try {
		requireServer(archive, adapter);
		report.phase('checking');
		report.total(
			archive.entries.reduce((sum, {bytes}) => sum + bytes, 0),
			archive.entries.length,
		);
		const {problems} = await verifyWithProgress(context, archive);
		const [first] = problems;
		if (first) {
			throw problemError(first, `The file was not imported: ${first.message}`, first.hint);
		}
	} finally {
		archive.close();
	}
};

/**
 * Takes an archive file into the store: read and checked in full first, then copied under a hidden name, read back, and named.
 * @throws missing file as not-found; not-a-zip, archive-*, wrong-server, invalid-name, name-clash, no-space
 */
export const runImport = async (
	context: JobContext,
	{target, path, as}: ImportRequest,
	catalog: Catalog,
): Promise<ImportResult> => {
	const {ports, report} = context;
	const stats = statSync(path, {throwIfNoEntry: false});
	if (!stats) {
		throw new PrintkeepError('not-found', `There is no file ${safeText(path)}.`, {hint: 'Check the path.'});
	}

	if (!stats.isFile()) {
		throw new PrintkeepError('not-a-file', `${safeText(path)} is not an ordinary file.`, {
			hint: 'Choose a ZIP archive.',
		});
	}

	sweepStore(ports.disk, target.store);
	await catalog.refresh();
	const existing = catalog
		.list()
		.filter(({origin}) => origin === 'store')
		.map(({key}) => key);
	let name: string;
	if (as === undefined) {
		name = freeName(importedName(basename(path)), existing);
	} else {
		name = checkGivenName(as);
		if (isTaken(name, existing)) {
			throw new PrintkeepError('name-clash', `There is a backup called ${name} already.`, {
				hint: 'Choose another name with --as, or leave it out.',
			});
		}
	}

	const before = stampOf(path);
	await validate(context, path, {adapter: ports.adapters[target.instance.kind], limits: target.limits});
	const space = spaceOf(target.store);
	if (space && space.freeBytes - stats.size < target.keepFreeBytes) {
		throw new PrintkeepError(
			'no-space',
			`The file has ${formatBytes(stats.size)}, and only ${formatBytes(space.freeBytes)} are free in the store.`,
			{
				hint: 'Delete old backups, or choose a store on another disk.',
			},
		);
	}

	const partial = join(target.store, partialName(ports.randomHex(8)));
	try {
		try {
			await makeLastingFolders(ports.disk, target.store);
			report.phase('copying');
			report.total(stats.size, 1);
			await copyFileChecked(context, path, partial);
			if (stampOf(path) !== before) {
				throw new PrintkeepError('archive-damaged', 'The file changed while it was imported.', {
					hint: 'Wait until whatever writes it has finished, then import it again.',
				});
			}
		} catch (error) {
			throw toPrintkeepError(error, 'The file could not be copied into the store');
		}

		report.cancellable(false);
		await publish(ports.disk, partial, join(target.store, name));
	} catch (error) {
		discard(ports.disk, partial);
		throw error;
	}

	const backup = {key: name, origin: 'store', path: join(target.store, name)} as const;
	await rememberVerified(ports, target.store, [{backup, ok: true}]).catch((error: unknown) => {
		report.log('warning', 'That the backup was verified could not be noted in the store.', toErrorData(error).detail);
	});
	await catalog.refresh();
	return {type: 'import', backup: catalog.get(name, 'store')};
};
