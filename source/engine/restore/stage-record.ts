/**
 * Notes of what is being unpacked into other folders than an instance's. Such a stage can lie anywhere, so that only a note in printkeep's own state
 * folder lets a later start find it.
 */
import {lstatSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as v from 'valibot';
import {type Disk, removeTree} from '../disk.js';
import {makeFolders} from '../durable-file.js';
import {isProvenDead, type LockRecord, ownIdentity, readLockRecord} from '../lock-record.js';
import type {EnginePorts} from '../ports.js';

type StagePorts = Pick<EnginePorts, 'disk' | 'clock' | 'hostName' | 'stateFolder' | 'randomHex' | 'server'>;

export type StageNote = {
	/** Path of the note itself. */
	readonly note: string;
	/** Folder that is being unpacked into. */
	readonly stage: string;
};

const schema = v.object({stage: v.pipe(v.string(), v.regex(/\/stage-[0-9a-f]+$/))});

/** Notes that a folder is going to be unpacked into. Best effort: a state folder that cannot be written must not keep a restore from running. */
export const noteStage = (ports: StagePorts, stage: string): StageNote | null => {
	const record: LockRecord & {readonly stage: string} = {
		...ownIdentity({hostName: ports.hostName, processFolder: ports.server.processFolder}),
		job: 'restore',
		since: ports.clock.now(),
		nonce: ports.randomHex(8),
		stage,
	};
	const note = join(ports.stateFolder, `stage-${record.nonce}.json`);
	try {
		makeFolders(ports.disk, ports.stateFolder);
		for (const dead of findDeadNotes(ports)) {
			if (!lstatSync(dead.stage, {throwIfNoEntry: false})) {
				ports.disk.unlink(dead.note);
			}
		}

		const descriptor = ports.disk.create(note, 0o600);
		try {
			ports.disk.write(descriptor, Buffer.from(`${JSON.stringify(record)}\n`), 0);
		} finally {
			ports.disk.close(descriptor);
		}

		return {note, stage};
	} catch {
		return null;
	}
};

/** Removes a note, and what it is about if that is still there. */
export const dropStage = (disk: Disk, {note, stage}: StageNote): void => {
	removeTree(disk, stage);
	removeTree(disk, note);
};

/** Stages that are still there and whose process is proven to be dead. */
export const findDeadStages = (ports: Pick<EnginePorts, 'stateFolder' | 'hostName' | 'server'>): readonly StageNote[] =>
	findDeadNotes(ports).filter(({stage}) => lstatSync(stage, {throwIfNoEntry: false}) !== undefined);

const findDeadNotes = ({
	stateFolder,
	hostName,
	server,
}: Pick<EnginePorts, 'stateFolder' | 'hostName' | 'server'>): readonly StageNote[] => {
	let names: readonly string[];
	try {
		names = readdirSync(stateFolder);
	} catch {
		return [];
	}

	const {processFolder} = server;
	const self = ownIdentity({hostName, processFolder});
	return names
		.filter(name => /^stage-[0-9a-f]+\.json$/.test(name))
		.flatMap((name): readonly StageNote[] => {
			const note = join(stateFolder, name);
			try {
				const record = readLockRecord(note, self);
				if (record === null || record === 'unreadable') {
					return [];
				}

				const {stage} = v.parse(schema, JSON.parse(readFileSync(note, 'utf8')));
				return isProvenDead(record, self, processFolder) ? [{note, stage}] : [];
			} catch {
				return [];
			}
		});
};
