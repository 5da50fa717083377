import {statSync} from 'node:fs';
import {readMountPoints} from '../mount-points.js';
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

/** The mounts of this machine as they are now. Tests give their own device numbers or mount points. */
export const createMounts = ({
	mountPoints = readMountPoints().map(fromStored),
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
