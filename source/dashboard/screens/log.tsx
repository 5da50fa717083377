import {Box, Text} from 'ink';
import {memo, useEffect, useMemo} from 'react';
import type {LogLevel} from '../../client/protocol.js';
import {formatDateTime} from '../../format/date-time.js';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd} from '../../format/truncate.js';
import type {LogEntry, Model} from '../../state/model.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {filterWords, matchesWords} from '../filter-words.js';
import {useFilter} from '../hooks/use-filter.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {useBodySize} from '../hooks/use-size.js';
import {useWords} from '../hooks/use-words.js';
import type {Tone} from '../theme.js';

const selectLog = ({log}: Model): Model['log'] => log;

/** From everything to the worst only. */
const levels = ['debug', 'info', 'warning', 'error'] as const satisfies readonly LogLevel[];

const levelTones = {
	debug: 'muted',
	info: 'plain',
	warning: 'warning',
	error: 'error',
} as const satisfies Record<LogLevel, Tone>;

const levelWidth = 8;

const Row = memo(
	({
		at,
		level,
		text,
		isSelected,
		width,
	}: {
		readonly at: string;
		readonly level: LogLevel;
		readonly text: string;
		readonly isSelected: boolean;
		readonly width: number;
	}) => {
		const {theme, symbols} = useDashboard();
		const word = useWords();
		const head = `${isSelected ? symbols.pointer : ' '} ${at}  `;
		const room = width - head.length - levelWidth - 1;
		return (
			<Text wrap="truncate-end" {...theme.style({selected: isSelected})}>
				{head}
				<Text {...(isSelected ? {} : theme.style({tone: levelTones[level]}))}>{level.padEnd(levelWidth)}</Text>
				{` ${truncateEnd(word(safeText(text)), room, symbols.ellipsis)}`}
			</Text>
		);
	},
);
Row.displayName = 'LogRow';

const keyOf = ({id}: LogEntry): string => String(id);

/** The last events, oldest first; by default the newest stays in view. */
export const LogScreen = () => {
	const {router} = useDashboard();
	const {columns, rows} = useBodySize();
	const log = useModel(selectLog);
	const filter = useFilter();
	const [level, setLevel] = useMemory<number>('level', 1);
	const [isFollowing, setFollowing] = useMemory('follow', true);
	const words = useMemo(() => filterWords(filter.value), [filter.value]);
	const shown = useMemo(
		() =>
			log.filter(entry => levels.indexOf(entry.level) >= level && matchesWords(`${entry.level} ${entry.text}`, words)),
		[log, level, words],
	);
	const list = useList('cursor', shown, keyOf, rows - 1);
	const newest = shown.at(-1)?.id;
	const {select} = list;
	useEffect(() => {
		if (isFollowing && newest !== undefined) {
			select(String(newest));
		}
	}, [isFollowing, newest, select]);
	const moving = Object.fromEntries(
		Object.entries(list.actions).map(([action, handler]) => [
			action,
			() => {
				setFollowing(false);
				if (typeof handler === 'function') {
					handler({name: '', text: ''});
				}
			},
		]),
	);
	const {selected} = list;
	useLayer({
		rank: 'screen',
		actions: {
			...moving,
			...(selected
				? {
						open: () =>
							router.openOverlay({
								type: 'event',
								title: `${selected.level}, ${formatDateTime(selected.at)}`,
								lines: [selected.text, ...selected.detail.filter(line => line !== selected.text)],
							}),
					}
				: {}),
			'log-less': () => setLevel(previous => Math.max(0, previous - 1)),
			'log-more': () => setLevel(previous => Math.min(levels.length - 1, previous + 1)),
			follow: () => setFollowing(previous => !previous),
			...filter.actions,
		},
	});
	const count = `${shown.length} of ${log.length}`;
	return (
		<ScreenFrame message={filter.field(count, columns)} idle={filter.note(count)}>
			<Paint tone="muted">
				{`  Events: ${levels[level] ?? 'info'} and worse, ${count}${isFollowing ? ', following' : ''}`}
			</Paint>
			{shown.length === 0 ? (
				<Paint>
					{log.length === 0
						? 'Nothing has happened yet. Press b to back up.'
						: 'No event is as bad as that. Press h to see more.'}
				</Paint>
			) : (
				<Box flexDirection="column">
					{list.visible.map(({item, key, isSelected}) => (
						<Row
							key={key}
							at={formatDateTime(item.at)}
							level={item.level}
							text={item.text}
							isSelected={isSelected}
							width={columns}
						/>
					))}
				</Box>
			)}
		</ScreenFrame>
	);
};
