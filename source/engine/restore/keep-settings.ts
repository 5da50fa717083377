/** Settings that belong to this machine (its ports, its addresses, its commands) and can stay as they are when a configuration is restored. */
import {createHash} from 'node:crypto';
import {readFileSync, statSync} from 'node:fs';
import {crc32} from 'node:zlib';
import type {MachineSetting} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import type {RestoreTarget, ServerAdapter} from '../../servers/adapter.js';
import {toBytePath} from './byte-path.js';
import type {OpenedBackup} from './opened-backup.js';
import {changedFile, nodeAt, replaceFileIn, type Wanted, type WantedFile} from './wanted-tree.js';

const maximumBytes = 4 * 1024 * 1024;
const configurationName = 'config.yaml';

export type KeptSettings = {
	/** What is different, whether it is kept or not. */
	readonly differences: readonly MachineSetting[];
	/** The configuration that will be live; null when the present one stays. */
	readonly configYaml: string | null;
	readonly wanted: Wanted;
};

/** The present configuration; null when there is none, or none that is read. */
const presentYaml = (presentTargets: readonly RestoreTarget[]): string | null => {
	const path = presentTargets.find(({target}) => target === configurationName)?.destination;
	try {
		const stats = path === undefined ? undefined : statSync(path);
		return path !== undefined && stats?.isFile() && stats.size <= maximumBytes ? readFileSync(path, 'utf8') : null;
	} catch {
		return null;
	}
};

const withContent = (wanted: Wanted, file: WantedFile, text: string): Wanted => {
	const content = Buffer.from(text);
	return replaceFileIn(
		wanted,
		file,
		changedFile(file, {
			bytes: content.length,
			entry: {...file.entry, bytes: content.length, crc32: crc32(content)},
			sha256: createHash('sha256').update(content).digest('hex'),
			content,
		}),
	);
};

const nothingToKeep = (why: string): PrintkeepError =>
	new PrintkeepError('usage', why, {hint: 'Leave out which settings to keep.'});

/**
 * Finds the machine's own settings that the backup has otherwise, and keeps the groups that were chosen.
 * @throws usage for a group there is none of, or when no configuration is restored or present; failed when one cannot be changed with certainty
 */
export const keepMachineSettings = (
	{configYaml}: Pick<OpenedBackup, 'configYaml'>,
	adapter: Pick<ServerAdapter, 'machineSettings' | 'withMachineSettings'>,
	{
		wanted,
		groups,
		presentTargets,
	}: {
		readonly wanted: Wanted;
		readonly groups: readonly string[];
		readonly presentTargets: readonly RestoreTarget[];
	},
): KeptSettings => {
	const node = nodeAt(wanted.root, toBytePath(configurationName));
	if (node?.type !== 'file' || configYaml === null) {
		if (groups.length > 0) {
			throw nothingToKeep(`${configurationName} is not restored, so that all settings stay as they are.`);
		}

		return {differences: [], configYaml: null, wanted};
	}

	const present = presentYaml(presentTargets);
	const differences = present === null ? [] : adapter.machineSettings(present, configYaml);
	if (groups.length === 0) {
		return {differences, configYaml, wanted};
	}

	if (present === null) {
		throw nothingToKeep(`There is no present ${configurationName} to keep settings of.`);
	}

	const kept = adapter.withMachineSettings(present, configYaml, groups);
	return kept === configYaml
		? {differences, configYaml, wanted}
		: {differences, configYaml: kept, wanted: withContent(wanted, node, kept)};
};
