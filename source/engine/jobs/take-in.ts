/** What every archive goes through that comes into the store from outside: its name, room for it, the check of all of it, and its final name at the end. */
import {join} from 'node:path';
import type {BackupSummary, LimitSettings, Target} from '../../client/protocol.js';
import {kindWord} from '../../client/server-kind.js';
import {PrintkeepError, toErrorData} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import type {ServerAdapter} from '../../servers/adapter.js';
import {type OpenArchive, openArchive} from '../archive/reader.js';
import type {Catalog} from '../catalog.js';
import {publish} from '../durable-file.js';
import {checkGivenName, freeName, importedName, isTaken} from '../names.js';
import {spaceOf} from '../space.js';
import {rememberVerified} from '../verified.js';
import type {JobContext} from './context.js';
import {problemError, verifyWithProgress} from './verify-with-progress.js';

/**
 * Refuses an archive that is not of the given kind of server, or lacks a member it cannot be restored without.
 * @throws wrong-server, archive-refused
 */
export const requireServer = async (
	archive: Pick<OpenArchive, 'has' | 'manifestHeader'>,
	adapter: ServerAdapter,
): Promise<void> => {
	const kind = (await archive.manifestHeader())?.kind ?? adapter.kind;
	if (kind !== adapter.kind || !adapter.recognises(archive.has)) {
		throw new PrintkeepError('wrong-server', `This archive is no backup of ${kindWord(adapter.kind)}.`, {
			hint: 'Choose a backup of this server, or name the right instance with --instance.',
		});
	}

	const missing = adapter.requiredMembers.find(name => !archive.has(name));
	if (missing !== undefined) {
		throw new PrintkeepError(
			'archive-refused',
			`This archive has no ${missing}, so ${kindWord(adapter.kind)} could not use it.`,
			{
				hint: 'It was cut down or made by another program. Look for another backup.',
			},
		);
	}
};

/**
 * Reads an archive in full, and refuses what is not intact or of another kind of server.
 * @param failed what a refusal begins with: "The file was not imported".
 * @throws wrong-server, archive-*, zip-*
 */
export const validateArchive = async (
	context: JobContext,
	path: string,
	{
		adapter,
		limits,
		failed,
	}: {readonly adapter: ServerAdapter; readonly limits: LimitSettings | undefined; readonly failed: string},
): Promise<void> => {
	const {report} = context;
	const archive = await openArchive(path, {limits});
	try {
		await requireServer(archive, adapter);
		report.phase('checking');
		report.total(
			archive.entries.reduce((sum, {bytes}) => sum + bytes, 0),
			archive.entries.length,
		);
		const {problems} = await verifyWithProgress(context, archive);
		const [first] = problems;
		if (first) {
			throw problemError(first, `${failed}: ${first.message}`, first.hint);
		}
	} finally {
		archive.close();
	}
};

/**
 * The name a new archive gets in the store. The catalog must be fresh.
 * @param wanted name it comes with; @param as name a person has given.
 * @throws invalid-name, name-clash
 */
export const nameInStore = (catalog: Catalog, wanted: string, as: string | undefined): string => {
	const existing = catalog
		.list()
		.filter(({origin}) => origin === 'store')
		.map(({key}) => key);
	if (as === undefined) {
		return freeName(importedName(wanted), existing);
	}

	const name = checkGivenName(as);
	if (isTaken(name, existing)) {
		throw new PrintkeepError('name-clash', `There is a backup called ${name} already.`, {
			hint: 'Choose another name with --as, or leave it out.',
		});
	}

	return name;
};

/** @param what begins the sentence: "The file". @throws no-space */
export const checkStoreSpace = ({store, keepFreeBytes}: Target, bytes: number, what: string): void => {
	const space = spaceOf(store);
	if (space && space.freeBytes - bytes < keepFreeBytes) {
		throw new PrintkeepError(
			'no-space',
			`${what} has ${formatBytes(bytes)}, and only ${formatBytes(space.freeBytes)} are free in the store.`,
			{
				hint: 'Delete old backups, or choose a store on another disk.',
			},
		);
	}
};

/** Gives an archive that was read in full and found right its final name, and notes that it was. @returns its summary */
export const publishInStore = async (
	{ports, report}: Pick<JobContext, 'ports' | 'report'>,
	partial: string,
	{name, target, catalog}: {readonly name: string; readonly target: Target; readonly catalog: Catalog},
): Promise<BackupSummary> => {
	report.cancellable(false);
	const path = join(target.store, name);
	await publish(ports.disk, partial, path);
	const backup = {key: name, origin: 'store', path} as const;
	await rememberVerified(ports, target.store, [{backup, ok: true}]).catch((error: unknown) => {
		report.log('warning', 'That the backup was verified could not be noted in the store.', toErrorData(error).detail);
	});
	await catalog.refresh();
	return catalog.get(name, 'store');
};
