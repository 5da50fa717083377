/**
 * Reads what is installed in a Python environment from its folders. No interpreter is started: that takes seconds on a small board, and an interpreter that
 * belongs to another user must not be run by root.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import {look} from './look.js';

export type Distribution = {
	readonly name: string;
	readonly version: string;
	readonly homePage: string | null;
	/** Names of the entry points, by group. */
	readonly entryPoints: ReadonlyMap<string, readonly string[]>;
};

const maximumFileBytes = 2_000_000;

const read = (file: string): string => {
	try {
		// A pipe would be waited for.
		const stats = fs.statSync(file);
		return stats.isFile() && stats.size <= maximumFileBytes ? fs.readFileSync(file, 'utf8') : '';
	} catch {
		return '';
	}
};

const list = (folder: string): readonly string[] => {
	try {
		return fs.readdirSync(folder).sort();
	} catch {
		return [];
	}
};

/** The folder an interpreter or environment has its libraries under: `/x` for `/x/bin/python3` and for `/x`. Links are not resolved, as Python does it. */
export const prefixOf = (python: string): string => {
	const isFolder = look(python)?.isDirectory() ?? false;
	return !isFolder && path.basename(path.dirname(python)) === 'bin' ? path.dirname(path.dirname(python)) : python;
};

const ownPackageFolders = (prefix: string): readonly string[] =>
	['lib', 'lib64', 'local/lib']
		.flatMap(library => list(path.join(prefix, library)).map(name => path.join(prefix, library, name)))
		.filter(folder => /^(?:python|pypy)3(?:\.\d+)?$/u.test(path.basename(folder)))
		.flatMap(folder => ['site-packages', 'dist-packages'].map(name => path.join(folder, name)))
		.filter(folder => look(folder)?.isDirectory());

/** The folders an environment's packages are installed in, those of the system included when it is built on them. */
export const packageFolders = (prefix: string): readonly string[] => {
	const own = ownPackageFolders(prefix);
	const settings = read(path.join(prefix, 'pyvenv.cfg'));
	const home = /^include-system-site-packages\s*=\s*true\s*$/imu.test(settings)
		? /^home\s*=\s*(\S.*)$/imu.exec(settings)?.[1]?.trim()
		: undefined;
	const inherited = home === undefined ? [] : ownPackageFolders(path.dirname(home));
	// Packages installed for development are reached through lists of folders.
	const linked = [...own, ...inherited].flatMap(folder =>
		list(folder)
			.filter(name => name.endsWith('.pth') || name.endsWith('.egg-link'))
			.flatMap(name => read(path.join(folder, name)).split('\n').slice(0, 100))
			.map(line => line.trim())
			.filter(line => path.isAbsolute(line)),
	);
	const unique = new Set<string>();
	for (const folder of [...own, ...inherited, ...linked]) {
		try {
			unique.add(fs.realpathSync(folder));
		} catch {
			// Named, but not there.
		}
	}

	return [...unique];
};

const parseEntryPoints = (text: string): ReadonlyMap<string, readonly string[]> => {
	const groups = new Map<string, string[]>();
	let names: string[] = [];
	for (const line of text.split('\n').map(part => part.trim())) {
		const group = /^\[(.+)\]$/u.exec(line)?.[1]?.trim();
		if (group !== undefined) {
			names = groups.get(group) ?? [];
			groups.set(group, names);
			continue;
		}

		const name = /^([^#;=\s][^=]*)=/u.exec(line)?.[1]?.trim();
		if (name) {
			names.push(name);
		}
	}

	return groups;
};

const homePageOf = (header: string): string | null => {
	const page = /^Home-page:\s*(\S+)/imu.exec(header)?.[1];
	if (page !== undefined && page.toUpperCase() !== 'UNKNOWN') {
		return page;
	}

	for (const [, label = '', url = ''] of header.matchAll(/^Project-URL:\s*([^,\n]+),\s*(\S+)/gimu)) {
		if (label.replaceAll(/[^a-z]/giu, '').toLowerCase() === 'homepage') {
			return url;
		}
	}

	return null;
};

const metadataFolder = /^(.+?)-([^-]+)(?:-py\d.*)?\.(?:dist|egg)-info$/iu;

/** Reads one `.dist-info` or `.egg-info` folder; undefined when it is none. */
const readDistribution = (folder: string): Distribution | undefined => {
	const text = read(path.join(folder, 'METADATA')) || read(path.join(folder, 'PKG-INFO'));
	const [header = ''] = text.split(/\r?\n\r?\n/u, 1);
	const match = metadataFolder.exec(path.basename(folder));
	const name = /^Name:\s*(\S+)/imu.exec(header)?.[1] ?? match?.[1];
	const version = /^Version:\s*(\S+)/imu.exec(header)?.[1] ?? match?.[2];
	return name === undefined || version === undefined
		? undefined
		: {
				name,
				version,
				homePage: homePageOf(header),
				entryPoints: parseEntryPoints(read(path.join(folder, 'entry_points.txt'))),
			};
};

const isMetadata = (name: string): boolean => /\.(?:dist|egg)-info$/iu.test(name);

/** Version of a package in these folders; undefined when it is not installed there. Its name is compared without regard to case, `-` and `_`. */
export const versionOf = (folders: readonly string[], packageName: string): string | undefined => {
	const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/gu, '-');
	for (const folder of folders) {
		for (const name of list(folder)) {
			const match = metadataFolder.exec(name);
			if (match && plain(match[1] ?? '') === plain(packageName)) {
				return match[2];
			}

			if (isMetadata(name) && plain(name.replace(/\.egg-info$/iu, '')) === plain(packageName)) {
				return readDistribution(path.join(folder, name))?.version;
			}
		}
	}

	return undefined;
};

/** The distributions in these folders that have an entry point of a group; of two with the same name the first counts. */
export const distributionsWith = (folders: readonly string[], group: string): readonly Distribution[] => {
	const found = new Map<string, Distribution>();
	for (const folder of folders) {
		for (const name of list(folder).filter(isMetadata)) {
			const full = path.join(folder, name);
			if (read(path.join(full, 'entry_points.txt')).includes(group)) {
				const distribution = readDistribution(full);
				if (distribution?.entryPoints.has(group) && !found.has(distribution.name.toLowerCase())) {
					found.set(distribution.name.toLowerCase(), distribution);
				}
			}
		}
	}

	return [...found.values()];
};
