/** What a lock file says of its holder, and when that holder is proven to be gone. */
import {lstatSync, readFileSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import * as v from 'valibot';
import type {Holder} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {parseLockMark} from './lock-mark.js';

/** Who a process is, so that it is not taken for another one with its number: after a reboot, in another container, on another host. */
export type ProcessIdentity = {
	readonly pid: number;
	/** Start of the process in clock ticks since boot; null where `/proc` does not tell. */
	readonly startTicks: string | null;
	readonly bootId: string | null;
	readonly machineId: string | null;
	readonly pidNamespace: string | null;
	readonly host: string;
};

export type LockRecord = ProcessIdentity & {
	readonly job: string;
	/** Milliseconds since the epoch. */
	readonly since: number;
	/** Tells this lock from every other one, so that only its holder removes it. */
	readonly nonce: string;
};

const nullableText = v.nullish(v.string(), null);
const schema = v.object({
	pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
	startTicks: nullableText,
	bootId: nullableText,
	machineId: nullableText,
	pidNamespace: nullableText,
	host: v.string(),
	job: v.fallback(v.string(), 'job'),
	since: v.fallback(v.number(), 0),
	nonce: v.string(),
});

const readText = (path: string): string | null => {
	try {
		return readFileSync(path, 'utf8').trim() || null;
	} catch {
		return null;
	}
};

/**
 * When a process was started, in ticks since boot: field 22 of `/proc/<pid>/stat` (proc_pid_stat(5)). The second field is the program's name in
 * brackets and may hold anything, so counting starts behind the last bracket.
 * @returns null when there is no such process, or no `/proc`.
 */
export const readStartTicks = (processFolder: string, pid: number): string | null => {
	const stat = readText(join(processFolder, String(pid), 'stat'));
	return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
};

const readNamespace = (processFolder: string): string | null => {
	try {
		return readlinkSync(join(processFolder, 'self/ns/pid'));
	} catch {
		return null;
	}
};

/** The identity of this process. */
export const ownIdentity = ({
	hostName,
	processFolder,
}: {
	readonly hostName: string;
	readonly processFolder: string;
}): ProcessIdentity => ({
	pid: process.pid,
	startTicks: readStartTicks(processFolder, process.pid),
	bootId: readText(join(processFolder, 'sys/kernel/random/boot_id')),
	machineId: readText('/etc/machine-id'),
	pidNamespace: readNamespace(processFolder),
	host: hostName,
});

const processExists = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code !== 'ESRCH';
	}
};

/**
 * True only when the holder is proven to be dead: this host has been restarted since, or its process is gone or another one has its number now.
 * A holder on another host, or in another container, is never taken for dead.
 */
export const isProvenDead = (record: LockRecord, self: ProcessIdentity, processFolder: string): boolean => {
	// Both have to agree: copies of a memory card share an id, hosts of different owners a name. The boot id alone proves nothing either, since a copy of a
	// running virtual machine shares that. Who renames a host between a crash and the next boot is asked to delete the lock.
	const isSameMachine = record.host === self.host && record.machineId === self.machineId;
	if (!isSameMachine) {
		return false;
	}

	if (record.bootId !== null && self.bootId !== null && record.bootId !== self.bootId) {
		return true;
	}

	if (record.bootId !== self.bootId || record.pidNamespace !== self.pidNamespace) {
		return false;
	}

	if (self.startTicks === null || record.startTicks === null) {
		return !processExists(record.pid);
	}

	return readStartTicks(processFolder, record.pid) !== record.startTicks;
};

/**
 * Reads a lock file, or the link that stands for one on a disk with nothing free. A link is never followed.
 * @returns null when there is none, `unreadable` when it says nothing that can be understood.
 * @throws the system error when it exists and may not be read; failed when it is a link to anything else.
 */
export const readLockRecord = (path: string, self: ProcessIdentity): LockRecord | 'unreadable' | null => {
	let text: string;
	try {
		if (lstatSync(path).isSymbolicLink()) {
			const record = parseLockMark(readlinkSync(path), self);
			if (record === null) {
				throw new PrintkeepError(
					'failed',
					`${safeText(path)}, where a lock belongs, is a link that printkeep has not made.`,
					{
						hint: 'Find out who made it. If nobody needs it, delete it.',
					},
				);
			}

			return record;
		}

		text = readFileSync(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return null;
		}

		throw error;
	}

	try {
		return v.parse(schema, JSON.parse(text));
	} catch {
		return 'unreadable';
	}
};

/** The part of a record that people are told. */
export const holderOf = ({pid, host, job, since}: LockRecord): Holder => ({pid, host, job, since});
