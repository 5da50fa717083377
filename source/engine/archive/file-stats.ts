import {type BigIntStats, fstatSync} from 'node:fs';
import {secondsText} from './manifest-line.js';
import type {ManifestFile} from './types.js';

/** A file's stats to the nanosecond. */
export const statsOf = (descriptor: number): BigIntStats => fstatSync(descriptor, {bigint: true});

/** True when nothing was written to a file between two looks at it. */
export const isUnchanged = (a: BigIntStats, b: BigIntStats): boolean =>
	a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;

/**
 * What identifies the state of a file for a later backup: its inode, and when that was last changed.
 * @param settledBefore nanoseconds since the epoch: a file changed since then could be changed again without its times telling, so that nothing is given;
 * null where the file system does not keep such times.
 */
export const stateOf = (stats: BigIntStats, settledBefore: bigint | null): Pick<ManifestFile, 'inode' | 'changed'> =>
	settledBefore === null || stats.ctimeNs >= settledBefore || stats.mtimeNs >= settledBefore
		? {}
		: {inode: String(stats.ino), changed: secondsText(stats.ctimeNs)};
