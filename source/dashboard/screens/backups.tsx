import {Box} from 'ink';
import {useMemo} from 'react';
import type {ArchiveSource, BackupSummary} from '../../client/protocol.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import type {BackupsState, Model} from '../../state/model.js';
import {backupId} from '../../state/model.js';
import {healthText, originText} from '../backup-text.js';
import {BackupPreview} from '../components/backup-preview.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {filterWords, matchesWords} from '../filter-words.js';
import {useBringBack} from '../hooks/use-bring-back.js';
import {useFilter} from '../hooks/use-filter.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {useNow} from '../hooks/use-now.js';
import {previewColumns, useBodySize} from '../hooks/use-size.js';
import type {Action} from '../keys/bindings.js';
import {disabledReason} from '../keys/disabled.js';
import {BackupRow, backupColumns, backupRow} from './backup-row.js';

const selectBackups = ({backups}: Model): BackupsState => backups;
const noMarks: ReadonlySet<string> = new Set();

/** Column titles above the list, two lines about the selected one below. */
const headRows = 1;
const detailRows = 2;

const searchText = (backup: BackupSummary): string =>
	`${backup.key} ${backup.note} ${healthText(backup.health)} ${originText(backup)} ${backup.instanceName ?? ''} ${backup.pinned ? 'pinned' : ''}`;

const sourceOf = ({key, origin}: BackupSummary): ArchiveSource => ({type: 'backup', key, origin});

/** What is worth saying about the selected backup in one line. */
const detailText = ({health, note}: BackupSummary): string => {
	switch (health.type) {
		case 'bad':
			return `${health.error.message} ${health.error.hint}`;
		case 'partial':
			return health.reason;
		case 'verified':
		case 'unverified':
			return note;
	}
};

/** All backups, newest first, as they are in the folder at this moment. */
export const BackupsScreen = () => {
	const {router, actions, symbols} = useDashboard();
	const {columns, rows} = useBodySize();
	const {ordered, state, error} = useModel(selectBackups);
	const instance = useModel(({instance: found}) => found?.name ?? '');
	const now = useNow();
	const filter = useFilter();
	const [marks, setMarks] = useMemory<ReadonlySet<string>>('marks', noMarks);
	const words = useMemo(() => filterWords(filter.value), [filter.value]);
	const shown = useMemo(
		() => (words.length === 0 ? ordered : ordered.filter(backup => matchesWords(searchText(backup), words))),
		[ordered, words],
	);
	const hasPreview = columns >= previewColumns;
	const listWidth = hasPreview ? columns - 42 : columns;
	const height = Math.max(1, rows - headRows - (hasPreview ? 0 : detailRows));
	const list = useList('cursor', shown, backupId, height);
	const {selected} = list;
	const marked = useMemo(
		() => (marks.size === 0 ? [] : ordered.filter(backup => marks.has(backupId(backup)))),
		[ordered, marks],
	);
	const chosen = marked.length > 0 ? marked : selected ? [selected] : [];
	const situation = useModel(model => model);
	const bringBack = useBringBack();
	const act = (action: Action, run: (backups: readonly BackupSummary[], first: BackupSummary | undefined) => void) => ({
		run: () => run(chosen, chosen[0]),
		disabled: disabledReason(action, {model: situation, backups: chosen}),
	});
	const toggle = (backup: BackupSummary): void =>
		setMarks(previous => {
			const next = new Set(previous);
			if (!next.delete(backupId(backup))) {
				next.add(backupId(backup));
			}

			return next;
		});

	useLayer({
		rank: 'screen',
		actions: {
			...list.actions,
			...(selected
				? {
						open: () => router.push({screen: 'details', key: selected.key, origin: selected.origin}),
						mark: press => {
							toggle(selected);
							const down = list.actions['move-down'];
							if (typeof down === 'function') {
								down(press);
							}
						},
						restore: act('restore', (_, first) => {
							if (first) {
								router.push({screen: 'plan', source: sourceOf(first)});
							}
						}),
						compare: act('compare', ([first, second]) => {
							if (first) {
								// Of two the older is what would be restored, so that it reads as what has changed since.
								router.push(
									second
										? {screen: 'compare', left: sourceOf(second), right: sourceOf(first)}
										: {screen: 'compare', left: sourceOf(first), right: {type: 'live'}},
								);
							}
						}),
						find: act('find', (_, first) => {
							if (first) {
								router.push({screen: 'find', source: sourceOf(first)});
							}
						}),
						verify: act('verify', backups => void actions.verify(backups.map(backup => sourceOf(backup)))),
						delete: act('delete', backups =>
							router.openOverlay({type: 'delete', backups: backups.map(({key, origin}) => ({key, origin}))}),
						),
						export: act('export', (_, first) => {
							if (first) {
								router.openOverlay({type: 'export', source: sourceOf(first), files: []});
							}
						}),
						pin: act('pin', backups => {
							const pinned = !backups.every(backup => backup.pinned);
							for (const backup of backups) {
								void actions.pin(backup, pinned);
							}
						}),
					}
				: {}),
			'back-up': act('back-up', () => router.go({screen: 'create'})),
			import: act('import', () => router.push({screen: 'import'})),
			trash: () => router.push({screen: 'trash'}),
			'bring-back': bringBack,
			undo: act('undo', () => router.openOverlay({type: 'undo'})),
			...(marks.size > 0 ? {back: () => setMarks(noMarks)} : {}),
			...filter.actions,
		},
	});

	const count = words.length === 0 ? plural(ordered.length, 'backup') : `${shown.length} of ${ordered.length}`;
	const notes = [filter.note(count), marked.length === 0 ? '' : `${marked.length} marked`].filter(note => note !== '');
	const empty =
		error && ordered.length === 0 ? (
			<ErrorView error={error} instance={instance} />
		) : state !== 'ready' && ordered.length === 0 ? (
			<Paint>Reading the backup folder…</Paint>
		) : words.length > 0 ? (
			<Paint>Nothing matches. Esc clears the filter.</Paint>
		) : (
			<Paint>There is no backup yet. Press b to make the first one.</Paint>
		);

	return (
		<ScreenFrame message={filter.field(count, columns)} idle={notes.join('  ')}>
			{shown.length === 0 ? (
				empty
			) : (
				<Box>
					<Box flexDirection="column" width={listWidth}>
						<Paint tone="muted">{backupColumns(listWidth)}</Paint>
						<Box flexDirection="column" height={height}>
							{list.visible.map(({item, key, isSelected}) => (
								<BackupRow
									key={key}
									{...backupRow(item, {
										now,
										width: listWidth,
										ellipsis: symbols.ellipsis,
										error: symbols.error,
										pin: symbols.pin,
									})}
									isSelected={isSelected}
									isMarked={marks.has(key)}
								/>
							))}
						</Box>
						{hasPreview || !selected ? null : (
							<>
								<Paint strong>{truncateMiddle(safeText(selected.key), columns, symbols.ellipsis)}</Paint>
								<Paint tone={selected.health.type === 'bad' ? 'error' : 'muted'}>
									{truncateEnd(safeText(detailText(selected)), columns, symbols.ellipsis)}
								</Paint>
							</>
						)}
					</Box>
					{hasPreview && selected ? (
						<BackupPreview backup={selected} width={columns - listWidth} height={rows} />
					) : null}
				</Box>
			)}
		</ScreenFrame>
	);
};
