import {statSync} from 'node:fs';
import {readExpectedMounts} from '../expected-mounts.js';
import {readMountPoints} from '../mount-points.js';
import {type BytePath, fromStored, parentPath, pathBelow, resolveLinks, toDiskPath} from './byte-path.js';

/** Tells where other file systems begin. A rename cannot cross such a place, and a delete must not. */
export type Mounts = {
	/** True when the folder is where a file system is mounted (also a bind mount of the same one). */
	readonly isMountPoint: (folder: BytePath) => boolean;
	/** True when a file system is mounted somewhere strictly below the folder. */
	readonly hasMountBelow: (folder: BytePath) => boolean;
	/** Number of the device a path lies on. */
	readonly deviceOf: (path: BytePath) => number;
	/** Folders in which a disk belongs that is not mounted now. */
	readonly missing: readonly BytePath[];
	/** True for a folder where people mount disks, below `/media` for one, that lies on the system's own disk. */
	readonly isWhereDisksGo: (folder: BytePath) => boolean;
};

/** Folders in which disks are mounted by habit (hier(7)); `/run/media` by desktops. */
const mountParents = ['/media', '/mnt', '/run/media', '/srv'].map(fromStored);

/** The mounts of this machine as they are now. Tests give their own device numbers or mount points. */
export const createMounts = ({
	mountPoints = readMountPoints().map(fromStored),
	deviceOf = path => statSync(toDiskPath(path)).dev,
	expected = readExpectedMounts().map(fromStored),
	parents = mountParents,
}: {
	readonly mountPoints?: readonly BytePath[];
	readonly deviceOf?: (path: BytePath) => number;
	/** Where disks belong, mounted or not. */
	readonly expected?: readonly BytePath[];
	/** Folders in which disks are mounted. */
	readonly parents?: readonly BytePath[];
} = {}): Mounts => {
	const known = new Set(mountPoints);
	return {
		isMountPoint: folder =>
			known.has(folder) ||
			deviceOf(folder) !== deviceOf(parentPath(folder) === '' ? fromStored('/') : parentPath(folder)),
		hasMountBelow: folder => mountPoints.some(point => point !== folder && pathBelow(folder, point) !== undefined),
		deviceOf,
		missing: expected.map(path => resolveLinks(path) ?? path).filter(path => !known.has(path)),
		isWhereDisksGo: folder =>
			deviceOf(folder) === deviceOf(fromStored('/')) &&
			parents.some(
				parent =>
					parent !== folder &&
					pathBelow(parent, folder) !== undefined &&
					// The same disk can be mounted a second time.
					!mountPoints.some(point => pathBelow(parent, point) !== undefined && pathBelow(point, folder) !== undefined),
			),
	};
};
