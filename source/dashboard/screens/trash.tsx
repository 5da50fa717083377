import {Box, Text} from 'ink';
import {memo, useEffect} from 'react';
import type {TrashItem} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {padEnd, padMiddle, padStart, truncateEnd} from '../../format/truncate.js';
import type {Model} from '../../state/model.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {useAsync} from '../hooks/use-async.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {useNow} from '../hooks/use-now.js';
import {useBodySize} from '../hooks/use-size.js';
import {selectBusy} from '../keys/disabled.js';
import {toHandler} from '../keys/layers.js';

const selectTarget = ({target}: Model): Model['target'] => target;
/** What is in the trash may be different after every job. */
const selectJobs = ({job, lastJob}: Model): string => `${job?.id ?? ''} ${lastJob?.id ?? ''}`;

const sizeWidth = 10;
const timeWidth = 18;
/** Below this, when something was deleted has no room. */
const deletedColumns = 76;
const none: readonly TrashItem[] = [];
const noMarks: ReadonlySet<string> = new Set();
const idOf = ({id}: TrashItem): string => id;

const nameWidthOf = (width: number): number => width - 2 - sizeWidth - timeWidth * (width < deletedColumns ? 1 : 2);

/** When it goes for good: not on the minute, but after the next job that finds it past its time. */
const goesText = (expiresAt: number | null, now: number): string =>
	expiresAt === null ? 'stays' : expiresAt <= now ? 'soon' : formatDateTime(expiresAt);

const Row = memo(
	({
		mark,
		item: {key, bytes, deletedAt, expiresAt},
		isSelected,
		now,
		width,
	}: {
		readonly mark: string;
		readonly item: TrashItem;
		readonly isSelected: boolean;
		readonly now: number;
		readonly width: number;
	}) => {
		const {theme, symbols} = useDashboard();
		const cells = [
			`${isSelected ? symbols.pointer : ' '}${mark}`,
			padMiddle(safeText(key), nameWidthOf(width), symbols.ellipsis),
			padStart(formatBytes(bytes), sizeWidth),
			width < deletedColumns ? '' : padStart(deletedAt > 0 ? formatDateTime(deletedAt) : 'unknown', timeWidth),
			padStart(goesText(expiresAt, now), timeWidth),
		];
		return (
			<Text wrap="truncate-end" {...theme.style({selected: isSelected})}>
				{cells.join('')}
			</Text>
		);
	},
);
Row.displayName = 'Row';

/** Deleted backups that can still be brought back. */
export const TrashScreen = () => {
	const {actions, router, symbols} = useDashboard();
	const {columns, rows} = useBodySize();
	const target = useModel(selectTarget);
	const busy = useModel(selectBusy);
	const jobs = useModel(selectJobs);
	const now = useNow();
	const [marks, setMarks] = useMemory<ReadonlySet<string>>('marks', noMarks);
	const [state, again] = useAsync(`${target?.store ?? ''} ${jobs}`, async () =>
		target ? actions.request('trash.list', {target}) : {items: none, bytes: 0, days: 0},
	);
	// While it is asked again the rows of before stay, so that nothing flickers.
	const [known, setKnown] = useMemory<readonly TrashItem[]>('items', none);
	const items = state.type === 'ready' ? state.value.items : known;
	useEffect(() => {
		if (state.type === 'ready') {
			setKnown(() => state.value.items);
		}
	}, [state, setKnown]);

	const height = Math.max(1, rows - 2);
	const list = useList('cursor', items, idOf, height);
	const {selected} = list;
	const marked = items.filter(({id}) => marks.has(id));
	const chosen = marked.length > 0 ? marked : selected ? [selected] : [];
	const bringBack = (): void => {
		setMarks(noMarks);
		void actions.bringBack(chosen.map(({id}) => id));
	};

	useLayer({
		rank: 'screen',
		actions: {
			...list.actions,
			refresh: again,
			...(selected
				? {
						mark: press => {
							setMarks(previous => {
								const next = new Set(previous);
								if (!next.delete(selected.id)) {
									next.add(selected.id);
								}

								return next;
							});
							toHandler(list.actions['move-down'] ?? (() => undefined)).run(press);
						},
						'bring-back': {run: bringBack, disabled: busy},
						delete: {
							run: () =>
								router.openOverlay({
									type: 'empty-trash',
									items: chosen,
									isEverything: chosen.length === items.length,
								}),
							disabled: busy,
						},
						'empty-trash': {
							run: () => router.openOverlay({type: 'empty-trash', items, isEverything: true}),
							disabled: busy,
						},
					}
				: {}),
			...(marked.length > 0 ? {back: () => setMarks(noMarks)} : {}),
		},
	});

	const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
	const about = items.length === 0 ? '' : `${plural(items.length, 'deleted backup')}, ${formatBytes(bytes)}`;
	const columnsText = `  ${padEnd('Backup', nameWidthOf(columns))}${padStart('Size', sizeWidth)}${columns < deletedColumns ? '' : padStart('Deleted', timeWidth)}${padStart('Goes for good', timeWidth)}`;
	return (
		<ScreenFrame
			idle={
				marked.length === 0 ? '' : `${marked.length} marked: z brings these back, d deletes them for good, Esc clears`
			}
		>
			<Paint strong>{truncateEnd(about === '' ? 'The trash' : about, columns, symbols.ellipsis)}</Paint>
			{state.type === 'failed' ? (
				<ErrorView error={state.error} instance={target?.instance.name ?? ''} />
			) : items.length === 0 ? (
				<Paint>
					{state.type === 'ready'
						? 'The trash is empty: what d deletes in the list comes here. Esc goes back.'
						: 'Looking into the trash...'}
				</Paint>
			) : (
				<Paint tone="muted">{columnsText}</Paint>
			)}
			<Box flexDirection="column" height={height} overflow="hidden">
				{list.visible.map(({item, key, isSelected}) => (
					<Row
						key={key}
						mark={marks.has(item.id) ? symbols.mark : ' '}
						item={item}
						isSelected={isSelected}
						now={now}
						width={columns}
					/>
				))}
			</Box>
		</ScreenFrame>
	);
};
