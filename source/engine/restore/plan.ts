import type {PlanCounts, PlanPart, PluginRecord, RestorePlan} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {pathBelow, toBytePath, toText} from './byte-path.js';
import type {GuardFacts} from './guard.js';
import {countForeignOwners} from './owners.js';
import type {PlannedCounts} from './plan-counts.js';
import type {InPlace, Prepared} from './prepare.js';
import {undoInfo} from './undo-info.js';
import type {Way} from './way.js';

/** Plugins of the backup that the server's environment does not have; none when the environment is unknown. */
export const missingPlugins = (prepared: Prepared): readonly PluginRecord[] => {
	const installed = prepared.inPlace?.environment.plugins;
	if (!installed) {
		return [];
	}

	const keys = new Set(installed.map(({key}) => key));
	return prepared.backup.plugins.filter(({key}) => !keys.has(key));
};

const externalTargetOf = (
	{places, destination}: Prepared,
	part: string,
	adapter: Prepared['adapter'],
): string | null => {
	const place = places.find(
		({target, live}) => target !== '' && live !== destination && adapter.partOf(`${toText(target)}/`) === part,
	);
	return place ? toText(place.live) : null;
};

const noCounts: PlanCounts = {added: 0, changed: 0, removed: 0, kept: 0};

const partsOf = (prepared: Prepared, {byPart}: PlannedCounts): readonly PlanPart[] => {
	const {wanted, adapter, inPlace} = prepared;
	const names = new Set([...wanted.parts, ...byPart.keys()]);
	const order = inPlace?.layout.parts.map(({name}) => name) ?? [];
	const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
	return [...names]
		.sort((a, b) => rank(a) - rank(b))
		.map(name => {
			const {counts, bytes} = byPart.get(name) ?? {counts: noCounts, bytes: 0};
			return {
				name,
				title: adapter.partTitle(name),
				counts,
				bytes,
				externalTarget: inPlace ? externalTargetOf(prepared, name, adapter) : null,
			};
		});
};

const inPlaceWarnings = (
	prepared: Prepared,
	{layout, targets, presentTargets, environment, serverRollbacks}: InPlace,
): string[] => {
	const {wanted, backup, adapter, scope} = prepared;
	const warnings = [...layout.warnings, ...serverRollbacks];
	if (backup.manifest === null && ['config', 'plugins', 'data'].some(part => wanted.parts.has(part))) {
		warnings.push(
			'Settings and plugins can run programs. This archive was not made by printkeep: restore it only if you trust whoever made it.',
		);
	}

	if (scope.mode === 'exact') {
		warnings.push(
			'Everything that is not in the backup leaves the data folder, logs and unknown folders as well. Backups and mounted disks stay.',
		);
	}

	for (const {target, destination, external, part} of targets) {
		const present = presentTargets.find(other => other.target === target);
		if (external && present?.destination !== destination && wanted.parts.has(part)) {
			warnings.push(
				`The backup's configuration puts ${target} at ${safeText(destination)}; now it lies at ${safeText(present?.destination ?? 'another place')}, and what is there stays there.`,
			);
		}
	}

	const users = adapter.secretFiles
		.map(name => name.slice(backup.prefix.length))
		.filter(
			name =>
				!name.includes('/') && wanted.parts.has(adapter.partOf(name)) && !wanted.root.children.has(toBytePath(name)),
		);
	for (const name of scope.files === null ? users : []) {
		warnings.push(`${name} is not in the backup; the present one, if any, stays.`);
	}

	if (scope.files === null && backup.plugins.length > 0 && environment.plugins === null) {
		warnings.push(
			`The server's Python environment was not found, so that nobody knows which of the ${plural(backup.plugins.length, 'plugin')} of the backup are missing.`,
		);
	}

	return warnings;
};

const warningsOf = (prepared: Prepared, {found, lowSpace}: Pick<Way, 'found' | 'lowSpace'>): readonly string[] => {
	const {backup, wanted, inPlace, scope} = prepared;
	const warnings = inPlace ? inPlaceWarnings(prepared, inPlace) : [];
	const kept = inPlace ? undoInfo({instance: inPlace.instance}) : null;
	if (kept) {
		warnings.push(
			`The old data kept from the last restore (${formatBytes(kept.bytes)}) goes when this one is done: undo brings back one restore.`,
		);
	}

	if (lowSpace) {
		warnings.push(
			`${scope.lowSpace ? 'As asked for' : 'Not all of the backup fits beside what is there'}: only what differs is unpacked and exchanged, file by file. What is the same stays in its place.`,
		);
	}

	if (found.databaseJournals > 0) {
		warnings.push(
			`${plural(found.databaseJournals, 'journal')} beside databases that are restored will be taken away: what is in there belongs to the present databases.`,
		);
	}

	if (backup.proof === 'crc32') {
		warnings.push("This archive was not written by printkeep: it can be checked by the ZIP's own CRC-32 only.");
	}

	if (backup.manifest?.status === 'partial') {
		warnings.push(
			`The backup is partial: ${plural(backup.manifest.skipped.length, 'file')} could not be read when it was made. What is there now in their place stays.`,
		);
	}

	if (scope.files === null && wanted.ignored > 0) {
		warnings.push(
			`${plural(wanted.ignored, 'entry', 'entries')} of the archive are never restored: old backups, logs and the like.`,
		);
	}

	if (found.avoided.size > 0) {
		warnings.push(
			`${plural(found.avoided.size, 'path')} of the backup are left alone, since backups or parts of the system lie there now: ${[
				...found.avoided,
			]
				.slice(0, 3)
				.map(path => safeText(toText(path)))
				.join(', ')}`,
		);
	}

	const foreign = countForeignOwners(wanted);
	if (foreign > 0) {
		warnings.push(
			`${plural(foreign, 'file')} belonged to another user and will belong to you: only root can give files away.`,
		);
	}

	return warnings;
};

/** Words for a lack of space, or empty. */
export const lackOfSpace = (space: RestorePlan['space']): string => {
	const short = space.find(({neededBytes, freeBytes}) => neededBytes > freeBytes);
	return short
		? `${safeText(short.path)} needs ${formatBytes(short.neededBytes)} of free space while the restore runs, and has ${formatBytes(short.freeBytes)}.`
		: '';
};

/** Parts that are there, are not in the backup and stay as they are. */
const untouchedParts = ({inPlace, wanted, scope, places}: Prepared): readonly string[] => {
	const others = inPlace?.layout.parts.filter(({name, roots}) => roots.length > 0 && !wanted.parts.has(name)) ?? [];
	const isEmptied = (source: string): boolean =>
		places.some(({live}) => pathBelow(live, toBytePath(source)) !== undefined);
	return others
		.filter(({roots}) => scope.mode !== 'exact' || roots.every(({source}) => !isEmptied(source)))
		.map(({name}) => name);
};

/** Puts a plan into the form that is shown and asked about. */
export const describePlan = (
	prepared: Prepared,
	{
		way,
		planned,
		planId,
		guard,
	}: {
		readonly way: Way;
		readonly planned: PlannedCounts;
		readonly planId: string;
		/** What the server does; null when the restore does not go into its data folder. */
		readonly guard: GuardFacts | null;
	},
): RestorePlan => {
	const {backup, destination, inPlace, archivePath, adapter, scope} = prepared;
	const {space, lowSpace, unpacked} = way;
	const missing = missingPlugins(prepared);
	return {
		planId,
		source: archivePath,
		destination: toText(destination),
		inPlace: inPlace !== null,
		mode: scope.mode,
		files: scope.files,
		lowSpace,
		activity: guard?.activity ?? null,
		activityRefusal: guard?.activityRefusal ?? '',
		service: guard?.service ?? null,
		machineSettings: inPlace?.machineSettings ?? [],
		keepSettings: scope.keepSettings,
		counts: planned.counts,
		parts: partsOf(prepared, planned),
		untouched: untouchedParts(prepared),
		bytesToWrite: unpacked.files.reduce((sum, {bytes}) => sum + bytes, 0),
		space,
		enoughSpace: lackOfSpace(space) === '',
		backupVersion: backup.version,
		installedVersion: inPlace?.environment.version ?? null,
		newerVersion: inPlace?.newerVersion ?? false,
		serverRunning: inPlace?.instance.running ?? null,
		serviceUnit: inPlace?.instance.serviceUnit ?? null,
		restoreDisabled: inPlace?.restoreDisabled ?? '',
		missingPlugins: missing,
		pluginCommands: inPlace ? adapter.pluginCommands(inPlace.instance, missing) : [],
		proof: backup.proof,
		warnings: warningsOf(prepared, way),
	};
};
