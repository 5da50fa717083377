import type {PlanFile, PlanPart, RestoreMode, RestorePlan} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {tableLines} from './table.js';

const modeLines = {
	replace: 'Each part becomes exactly as it was backed up; what the backup does not cover stays.',
	merge: 'Nothing is removed: files of the backup are added and changed, all others stay.',
	exact: 'The whole data folder becomes as it was backed up; only backups and mounted disks stay.',
} as const satisfies Record<RestoreMode, string>;

const listedFiles = 5;

/** What is restored, and what happens to the rest. */
const scopeLine = ({mode, files}: RestorePlan): string => {
	if (files === null) {
		return modeLines[mode];
	}

	const more = files.length > listedFiles ? ` and ${files.length - listedFiles} more` : '';
	const names = files
		.slice(0, listedFiles)
		.map(path => safeText(path))
		.join(', ');
	return `Only ${names}${more}; nothing is removed.`;
};

/** What the server does, and what would be done to it. */
const serverLines = (
	{activity, activityRefusal, service}: RestorePlan,
	{stopServer, evenIfPrinting}: {readonly stopServer: boolean; readonly evenIfPrinting: boolean},
): readonly string[] => {
	if (activity === null) {
		return [];
	}

	const lines =
		activityRefusal === ''
			? [
					activity.state === 'stopped'
						? 'The print server is not running.'
						: 'The print server runs and does not print.',
				]
			: [
					`${safeText(activityRefusal)} ${evenIfPrinting ? '--even-if-printing goes on all the same.' : 'Only --even-if-printing goes on.'}`,
				];
	if (service !== null) {
		const name = service.by === 'command' ? 'It' : safeText(service.name);
		const how =
			service.by === 'command'
				? `stopped by \`${safeText(service.stop)}\` for the exchange and started by \`${safeText(service.start)}\` after it`
				: 'stopped for the exchange and started after it';
		lines.push(
			service.by === 'none'
				? `It would be left running. ${safeText(service.reason)}`
				: stopServer
					? `${name} would be ${how}.`
					: `${name} would be left running, as asked for; restart it afterwards, before it saves its old settings over the restored ones.`,
		);
	}

	return lines;
};

/** Settings of this machine that the backup has otherwise, and how to keep them. */
const machineLines = ({machineSettings, keepSettings}: RestorePlan): readonly string[] => {
	if (machineSettings.length === 0) {
		return [];
	}

	const others = [...new Set(machineSettings.map(({group}) => group))].filter(group => !keepSettings.includes(group));
	return [
		'Settings of this machine that are different in the backup:',
		...tableLines(
			[{title: '  SETTING'}, {title: 'NOW'}, {title: 'IN THE BACKUP'}, {title: 'GROUP'}, {title: 'WOULD BE'}],
			machineSettings.map(({title, present, backup, group}) => [
				`  ${safeText(title)}`,
				safeText(present ?? '(not set)'),
				safeText(backup ?? '(not set)'),
				safeText(group),
				keepSettings.includes(group) ? 'kept' : 'restored',
			]),
		),
		...(others.length === 0
			? []
			: [`They stay as they are now with ${others.map(group => `--keep ${safeText(group)}`).join(' ')}.`]),
		'',
	];
};

/** Counts per part, under the titles for what is the same on both sides and for the bytes. */
export const partLines = (
	parts: readonly PlanPart[],
	{kept, bytes}: {readonly kept: string; readonly bytes: string},
): readonly string[] =>
	tableLines(
		[
			{title: 'PART'},
			{title: 'ADDED', align: 'right'},
			{title: 'CHANGED', align: 'right'},
			{title: 'REMOVED', align: 'right'},
			{title: kept, align: 'right'},
			{title: bytes, align: 'right'},
			{title: 'WHAT'},
		],
		parts.map(part => [
			safeText(part.name),
			String(part.counts.added),
			String(part.counts.changed),
			String(part.counts.removed),
			String(part.counts.kept),
			formatBytes(part.bytes),
			[safeText(part.title), part.externalTarget === null ? '' : `(in ${safeText(part.externalTarget)})`]
				.filter(Boolean)
				.join(' '),
		]),
	);

/**
 * A restore plan in words: what would be added, changed, removed and kept, and what a person should know before.
 * @param stopServer false when a running server is to be left running.
 * @param evenIfPrinting true when a person goes on under a print.
 */
export const planLines = (
	plan: RestorePlan,
	{stopServer = true, evenIfPrinting = false}: {readonly stopServer?: boolean; readonly evenIfPrinting?: boolean} = {},
): readonly string[] => {
	const {counts} = plan;
	return [
		`Restoring ${safeText(plan.source)} ${plan.inPlace ? 'over' : 'into'} ${safeText(plan.destination)} would add ${counts.added}, change ${counts.changed}, remove ${counts.removed} and keep ${plural(counts.kept, 'file')}:`,
		'',
		...partLines(plan.parts, {kept: 'KEPT', bytes: 'WRITTEN'}),
		'',
		...(plan.inPlace || plan.files !== null ? [scopeLine(plan)] : []),
		...(plan.untouched.length === 0
			? []
			: [`Stays as it is: ${plan.untouched.map(name => safeText(name)).join(', ')}.`]),
		...plan.space.map(
			({path, neededBytes, freeBytes}) =>
				`Space in ${safeText(path)}: ${formatBytes(neededBytes)} needed, ${formatBytes(freeBytes)} free.`,
		),
		...(plan.inPlace ? ['What is replaced is kept aside, and `printkeep undo` brings it back.'] : []),
		...serverLines(plan, {stopServer, evenIfPrinting}),
		...machineLines(plan),
		...(plan.newerVersion
			? [
					`The backup is of version ${safeText(plan.backupVersion ?? '?')}, newer than the installed ${safeText(plan.installedVersion ?? '?')}.`,
				]
			: []),
		...pluginLines(plan),
		...(plan.inPlace && plan.restoreDisabled !== '' ? [safeText(plan.restoreDisabled)] : []),
		...plan.warnings.map(warning => `Note: ${safeText(warning)}`),
	];
};

/** Plugins of the backup that are missing here, and the commands that install them. */
export const pluginLines = ({
	missingPlugins,
	pluginCommands,
}: Pick<RestorePlan, 'missingPlugins' | 'pluginCommands'>): readonly string[] =>
	missingPlugins.length === 0
		? []
		: [
				`Plugins of the backup that are not installed here: ${missingPlugins.map(({key, version}) => `${safeText(key)}${version === null ? '' : ` ${safeText(version)}`}`).join(', ')}.`,
				...(pluginCommands.length === 0
					? []
					: ['`printkeep plugins reinstall` installs them, once the data is in place; by hand it goes like this:']),
				...pluginCommands.map(command => `  ${safeText(command)}`),
			];

/** One line for each file that differs. */
export const fileLines = (files: readonly PlanFile[]): readonly string[] =>
	files.map(({action, path, bytes}) => `${action.padEnd(7)}  ${formatBytes(bytes).padStart(9)}  ${safeText(path)}`);
