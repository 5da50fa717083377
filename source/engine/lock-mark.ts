/**
 * A lock for a disk with nothing free: a symbolic link whose target says who holds it. File systems keep a target of up to 59 bytes in the link itself
 * (ext4: 60 bytes with the end), so that it takes no block, and what frees the disk again can be locked as well.
 *
 * The target is `pk1.` and, between dots: 18 bytes in base64url (four of a hash of the boot's id, six of one of host and machine, the eight of the nonce), the
 * process, its start in ticks, the namespace of processes, all in base 36, and the first letters of the job. Nothing follows such a link.
 */
import {createHash} from 'node:crypto';
import {jobTypes} from '../client/protocol.js';
import type {LockRecord, ProcessIdentity} from './lock-record.js';

/** What is kept in a link itself. */
export const maximumMarkBytes = 59;
/** Enough to tell all jobs apart. */
const jobLetters = 7;

const shortHash = (text: string, bytes: number): Buffer =>
	createHash('sha256').update(text).digest().subarray(0, bytes);

const bootMark = (bootId: string | null): Buffer => shortHash(bootId ?? '', 4);

const machineMark = ({host, machineId}: Pick<ProcessIdentity, 'host' | 'machineId'>): Buffer =>
	shortHash(`${host}\0${machineId ?? ''}`, 6);

const inBase36 = (digits: string): string => BigInt(digits).toString(36);
const fromBase36 = (text: string): string => String(Number.parseInt(text, 36));
const namespaceNumber = (namespace: string | null): string => /^pid:\[(\d+)\]$/u.exec(namespace ?? '')?.[1] ?? '';

/** The target that stands for a record. */
export const lockMark = (record: LockRecord): string => {
	const {pid, startTicks, pidNamespace, job, nonce} = record;
	const namespace = namespaceNumber(pidNamespace);
	return [
		'pk1',
		Buffer.concat([bootMark(record.bootId), machineMark(record), Buffer.from(nonce, 'hex')]).toString('base64url'),
		inBase36(String(pid)),
		startTicks === null ? '' : inBase36(startTicks),
		namespace === '' ? '' : inBase36(namespace),
		job.slice(0, jobLetters),
	].join('.');
};

const pattern = /^pk1\.([\w-]{24})\.([0-9a-z]+)\.([0-9a-z]*)\.([0-9a-z]*)\.([a-z-]+)$/u;

/**
 * Reads such a target as the record it stands for. What it has only a part of is taken to be this machine's where that part is the same, and is
 * something else's where it is not: nobody is held for dead whom the whole record would not prove to be.
 * @returns null when it is no target of printkeep's.
 */
export const parseLockMark = (target: string, self: ProcessIdentity): LockRecord | null => {
	const [, bytes = '', pid = '', ticks = '', namespace = '', letters = ''] = pattern.exec(target) ?? [];
	if (bytes === '') {
		return null;
	}

	const marks = Buffer.from(bytes, 'base64url');
	const boot = marks.subarray(0, 4);
	const isSameMachine = marks.subarray(4, 10).equals(machineMark(self));
	const pidNamespace = namespace === '' ? null : `pid:[${fromBase36(namespace)}]`;
	return {
		pid: Number(fromBase36(pid)),
		startTicks: ticks === '' ? null : fromBase36(ticks),
		bootId: boot.equals(bootMark(self.bootId))
			? self.bootId
			: boot.equals(bootMark(null))
				? null
				: boot.toString('hex'),
		machineId: isSameMachine ? self.machineId : 'another',
		pidNamespace,
		host: isSameMachine ? self.host : 'another host',
		job: jobTypes.find(job => job.startsWith(letters)) ?? letters,
		since: 0,
		nonce: marks.subarray(10).toString('hex'),
	};
};
