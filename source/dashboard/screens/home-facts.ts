import type {DayState, StatusReport, TrashItem} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {formatAge} from '../../format/relative-time.js';
import type {Symbols} from '../symbols.js';
import type {Tone} from '../theme.js';

/** How a day is drawn: a mark, a tone and the word for the legend. */
export const dayLooks = {
	ok: {symbol: 'ok', tone: 'ok', word: 'ok'},
	warning: {symbol: 'warning', tone: 'warning', word: 'warning'},
	failed: {symbol: 'error', tone: 'error', word: 'failed'},
	none: {symbol: 'none', tone: 'muted', word: 'none'},
	overdue: {symbol: 'overdue', tone: 'error', word: 'overdue'},
} as const satisfies Record<DayState, {readonly symbol: keyof Symbols; readonly tone: Tone; readonly word: string}>;

/** What is wrong with having no fresh backup, loudly; undefined when all is well. */
export const overdueText = ({overdue, lastGood, total}: StatusReport, now: number): string | undefined =>
	overdue
		? lastGood
			? `OVERDUE: the last good backup is ${formatAge(Math.max(0, now - lastGood.createdAt))} old. Press b to back up now.`
			: total === 0
				? 'OVERDUE: there is no backup yet. Press b to make the first one.'
				: 'OVERDUE: no backup here is known to be good. Press b to back up now.'
		: undefined;

/** That no age on the screen means anything, first and loudly. */
export const clockText = (problem: string): string => `CLOCK WRONG: ages cannot be told. ${problem}`;

/** What the deleted backups take that can still be brought back. */
export const trashCountText = (items: readonly TrashItem[]): string =>
	`${plural(items.length, 'deleted backup')}, ${formatBytes(items.reduce((sum, {bytes}) => sum + bytes, 0))}: T shows them, z brings back the last`;

/** How many backups there are and what they take. */
export const countText = ({total, totalBytes, bad}: StatusReport): string =>
	`${plural(total, 'backup')}, ${formatBytes(totalBytes)}${bad === 0 ? '' : `; ${bad} cannot be used`}`;

/** Free space of the store, and what is wrong with it. */
export const spaceText = ({store}: StatusReport): string =>
	store.freeBytes === null
		? 'free space not known'
		: `${formatBytes(store.freeBytes)} free${store.totalBytes === null ? '' : ` of ${formatBytes(store.totalBytes)}`}`;
