/** Where disks belong, whether they are there now or not: the table of file systems, and the mount units of systemd. */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

export type MountTables = {
	/** fstab(5). */
	readonly fstab: string;
	/** Folder with units, some of them `*.mount` (systemd.mount(5)). */
	readonly units: string;
};

export const systemMountTables: MountTables = {fstab: '/etc/fstab', units: '/etc/systemd/system'};

/** File systems that are no disks: nobody's data is missing when one of them is not mounted. */
const virtual = new Set([
	'swap',
	'proc',
	'sysfs',
	'tmpfs',
	'devtmpfs',
	'devpts',
	'none',
	'cgroup',
	'cgroup2',
	'debugfs',
]);

const read = (path: string): string => {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return '';
	}
};

const withoutTrailingSlash = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);

const fromFstab = (text: string): readonly string[] =>
	text
		.split('\n')
		.map(line => line.trim())
		.filter(line => line !== '' && !line.startsWith('#'))
		.map(line => line.split(/\s+/))
		.filter(([, path = '', type = '']) => path.startsWith('/') && !virtual.has(type))
		.map(([, path = '']) =>
			path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
		);

const fromUnits = (folder: string): readonly string[] => {
	try {
		return readdirSync(folder, {encoding: 'latin1'})
			.filter(name => name.endsWith('.mount'))
			.flatMap(name => [...read(join(folder, name)).matchAll(/^\s*Where\s*=\s*(\/.*?)\s*$/gm)])
			.map(([, path = '']) => path);
	} catch {
		return [];
	}
};

/**
 * Paths at which this machine is set up to mount a disk.
 * @returns paths with one character per byte, without the root.
 */
export const readExpectedMounts = ({fstab, units}: MountTables = systemMountTables): readonly string[] =>
	[...new Set([...fromFstab(read(fstab)), ...fromUnits(units)].map(withoutTrailingSlash))].filter(path => path !== '/');
