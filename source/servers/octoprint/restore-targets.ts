import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {RestoreTarget} from '../adapter.js';
import {look} from '../look.js';
import {pathInside, realPathOf} from '../real-path.js';
import {isSystemFolder} from '../system-folders.js';
import {parseConfiguration, readConfiguration} from './configuration.js';
import {folderKeyOf, folderKeys, folders, targetOf} from './folders.js';
import {type Place, type Places, placesOf} from './places.js';

const isUnsafe = (real: string, base: string): boolean =>
	real === base || pathInside(real, base) !== undefined || isSystemFolder(real);

/** Keys, settings of programs and what a shell runs lie behind names with a leading dot. */
const isHidden = (real: string, base: string): boolean =>
	pathInside(base, real) === undefined && real.split('/').some(name => name.startsWith('.'));

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
		.map(({name}) => ({
			part: 'other',
			target: name,
			destination: realPathOf(path.join(base, name)),
			external: true,
			own: false,
		}))
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
 * is refused when it lies in the system or behind a name with a leading dot.
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
		const isNew = real !== find(present).real;
		if (isNew && isUnsafe(real, places.base)) {
			throw new PrintkeepError(
				'unsafe-destination',
				`The backup's configuration puts ${target} at ${safeText(configured)}, which belongs to the system.`,
				{hint: 'Restore into another folder with --to, and take from it what you need.'},
			);
		}

		if (isNew && isHidden(real, places.base)) {
			throw new PrintkeepError(
				'unsafe-destination',
				`The backup's configuration puts ${target} at ${safeText(configured)}, a hidden place that this instance does not use now.`,
				{
					hint: 'If it belongs there, set it in the present config.yaml first; otherwise restore into another folder with --to.',
				},
			);
		}

		return {part, target, destination: real, external, own: true};
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
