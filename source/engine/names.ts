/** Names of backups: what printkeep gives, what a person may give. Other names in a store are listed and used as they are. */
import type {ServerKind, Trigger} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';

const maximumNameLength = 150;

const slug = (text: string): string =>
	text
		.normalize('NFKD')
		.toLowerCase()
		.replaceAll(/[^a-z0-9_-]+/g, '-')
		.replaceAll(/^[-_]+|[-_]+$/g, '') || 'unnamed';

/** `YYYYMMDD-HHMMSS` in UTC. */
export const utcStamp = (at: number): string => {
	const iso = new Date(at).toISOString();
	return `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19).replaceAll(':', '')}`;
};

/** The automatic name `<host>_<kind>-<instance>_<YYYYMMDD-HHMMSS>z_<trigger>.zip`, only `[a-z0-9_-]` before the suffix. */
export const automaticName = ({
	hostName,
	kind,
	instance,
	at,
	trigger,
}: {
	readonly hostName: string;
	readonly kind: ServerKind;
	readonly instance: string;
	/** Milliseconds since the epoch. */
	readonly at: number;
	readonly trigger: Trigger;
}): string =>
	`${slug(hostName.split('.')[0] ?? '').slice(0, 40)}_${kind}-${slug(instance).slice(0, 40)}_${utcStamp(at)}z_${trigger}.zip`;

/**
 * Checks a name given by a person.
 * @returns the name, with `.zip` added when it was left out.
 * @throws invalid-name with the rule that was broken.
 */
export const checkGivenName = (given: string): string => {
	const name = `${given.replace(/\.zip$/i, '')}.zip`;
	const refuse = (why: string): never => {
		throw new PrintkeepError('invalid-name', `${JSON.stringify(given)} cannot be the name of a backup: ${why}.`, {
			hint: 'Use letters, digits, ".", "_", "@" and "-", not starting with "." or "-", at most 150 characters with ".zip".',
		});
	};

	if (given === '' || name === '.zip') {
		return refuse('it is empty');
	}

	if (!/^[A-Za-z0-9._@-]+$/.test(name)) {
		return refuse('it has characters other than letters, digits, ".", "_", "@" and "-"');
	}

	if (/^[.-]/.test(name)) {
		return refuse('it starts with "." or "-"');
	}

	return name.length > maximumNameLength ? refuse(`it has ${name.length} characters`) : name;
};

/** True when a name is taken, without regard to case. */
export const isTaken = (name: string, existing: readonly string[]): boolean => {
	const lower = name.toLowerCase();
	return existing.some(other => other.toLowerCase() === lower);
};

/** A free name like the wanted one: `name.zip`, `name-2.zip`, `name-3.zip`… */
export const freeName = (wanted: string, existing: readonly string[]): string => {
	const taken = new Set(existing.map(name => name.toLowerCase()));
	const stem = wanted.replace(/\.zip$/i, '').slice(0, maximumNameLength - 10);
	for (let number = 1; ; number++) {
		const candidate = number === 1 ? `${stem}.zip` : `${stem}-${number}.zip`;
		if (!taken.has(candidate.toLowerCase())) {
			return candidate;
		}
	}
};

/** Makes any file name one that a person could have given, for imports. */
export const importedName = (fileName: string): string => {
	const stem = fileName
		.replace(/\.zip$/i, '')
		.replaceAll(/[^A-Za-z0-9._@-]+/g, '-')
		.replaceAll(/^[.-]+|-+$/g, '')
		.slice(0, maximumNameLength - 10);
	return `${stem === '' ? 'imported' : stem}.zip`;
};

/** Prefix of everything printkeep keeps in a store under a hidden name. */
export const hiddenPrefix = '.printkeep';

/** Name of an archive that is being written; never listed, swept when left over. */
export const partialName = (randomHex: string): string => `${hiddenPrefix}-part-${randomHex}.zip`;

/** The same for one that is written outside the store its job has locked: the folder may be another store, whose own jobs must not sweep it meanwhile. */
export const outsidePartialName = (randomHex: string): string => `${hiddenPrefix}-part-export-${randomHex}.zip`;

/** True for the name of an archive that was being written. */
export const isPartialName = (name: string): boolean =>
	/^\.printkeep-part-(?:export-)?[0-9a-f]+\.zip(\.databases)?$/.test(name);

/** True when only a job that holds the store's lock can have been writing it: whoever has the lock now knows that nobody does any more. */
export const isOwnPartialName = (name: string): boolean => /^\.printkeep-part-[0-9a-f]+\.zip(\.databases)?$/.test(name);
