import type {PlanFile, PlanPart} from '../../client/protocol.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import type {ServerAdapter} from '../../servers/adapter.js';
import {countFiles} from '../restore/plan-counts.js';
import type {ComparedBackup} from './compare-archives.js';

/** Counts per part, in the order the server names its parts in; parts in which there is nothing to count are left out. */
export const partsOf = (
	files: readonly PlanFile[],
	{order, adapter}: {readonly order: readonly string[]; readonly adapter: Pick<ServerAdapter, 'partTitle'>},
): readonly PlanPart[] => {
	const byPart = new Map<string, PlanFile[]>();
	for (const file of files) {
		const own = byPart.get(file.part);
		if (own) {
			own.push(file);
		} else {
			byPart.set(file.part, [file]);
		}
	}

	const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
	return [...byPart]
		.sort(([a], [b]) => rank(a) - rank(b))
		.map(([name, own]) => ({
			name,
			title: adapter.partTitle(name),
			counts: countFiles(own),
			bytes: own.reduce((sum, {action, bytes}) => (action === 'added' || action === 'changed' ? sum + bytes : sum), 0),
			externalTarget: null,
		}));
};

/** Sentences about one backup that bear on what a comparison with it says. */
export const backupWarnings = (name: string, {backup, wanted}: ComparedBackup): readonly string[] => [
	...(backup.proof === 'crc32'
		? [`${safeText(name)} was not written by printkeep and has no hashes: its files are compared by CRC-32 and size.`]
		: []),
	...(backup.manifest?.status === 'partial'
		? [
				`${safeText(name)} is partial: ${plural(backup.manifest.skipped.length, 'file')} could not be read when it was made.`,
			]
		: []),
	...(wanted.links.length > 0
		? [`${plural(wanted.links.length, 'symbolic link')} of ${safeText(name)} are compared by where they lead.`]
		: []),
];

/** Sentences about parts that only one of two backups has. */
export const coverageWarnings = (
	[leftName, left]: readonly [string, ComparedBackup],
	[rightName, right]: readonly [string, ComparedBackup],
	adapter: Pick<ServerAdapter, 'partTitle'>,
): readonly string[] => {
	const titles = (of: ComparedBackup, without: ComparedBackup): string =>
		[...of.wanted.parts]
			.filter(name => !without.wanted.parts.has(name))
			.map(name => adapter.partTitle(name))
			.join(', ');
	const onlyLeft = titles(left, right);
	const onlyRight = titles(right, left);
	return [
		...(onlyLeft === '' ? [] : [`Not in ${safeText(rightName)}, so that all of it counts as added: ${onlyLeft}.`]),
		...(onlyRight === '' ? [] : [`Not in ${safeText(leftName)}, so that it is not compared: ${onlyRight}.`]),
	];
};
