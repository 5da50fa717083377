/** What the first run needs to know: pure. */
import type {Instance, InstanceRef, StoreInfo} from '../client/protocol.js';
import {kindTitle} from '../client/server-kind.js';
import {formatBytes} from '../format/bytes.js';
import {safeText} from '../format/safe-text.js';
import type {Settings} from '../settings/schema.js';
import type {Tone} from './theme.js';

export type Candidate = {
	readonly instance: InstanceRef;
	/** What its kind is called. */
	readonly title: string;
	readonly version: string | null;
	/** How it was found, or that the settings know it. */
	readonly foundBy: string;
	readonly problems: readonly string[];
	/** True when the settings know it, so that nothing has to be set up. */
	readonly isRegistered: boolean;
};

/** The instances to choose from: those in the settings first, then those found that are not among them. */
export const candidatesOf = (settings: Settings, found: readonly Instance[]): readonly Candidate[] => {
	const known = Object.entries(settings.instances);
	return [
		...known.map(([name, {kind, dataFolder}]): Candidate => {
			const same = found.find(instance => instance.dataFolder === dataFolder);
			return {
				instance: {name, kind, dataFolder},
				title: kindTitle(kind, same?.kindTitle),
				version: same?.version ?? null,
				foundBy: 'settings',
				problems: same?.problems ?? [],
				isRegistered: true,
			};
		}),
		...found
			.filter(({dataFolder}) => known.every(([, own]) => own.dataFolder !== dataFolder))
			.map(
				(instance): Candidate => ({
					instance,
					title: kindTitle(instance.kind, instance.kindTitle),
					version: instance.version,
					foundBy: instance.foundBy,
					problems: instance.problems,
					isRegistered: false,
				}),
			),
	];
};

export type StoreFact = {readonly text: string; readonly tone: Tone};

/** What speaks for and against a backup folder. */
export const storeFacts = ({
	freeBytes,
	totalBytes,
	sameDevice,
	exists,
	writable,
	problem,
}: StoreInfo): readonly StoreFact[] => [
	...(problem === '' ? [] : [{text: safeText(problem), tone: 'error'} as const]),
	...(problem === '' && exists && !writable ? [{text: 'This folder cannot be written.', tone: 'error'} as const] : []),
	freeBytes === null
		? {text: 'Free space unknown', tone: 'plain'}
		: {
				text: `${formatBytes(freeBytes)} free${totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`}${exists ? '' : '; the folder is made with the first backup'}`,
				tone: 'plain',
			},
	...(sameDevice
		? [
				{
					text: 'On the same disk as the data: when it dies, both are lost. A USB stick or a network folder is safer.',
					tone: 'warning',
				} as const,
			]
		: [{text: 'On another disk than the data: good.', tone: 'ok'} as const]),
];

/** Why a folder cannot be taken; undefined when it can. */
export const storeRefusal = ({exists, writable, problem}: StoreInfo): string | undefined =>
	problem !== '' ? problem : exists && !writable ? 'This folder cannot be written: choose another one.' : undefined;
