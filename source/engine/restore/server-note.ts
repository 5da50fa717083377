/**
 * A note, in the private folder, of a server that printkeep has stopped for an exchange: from before it is stopped until it has been started again. It is
 * no part of the journal, which ends earlier: the server starts on a data folder that is whole.
 */
import {readFileSync} from 'node:fs';
import * as v from 'valibot';
import type {Target} from '../../client/protocol.js';
import {toPrintkeepError} from '../../errors.js';
import {adapterFor} from '../adapter-for.js';
import type {Disk} from '../disk.js';
import {ownIdentity} from '../lock-record.js';
import type {EnginePorts} from '../ports.js';
import {type BytePath, joinPath, lookAt, toBytePath, toDiskPath} from './byte-path.js';
import {type ServiceRecord, serviceRecordSchema, startFromRecord} from './guard.js';
import {removeFile, writeRecord} from './journal.js';
import {isTrustedWorkFolder, removeWorkFolderIfEmpty, workFolderCandidates} from './work-folder.js';

const schema = v.object({
	format: v.literal(1),
	server: serviceRecordSchema,
	/** The machine's run in which it was stopped; after the next boot it is not printkeep that left it stopped. */
	bootId: v.nullable(v.string()),
});

const noteName = toBytePath('server.json');

type NotePorts = Pick<EnginePorts, 'disk' | 'hostName' | 'server' | 'randomHex'>;

const bootIdOf = ({hostName, server}: Pick<NotePorts, 'hostName' | 'server'>): string | null =>
	ownIdentity({hostName, processFolder: server.processFolder}).bootId;

/** Notes that a server is going to be stopped. @throws the system error */
export const writeServerNote = async (ports: NotePorts, work: BytePath, server: ServiceRecord): Promise<void> =>
	writeRecord(
		ports.disk,
		joinPath(work, noteName),
		{format: 1, server, bootId: bootIdOf(ports)} satisfies v.InferInput<typeof schema>,
		ports.randomHex(8),
	);

/** Forgets the note; its own failure only means that a next start looks once more whether the server runs. */
export const removeServerNote = async (disk: Disk, work: BytePath): Promise<void> => {
	try {
		await removeFile(disk, work, noteName);
		removeWorkFolderIfEmpty(disk, work);
	} catch {
		// The server's own state counts, not the note.
	}
};

/** The private folder of a data folder that has a note, if any. Two looks at names, nothing more. */
export const findServerNote = (dataFolder: BytePath): BytePath | undefined =>
	workFolderCandidates(dataFolder).find(
		work => lookAt(joinPath(work, noteName)) !== undefined && isTrustedWorkFolder(work, dataFolder),
	);

const readNote = (work: BytePath): v.InferOutput<typeof schema> | null => {
	try {
		return v.parse(schema, JSON.parse(readFileSync(toDiskPath(joinPath(work, noteName)), 'utf8')));
	} catch {
		return null;
	}
};

export type Restart = {
	/** For a person; empty when there was nothing to start. */
	readonly message: string;
	/** What a person has to do, when it could not be started. */
	readonly hint: string;
};

const nothing: Restart = {message: '', hint: ''};

/**
 * Starts a server that an interrupted restore or undo left stopped. The data folder must be whole. It is tried once: what a person starts and stops
 * after that is theirs.
 */
export const startStoppedServer = async (
	ports: NotePorts & Pick<EnginePorts, 'adapters' | 'pluginAdapters' | 'clock'>,
	{instance, service}: Pick<Target, 'instance' | 'service'>,
	dataFolder: BytePath,
): Promise<Restart> => {
	const work = findServerNote(dataFolder);
	if (work === undefined) {
		return nothing;
	}

	const note = readNote(work);
	await removeServerNote(ports.disk, work);
	// After a boot the machine starts its services by itself.
	if (note === null || note.bootId === null || note.bootId !== bootIdOf(ports)) {
		return nothing;
	}

	const adapter = await adapterFor(ports, instance.kind);
	try {
		if ((await adapter.isRunning(ports.server, instance)) === true) {
			return nothing;
		}

		await startFromRecord(ports, note.server, {adapter, instance, service});
		return {message: `The server, which had been stopped for it, was started again.`, hint: ''};
	} catch (error) {
		const {message, hint} = toPrintkeepError(error, 'The server, which had been stopped for it, could not be started');
		return {message, hint};
	}
};
