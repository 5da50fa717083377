import * as path from 'node:path';
import type {InstanceRef} from '../../client/protocol.js';
import {realPathOf} from '../real-path.js';
import {type Configuration, configFileOf} from './configuration.js';
import {type FolderKey, targetOf} from './folders.js';

/** One place of the data: where it is meant to be, and where that really is. */
export type Place = {
	/** Path as configured, or the usual one in the data folder. */
	readonly configured: string;
	/** The same with all links resolved; need not exist. */
	readonly real: string;
	/** True when it is named in the configuration. */
	readonly isConfigured: boolean;
	/** True when it really lies somewhere else than in its usual place in the data folder. */
	readonly external: boolean;
};

/** Where an instance keeps its things, by its configuration. */
export type Places = {
	/** Real path of the data folder. */
	readonly base: string;
	readonly folder: (key: FolderKey) => Place;
	readonly configFile: Place;
	readonly userFile: Place;
	readonly groupFile: Place;
	/** Folders OctoPrint's own backups lie in, as configured; the one in use comes first. */
	readonly backupFolders: readonly string[];
};

/** Finds out where an instance keeps its things. Touches nothing. */
export const placesOf = (
	instance: Pick<InstanceRef, 'dataFolder' | 'configFile'>,
	configuration: Configuration,
): Places => {
	const base = realPathOf(instance.dataFolder);
	const place = (target: string, configured: string | null | undefined): Place => {
		const usual = path.join(base, target);
		const real = realPathOf(configured ?? usual);
		return {
			configured: configured ?? usual,
			real,
			isConfigured: typeof configured === 'string',
			external: real !== usual,
		};
	};

	const folder = (key: FolderKey): Place => place(targetOf(key), configuration.folders.get(key));
	const usualBackups = path.join(folder('data').configured, 'backup');
	return {
		base,
		folder,
		configFile: place('config.yaml', instance.configFile === undefined ? null : configFileOf(instance)),
		userFile: place('users.yaml', configuration.userFile),
		groupFile: place('groups.yaml', configuration.groupFile),
		backupFolders: configuration.backupFolder === null ? [usualBackups] : [configuration.backupFolder, usualBackups],
	};
};
