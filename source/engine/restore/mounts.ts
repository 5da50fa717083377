import {readFileSync, statSync} from 'node:fs';
import {type BytePath, fromStored, parentPath, pathBelow, toDiskPath} from './byte-path.js';

/** Tells where other file systems begin. A rename cannot cross such a place, and a delete must not. */
export type Mounts = {
	/** True when the folder is where a file system is mounted (also a bind mount of the same one). */
	readonly isMountPoint: (folder: BytePath) => boolean;
	/** True when a file system is mounted somewhere strictly below the folder. */
	readonly hasMountBelow: (folder: BytePath) => boolean;
	/** Number of the device a path lies on. */
	readonly deviceOf: (path: BytePath) => number;
};

/** Mount points of this process, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)); spaces and the like are octal escapes there. */
const readMountPoints = (): readonly BytePath[] => {
	try {
		return readFileSync('/proc/self/mountinfo', 'latin1')
			.split('\n')
			.map(line => line.split(' ')[4] ?? '')
			.filter(path => path !== '')
			.map(path =>
				fromStored(
					path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
				),
			);
	} catch {
		return [];
	}
};

/** The mounts of this machine as they are now. Tests give their own device numbers or mount points. */
export const createMounts = ({
	mountPoints = readMountPoints(),
	deviceOf = path => statSync(toDiskPath(path)).dev,
}: {
	readonly mountPoints?: readonly BytePath[];
	readonly deviceOf?: (path: BytePath) => number;
} = {}): Mounts => {
	const known = new Set(mountPoints);
	return {
		isMountPoint: folder =>
			known.has(folder) ||
			deviceOf(folder) !== deviceOf(parentPath(folder) === '' ? fromStored('/') : parentPath(folder)),
		hasMountBelow: folder => mountPoints.some(point => point !== folder && pathBelow(folder, point) !== undefined),
		deviceOf,
	};
};
