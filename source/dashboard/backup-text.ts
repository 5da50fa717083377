import type {BackupHealth, BackupSummary, Trigger} from '../client/protocol.js';
import {kindTitle} from '../client/server-kind.js';
import {relativeTime} from '../format/relative-time.js';
import type {Tone} from './theme.js';

/** How sure we are of a backup, in one word, and how it is drawn. */
export const healthLooks = {
	verified: {word: 'verified', tone: 'ok'},
	unverified: {word: 'not verified', tone: 'plain'},
	partial: {word: 'partial', tone: 'warning'},
	bad: {word: 'unusable', tone: 'error'},
} as const satisfies Record<BackupHealth['type'], {readonly word: string; readonly tone: Tone}>;

/** The state of a backup in a word. */
export const healthText = ({type}: BackupHealth): string => healthLooks[type].word;

const triggerWords = {
	manual: 'manual',
	auto: 'automatic',
	preupgrade: 'upgrade',
	prerestore: 'restore',
	import: 'imported',
} as const satisfies Record<Trigger, string>;

/** Why a backup was made, or whose it is. */
export const originText = ({
	origin,
	trigger,
	writtenBy,
}: Pick<BackupSummary, 'origin' | 'trigger' | 'writtenBy'>): string =>
	origin === 'server'
		? 'OctoPrint'
		: trigger
			? triggerWords[trigger]
			: writtenBy === 'octoprint'
				? 'OctoPrint'
				: 'foreign';

/** What the server of a backup is called; OctoPrint when it does not say. Not made safe for showing. */
export const serverText = ({kind}: Pick<BackupSummary, 'kind'>): string => kindTitle(kind ?? 'octoprint');

/** When a backup was made, for a list. */
export const whenText = (createdAt: number, now: number): string => relativeTime(createdAt, now);
