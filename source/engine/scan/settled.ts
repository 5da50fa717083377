/** Whether a file's times tell that nobody wrote to it since it was read. */
import {statfsSync} from 'node:fs';
import type {Clock} from '../../clock.js';

/** File systems that keep an inode's own time of change to a fraction of a second, and its number for as long as it lives. Others are read in full each time. */
const trusted: ReadonlySet<number> = new Set([
	0xef53, // ext2, ext3, ext4
	0x58465342, // XFS
	0x9123683e, // Btrfs
	0xf2f52010, // F2FS
	0x01021994, // tmpfs
	0x794c7630, // overlayfs
	0x2fc12fc1, // ZFS
	0xca451a4e, // bcachefs
]);

/** A change within this time of the reading may leave the times as they were: clocks of file systems tick in steps. */
const marginNanoseconds = 2_000_000_000n;

/**
 * Tells, per file, before which moment it must have been changed last to be known again by its times: nanoseconds since the epoch, or null where times
 * cannot be relied on.
 */
export type SettledBefore = (file: {readonly device: bigint; readonly source: string | Buffer}) => bigint | null;

export const createSettledBefore = (clock: Clock): SettledBefore => {
	const known = new Map<bigint, boolean>();
	const isTrusted = (device: bigint, source: string | Buffer): boolean => {
		const found = known.get(device);
		if (found !== undefined) {
			return found;
		}

		let answer = false;
		try {
			answer = trusted.has(statfsSync(source).type);
		} catch {
			// It vanished, perhaps: the next file of that device is asked.
			return false;
		}

		known.set(device, answer);
		return answer;
	};

	return ({device, source}) =>
		isTrusted(device, source) ? BigInt(clock.now()) * 1_000_000n - marginNanoseconds : null;
};
