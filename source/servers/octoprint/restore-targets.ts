import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {RestoreTarget} from '../adapter.js';
import {look} from '../look.js';
import {pathInside, realPathOf} from '../real-path.js';
import {parseConfiguration, readConfiguration} from './configuration.js';
import {folderKeyOf, folderKeys, folders, targetOf} from './folders.js';
import {type Place, type Places, placesOf} from './places.js';

const systemFolders = ['/bin', '/boot', '/dev', '/etc', '/lib', '/lib32', '/lib64', '/proc', '/sbin', '/sys', '/usr'];

/** Folders that hold other folders of the system or of people: nothing is restored over them as a whole. */
const sharedFolders = ['/', '/home', '/media', '/mnt', '/opt', '/root', '/run', '/srv', '/tmp', '/var', '/var/lib'];

const isUnsafe = (real: string, base: string): boolean =>
	real === base ||
	pathInside(real, base) !== undefined ||
	sharedFolders.includes(real) ||
	path.dirname(real) === '/home' ||
	(!real.startsWith('/dev/shm/') &&
		systemFolders.some(folder => real === folder || pathInside(folder, real) !== undefined));

/** Folders foreign to OctoPrint that are links to somewhere else: what belongs to them goes where they lead. */
const linkedFolders = (base: string): readonly RestoreTarget[] => {
	let entries: readonly fs.Dirent[];
	try {
		entries = fs.readdirSync(base, {withFileTypes: true});
	} catch {
		return [];
	}

	return entries
		.filter(entry => entry.isSymbolicLink() && folderKeyOf(entry.name) === undefined)
		.map(({name}) => ({part: 'other', target: name, destination: realPathOf(path.join(base, name)), external: true}))
		.filter(
			({destination}) =>
				destination !== base &&
				pathInside(base, destination) === undefined &&
				pathInside(destination, base) === undefined &&
				look(destination)?.isDirectory(),
		);
};

/**
 * Where the parts of a restore in place go. A configuration out of an archive may name any path: one that the present configuration does not name too
 * is refused when it lies in the system.
 * @param configYaml the configuration that will be live; null for the present one.
 * @throws PrintkeepError unsafe-destination, source-unreadable.
 */
export const restoreTargets = async (
	instance: InstanceRef,
	configYaml: string | null,
): Promise<readonly RestoreTarget[]> => {
	const present = placesOf(instance, readConfiguration(instance));
	const places =
		configYaml === null ? present : placesOf(instance, parseConfiguration(configYaml, instance.dataFolder));
	const targetAt = (part: string, target: string, find: (from: Places) => Place): RestoreTarget => {
		const {real, configured, external} = find(places);
		if (real !== find(present).real && isUnsafe(real, places.base)) {
			throw new PrintkeepError(
				'unsafe-destination',
				`The backup's configuration puts ${target} at ${safeText(configured)}, which belongs to the system.`,
				{hint: 'Restore into another folder with --to, and take from it what you need.'},
			);
		}

		return {part, target, destination: real, external};
	};

	return [
		targetAt('config', 'config.yaml', ({configFile}) => configFile),
		targetAt('config', 'users.yaml', ({userFile}) => userFile),
		targetAt('config', 'groups.yaml', ({groupFile}) => groupFile),
		...folderKeys
			.filter(key => folders[key].inclusion !== 'never')
			.map(key => targetAt(key, targetOf(key), ({folder}) => folder(key))),
		...linkedFolders(places.base),
	];
};
