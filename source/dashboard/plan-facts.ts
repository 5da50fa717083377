/** What a restore plan says on the screen: pure. */
import type {ArchiveSource, PlanAction, PlanCounts, PlanPart, RestoreMode, RestorePlan} from '../client/protocol.js';
import {formatBytes} from '../format/bytes.js';
import {formatCount} from '../format/count.js';
import {plural} from '../format/plural.js';
import {commandText, originOptions} from './command-text.js';
import type {RestoreDecision} from './router.js';
import type {Tone} from './theme.js';

export const planActions = ['added', 'changed', 'removed', 'kept'] as const satisfies readonly PlanAction[];

/** Names of parts that are not to be restored. */
export type LeftOutParts = ReadonlySet<string>;

/** The parts that would be restored. */
export const chosenParts = (plan: RestorePlan, leftOut: LeftOutParts): readonly PlanPart[] =>
	plan.parts.filter(({name}) => !leftOut.has(name));

/** Counts and bytes of the chosen parts together. */
export const sumOf = (parts: readonly PlanPart[]): {readonly counts: PlanCounts; readonly bytes: number} => {
	const total = (action: PlanAction): number => parts.reduce((sum, {counts}) => sum + counts[action], 0);
	return {
		counts: {added: total('added'), changed: total('changed'), removed: total('removed'), kept: total('kept')},
		bytes: parts.reduce((sum, {bytes}) => sum + bytes, 0),
	};
};

/** The counts in a sentence: "12 added, 3 changed, 0 removed, 277 kept". */
export const countsText = (counts: PlanCounts): string =>
	planActions.map(action => `${formatCount(counts[action])} ${action}`).join(', ');

/** True when something of the present data would be gone, so that a plain yes is not enough. */
export const removesData = (plan: RestorePlan, leftOut: LeftOutParts): boolean =>
	plan.inPlace && sumOf(chosenParts(plan, leftOut)).counts.removed > 0;

/**
 * Why this plan cannot be carried out; undefined when it can.
 * @param evenIfPrinting true leaves out what the server is doing, for a person who overrides that.
 */
export const refusal = (plan: RestorePlan, leftOut: LeftOutParts, evenIfPrinting = false): string | undefined => {
	if (plan.inPlace && plan.restoreDisabled !== '') {
		return `Press t to restore elsewhere: ${plan.restoreDisabled}`;
	}

	if (chosenParts(plan, leftOut).length === 0) {
		return 'No part is chosen: Space takes one in.';
	}

	// With fewer parts less is needed; how much less is known only when it is done.
	if (!plan.enoughSpace && leftOut.size === 0) {
		return 'There is not enough space: see below.';
	}

	return plan.activityRefusal === '' || evenIfPrinting ? undefined : `${plan.activityRefusal} O overrides.`;
};

export const restoreModes = ['replace', 'merge', 'exact'] as const satisfies readonly RestoreMode[];

/** What a mode means, in words. */
export const modeTexts = {
	replace: 'each part becomes as backed up; what the backup does not cover stays',
	merge: 'nothing is removed; what the backup has is put back',
	exact: 'the whole data folder becomes as backed up; only backups stay',
} as const satisfies Record<RestoreMode, string>;

/** What happens to a running server, in words; empty when nothing does. */
export const serviceText = ({service}: Pick<RestorePlan, 'service'>): string =>
	service === null
		? ''
		: service.by === 'none'
			? `stays running: ${service.reason} Stop it first with: ${service.stop}`
			: `${service.name} is stopped for the exchange and started after it`;

/** The groups of a plan's machine-specific settings. */
export const settingGroups = ({machineSettings}: Pick<RestorePlan, 'machineSettings'>): readonly string[] => [
	...new Set(machineSettings.map(({group}) => group)),
];

/** The same as a command. */
export const restoreCommand = (
	{source, plan, parts, files, to, mode, keepSettings}: RestoreDecision,
	evenIfPrinting = false,
): string =>
	commandText(
		'restore',
		[sourceName(source)],
		[
			...originOptions([source]),
			...(parts ?? []).map(name => ['part', name] as const),
			...(files ?? []).map(path => ['file', path] as const),
			...(mode === 'replace' || files !== undefined ? [] : [['mode', mode] as const]),
			...keepSettings.map(group => ['keep', group] as const),
			...(to === undefined ? [] : [['to', to] as const]),
			...(plan.newerVersion && plan.inPlace ? [['allow-newer', null] as const] : []),
			...(evenIfPrinting ? [['even-if-printing', null] as const] : []),
		],
	);

/** The name of a source, as it is listed. */
export const sourceName = (source: ArchiveSource): string => (source.type === 'backup' ? source.key : source.path);

export type PlanFact = {readonly name: string; readonly text: string; readonly tone: Tone};

const fact = (name: string, text: string, tone: Tone = 'plain'): PlanFact => ({name, text, tone});

const modeFact = ({inPlace, files, mode}: RestorePlan): readonly PlanFact[] =>
	inPlace && files === null
		? [fact('Mode', `${mode}: ${modeTexts[mode]}`, mode === 'exact' ? 'warning' : 'plain')]
		: [];

/** What a person should know before saying yes, the most pressing first. Not made safe for showing. */
export const planFacts = (plan: RestorePlan): readonly PlanFact[] => [
	...(plan.inPlace && plan.restoreDisabled !== '' ? [fact('Disabled', plan.restoreDisabled, 'error')] : []),
	...(plan.newerVersion
		? [
				fact(
					'Version',
					`The backup is of ${plan.backupVersion ?? '?'}, newer than the installed ${plan.installedVersion ?? '?'}.`,
					'error',
				),
			]
		: []),
	...(plan.activityRefusal === ''
		? []
		: [
				fact(
					'Blocked',
					[plan.activityRefusal, plan.activity?.advice ?? '', 'O restores all the same.'].filter(Boolean).join(' '),
					'error',
				),
			]),
	...(plan.mode === 'replace' ? [] : modeFact(plan)),
	...plan.space.map(({path, neededBytes, freeBytes}) =>
		fact(
			'Space',
			`${formatBytes(neededBytes)} needed on ${path}, ${formatBytes(freeBytes)} free`,
			neededBytes > freeBytes ? 'error' : 'plain',
		),
	),
	...(plan.lowSpace
		? [fact('Space', 'only what differs is unpacked and exchanged; what is the same stays', 'warning')]
		: []),
	...plan.warnings.map(warning => fact('Note', warning, 'warning')),
	...(plan.missingPlugins.length === 0
		? []
		: [
				fact(
					'Plugins',
					`${plural(plan.missingPlugins.length, 'plugin')} of the backup not installed: ${plan.missingPlugins.map(({name, version}) => (version === null ? name : `${name} ${version}`)).join(', ')}`,
					'warning',
				),
				...(plan.pluginCommands.length === 0
					? []
					: [fact('', 'printkeep plugins reinstall installs them afterwards, or by hand:')]),
				...plan.pluginCommands.map(command => fact('', command)),
			]),
	...(plan.mode === 'replace' ? modeFact(plan) : []),
	...(plan.untouched.length === 0
		? []
		: [fact('Stays', `${plan.untouched.join(', ')}: ${plan.files === null ? 'not in this backup' : 'not chosen'}`)]),
	...(plan.machineSettings.length === 0 || !plan.inPlace
		? []
		: [
				fact(
					'Machine',
					plan.keepSettings.length === 0
						? `s keeps ${plural(plan.machineSettings.length, 'setting')} of this machine as now: ${settingGroups(plan).join(', ')}`
						: `kept as they are now: ${plan.keepSettings.join(', ')}`,
				),
			]),
	...(plan.inPlace ? [fact('Old data', 'is kept aside: u brings it back')] : []),
	...(plan.serverRunning === null || !plan.inPlace
		? []
		: [
				fact(
					'Server',
					plan.service === null
						? plan.serverRunning
							? `running${plan.serviceUnit === null ? '' : ` (${plan.serviceUnit})`}`
							: 'not running'
						: serviceText(plan),
					plan.service?.by === 'none' ? 'warning' : 'plain',
				),
			]),
	...(plan.newerVersion || plan.backupVersion === null
		? []
		: [fact('Version', `${plan.backupVersion}, installed ${plan.installedVersion ?? 'unknown'}`)]),
];
