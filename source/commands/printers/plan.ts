import type {RestorePlan} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {tableLines} from './table.js';

/** A restore plan in words: what would be added, changed, removed and kept, and what a person should know before. */
export const planLines = (plan: RestorePlan): readonly string[] => {
	const {counts} = plan;
	return [
		`Restoring ${safeText(plan.source)} ${plan.inPlace ? 'over' : 'into'} ${safeText(plan.destination)} would add ${counts.added}, change ${counts.changed}, remove ${counts.removed} and keep ${plural(counts.kept, 'file')}:`,
		'',
		...tableLines(
			[
				{title: 'PART'},
				{title: 'ADDED', align: 'right'},
				{title: 'CHANGED', align: 'right'},
				{title: 'REMOVED', align: 'right'},
				{title: 'KEPT', align: 'right'},
				{title: 'WRITTEN', align: 'right'},
				{title: 'WHAT'},
			],
			plan.parts.map(part => [
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
		),
		'',
		...(plan.untouched.length === 0
			? []
			: [`Stays as it is: ${plan.untouched.map(name => safeText(name)).join(', ')}.`]),
		...plan.space.map(
			({path, neededBytes, freeBytes}) =>
				`Space in ${safeText(path)}: ${formatBytes(neededBytes)} needed, ${formatBytes(freeBytes)} free.`,
		),
		...(plan.inPlace ? ['What is replaced is kept aside, and `printkeep undo` brings it back.'] : []),
		...(plan.inPlace && plan.serverRunning === true
			? [
					`The print server is running${plan.serviceUnit === null ? '' : ` (${safeText(plan.serviceUnit)})`}; restart it afterwards, before it saves its old settings over the restored ones.`,
				]
			: []),
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
				...pluginCommands.map(command => `  ${safeText(command)}`),
			];
