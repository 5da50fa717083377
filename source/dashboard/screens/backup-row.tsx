import {Text} from 'ink';
import {memo} from 'react';
import type {BackupSummary} from '../../client/protocol.js';
import {errorTable} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import {padEnd, padStart, truncateMiddle} from '../../format/truncate.js';
import {displayWidth} from '../../format/width.js';
import {healthLooks, originText, whenText} from '../backup-text.js';
import {useDashboard} from '../dashboard-context.js';
import type {Tone} from '../theme.js';

const whenWidth = 14;
const sizeWidth = 8;
const originWidth = 10;
const statusWidth = 13;
/** Below this width there is no column for what made a backup. */
const wideColumns = 72;

const madeByWidth = (width: number): number => (width < wideColumns ? 0 : originWidth + 1);

/** Pointer and mark before, pin after, and a blank behind each column. */
const fixedWidth = (width: number): number =>
	2 + whenWidth + 1 + sizeWidth + 1 + madeByWidth(width) + statusWidth + 1 + 2;

/** The titles of the columns. */
export const backupColumns = (width: number): string =>
	padEnd(
		`  ${padEnd('When', whenWidth)} ${padStart('Size', sizeWidth)} ${padEnd('Made by', madeByWidth(width), '')}${padEnd('State', statusWidth)}   Name`,
		width,
	);

/** A row's texts, all of known width; strings, so that an unchanged row is not drawn again. */
export type BackupRowProps = {
	readonly when: string;
	readonly size: string;
	readonly origin: string;
	readonly status: string;
	readonly tone: Tone;
	readonly pin: string;
	readonly name: string;
	readonly isSelected: boolean;
	readonly isMarked: boolean;
};

/** What a row says of a backup. A bad one says why instead of what made it. Pure. */
export const backupRow = (
	backup: BackupSummary,
	{
		now,
		width,
		ellipsis,
		error,
		pin,
	}: {
		readonly now: number;
		readonly width: number;
		readonly ellipsis: string;
		readonly error: string;
		readonly pin: string;
	},
): Omit<BackupRowProps, 'isSelected' | 'isMarked'> => {
	const {health, key} = backup;
	const isBad = health.type === 'bad';
	const room = Math.max(0, width - fixedWidth(width));
	const name = truncateMiddle(safeText(key), room, ellipsis);
	return {
		when: padEnd(whenText(backup.createdAt, now), whenWidth, ellipsis),
		size: padStart(formatBytes(backup.bytes), sizeWidth, ellipsis),
		origin: isBad ? '' : padEnd(originText(backup), madeByWidth(width) - 1, ellipsis),
		status: isBad
			? padEnd(`${error} ${errorTable[health.error.code].title}`, madeByWidth(width) + statusWidth, ellipsis)
			: padEnd(healthLooks[health.type].word, statusWidth, ellipsis),
		tone: healthLooks[health.type].tone,
		pin: backup.pinned ? pin : ' ',
		name: name + ' '.repeat(Math.max(0, room - displayWidth(name))),
	};
};

/** One backup in the list. */
export const BackupRow = memo(({when, size, origin, status, tone, pin, name, isSelected, isMarked}: BackupRowProps) => {
	const {theme, symbols} = useDashboard();
	const line = theme.style({selected: isSelected});
	const paint = (as: Tone) => (isSelected ? {} : theme.style({tone: as}));
	return (
		<Text wrap="truncate-end" {...line}>
			{`${isSelected ? symbols.pointer : ' '}${isMarked ? symbols.mark : ' '}${when} ${size} `}
			{origin === '' ? '' : `${origin} `}
			<Text {...paint(tone)}>{status}</Text>
			<Text {...paint('accent')}>{` ${pin} `}</Text>
			{name}
		</Text>
	);
});
BackupRow.displayName = 'BackupRow';
