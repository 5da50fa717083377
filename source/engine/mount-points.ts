import {readFileSync} from 'node:fs';

/**
 * Where file systems are mounted as this process sees it, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)); spaces and the like are octal escapes
 * there. Device numbers do not tell as much: a folder can be mounted a second time on the same file system.
 * @returns paths with one character per byte; none where the system does not tell.
 */
export const readMountPoints = (): readonly string[] => {
	try {
		return readFileSync('/proc/self/mountinfo', 'latin1')
			.split('\n')
			.map(line => line.split(' ')[4] ?? '')
			.filter(path => path !== '')
			.map(path =>
				path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
			);
	} catch {
		return [];
	}
};
