import {Box, Text} from 'ink';
import {memo} from 'react';
import type {ArchiveEntryInfo, ArchiveSource} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {padMiddle, padStart, truncateMiddle} from '../../format/truncate.js';
import type {Model} from '../../state/model.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {Paragraph} from '../components/paragraph.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {TextField} from '../components/text-field.js';
import {useDashboard} from '../dashboard-context.js';
import {useAsync} from '../hooks/use-async.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {useBodySize} from '../hooks/use-size.js';
import {selectBusy} from '../keys/disabled.js';
import {toHandler} from '../keys/layers.js';
import {type MarkedPaths, noMarkedPaths, toggleMark} from '../marked-paths.js';
import {sourceName} from '../plan-facts.js';
import {type TextState, textOf} from '../text-edit.js';

const selectTarget = ({target}: Model): Model['target'] => target;

const sizeWidth = 9;
const timeWidth = 18;
/** More than anybody scrolls through: another word finds it faster. */
const shownLimit = 200;

const Row = memo(
	({
		mark,
		entry: {path, type, bytes, modifiedAt},
		isSelected,
		width,
	}: {
		readonly mark: string;
		readonly entry: ArchiveEntryInfo;
		readonly isSelected: boolean;
		readonly width: number;
	}) => {
		const {theme, symbols} = useDashboard();
		const isFolder = type === 'directory';
		const cells = [
			`${isSelected ? symbols.pointer : ' '}${mark}`,
			padMiddle(`${safeText(path)}${isFolder ? '/' : ''}`, width - 2 - sizeWidth - timeWidth, symbols.ellipsis),
			padStart(formatBytes(bytes), sizeWidth, symbols.ellipsis),
			padStart(isFolder ? '' : formatDateTime(modifiedAt), timeWidth, symbols.ellipsis),
		];
		return (
			<Text wrap="truncate-end" {...theme.style({tone: isFolder ? 'accent' : 'plain', selected: isSelected})}>
				{cells.join('')}
			</Text>
		);
	},
);
Row.displayName = 'Row';

const pathOf = ({path}: ArchiveEntryInfo): string => path;
const none: readonly ArchiveEntryInfo[] = [];

/** Finds files of a backup by words of their path, to get them back or out. */
export const FindScreen = ({source}: {readonly source: ArchiveSource}) => {
	const {actions, router, symbols} = useDashboard();
	const {columns, rows} = useBodySize();
	const target = useModel(selectTarget);
	const busy = useModel(selectBusy);
	const [text, setText] = useMemory<TextState>('words', textOf(''));
	const [isTyping, setIsTyping] = useMemory('typing', true);
	const [marks, setMarks] = useMemory<MarkedPaths>('marks', noMarkedPaths);
	const words = text.value.trim();
	const [state] = useAsync(words, async () =>
		target && words !== ''
			? actions.request('backup.search', {target, source, words, offset: 0, limit: shownLimit})
			: {items: none, total: 0, offset: 0},
	);
	const items = state.type === 'ready' ? state.value.items : none;
	const height = Math.max(1, rows - 2);
	const list = useList(`found:${words}`, items, pathOf, height);
	const {selected} = list;
	const chosen = marks.size > 0 ? [...marks].sort() : selected ? [selected.path] : [];
	const nothing =
		chosen.length > 0
			? undefined
			: state.type === 'loading'
				? 'Still searching: press it again in a moment.'
				: 'Nothing is selected: type a part of the name first.';
	useLayer({
		rank: 'screen',
		actions: {
			...list.actions,
			filter: () => setIsTyping(true),
			...(selected
				? {
						mark: press => {
							setMarks(previous => toggleMark(previous, selected.path));
							toHandler(list.actions['move-down'] ?? (() => undefined)).run(press);
						},
					}
				: {}),
			restore: {
				run: () => router.push({screen: 'plan', source, files: chosen}),
				disabled: busy ?? nothing,
			},
			export: {
				run: () => router.openOverlay({type: 'export', source, files: chosen}),
				disabled: busy ?? nothing,
			},
			...(marks.size > 0 ? {back: () => setMarks(noMarkedPaths)} : {}),
		},
	});

	const total = state.type === 'ready' ? state.value.total : null;
	const count =
		words === '' || total === null
			? ''
			: total > shownLimit
				? `the first ${shownLimit} of ${total}`
				: plural(total, 'match', 'matches');
	return (
		<ScreenFrame
			idle={
				marks.size === 0
					? ''
					: `${plural(marks.size, 'entry', 'entries')} marked: r restores just these, e exports, Esc clears`
			}
		>
			<Paint strong>{truncateMiddle(`In ${safeText(sourceName(source))}`, columns, symbols.ellipsis)}</Paint>
			<Box height={1} width={columns}>
				<Paint tone="accent">{'Find: '}</Paint>
				<TextField
					state={text}
					width={columns - 10 - count.length}
					focused={isTyping}
					placeholder="a part of the name; more words narrow it down"
					onChange={change => setText(change)}
					actions={{
						submit: () => setIsTyping(false),
						'next-pane': () => setIsTyping(false),
						'move-down': () => setIsTyping(false),
						back: () => router.back(),
					}}
				/>
				<Paint tone="muted">{`  ${count}`}</Paint>
			</Box>
			{state.type === 'failed' ? (
				<ErrorView error={state.error} instance={target?.instance.name ?? ''} />
			) : words === '' ? (
				<Paragraph tone="muted">
					Type a part of a file's name or path. Enter goes to the list, then r restores, e exports.
				</Paragraph>
			) : total === 0 ? (
				<Paint>No file of this backup has that in its path. Try fewer letters.</Paint>
			) : null}
			<Box flexDirection="column" height={items.length === 0 ? 0 : height} overflow="hidden">
				{list.visible.map(({item, key, isSelected}) => (
					<Row
						key={key}
						mark={marks.has(item.path) ? symbols.mark : ' '}
						entry={item}
						isSelected={isSelected && !isTyping}
						width={columns}
					/>
				))}
			</Box>
		</ScreenFrame>
	);
};
