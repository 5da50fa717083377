/** Words for the things commands print. Everything returned is safe on a terminal. */
import type {BackupHealth, BackupSummary, Instance, LeftOutByPlugin, SkippedFile, Trigger} from '../client/protocol.js';
import {kindTitle} from '../client/server-kind.js';
import {safeText} from '../format/safe-text.js';

/** The health of a backup in one word. */
export const healthWord = (health: BackupHealth): string => {
	switch (health.type) {
		case 'verified':
			return 'verified';
		case 'unverified':
			return 'unverified';
		case 'partial':
			return 'partial';
		case 'bad':
			return 'bad';
		default:
			return health satisfies never;
	}
};

/** Why a backup is not as it should be; empty when it is. */
export const healthReason = (health: BackupHealth): string => {
	switch (health.type) {
		case 'verified':
		case 'unverified':
			return '';
		case 'partial':
			return safeText(health.reason);
		case 'bad':
			return safeText(health.error.message);
		default:
			return health satisfies never;
	}
};

/** What made a backup, in a word. */
export const triggerWords = {
	manual: 'manual',
	auto: 'automatic',
	preupgrade: 'before an upgrade',
	prerestore: 'before a restore',
	import: 'imported',
} as const satisfies Record<Trigger, string>;

/** Where a backup comes from: the server itself, an import, or what triggered it. */
export const originWords = ({origin, trigger, writtenBy}: BackupSummary): string => {
	if (origin === 'server') {
		return 'server';
	}

	if (trigger !== null) {
		return triggerWords[trigger];
	}

	return writtenBy === 'unknown' ? 'foreign' : writtenBy;
};

/** "OctoPrint 1.11.8", or without the version when it is unknown. */
export const serverTitle = ({
	kind,
	kindTitle: title,
	version,
}: Pick<Instance, 'kind' | 'kindTitle' | 'version'>): string =>
	`${safeText(kindTitle(kind, title))} ${version === null ? '(version unknown)' : safeText(version)}`;

const listedFiles = 50;

/** Lines that name skipped files and why, at most fifty of them. */
export const skippedLines = (skipped: readonly SkippedFile[]): readonly string[] => {
	if (skipped.length === 0) {
		return [];
	}

	const more = skipped.length - listedFiles;
	return [
		`Not in the backup as ${skipped.length === 1 ? 'it' : 'they'} should be:`,
		...skipped.slice(0, listedFiles).map(({path, reason}) => `  ${safeText(path)}: ${safeText(reason)}`),
		...(more > 0 ? [`  … and ${more} more`] : []),
	];
};

/** Lines that name what plugins left out, and which, at most fifty of them. */
export const leftOutLines = (leftOut: readonly LeftOutByPlugin[]): readonly string[] => {
	const more = leftOut.length - listedFiles;
	return [
		...leftOut
			.slice(0, listedFiles)
			.map(({path, plugin}) => `Left out by the plugin ${safeText(plugin)}: ${safeText(path)}`),
		...(more > 0 ? [`… and ${more} more left out by plugins`] : []),
	];
};
