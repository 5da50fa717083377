import * as path from 'node:path';
import {pathInside} from './real-path.js';

const systemFolders = [
	'/bin',
	'/boot',
	'/dev',
	'/etc',
	'/lib',
	'/lib32',
	'/lib64',
	'/proc',
	'/sbin',
	'/sys',
	'/usr',
	'/var/mail',
	'/var/spool',
];

/** Folders that hold other folders of the system or of people: nothing is restored over them as a whole. */
const sharedFolders = ['/', '/home', '/media', '/mnt', '/opt', '/root', '/run', '/srv', '/tmp', '/var', '/var/lib'];

/** True for a folder or file of the system's, and for folders that hold those of people. @param real path with all links resolved */
export const isSystemFolder = (real: string): boolean =>
	sharedFolders.includes(real) ||
	path.dirname(real) === '/home' ||
	(!real.startsWith('/dev/shm/') &&
		systemFolders.some(folder => real === folder || pathInside(folder, real) !== undefined));
