import {Box} from 'ink';
import {useMemo} from 'react';
import type {ArchiveSource, BackupSummary, Origin} from '../../client/protocol.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {truncateMiddle} from '../../format/truncate.js';
import type {Model} from '../../state/model.js';
import {selectBackup} from '../../state/selectors.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {detailLines} from '../details-lines.js';
import {useAsync} from '../hooks/use-async.js';
import {useBringBack} from '../hooks/use-bring-back.js';
import {useLayer} from '../hooks/use-layer.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {useNow} from '../hooks/use-now.js';
import {useScroll} from '../hooks/use-scroll.js';
import {useBodySize} from '../hooks/use-size.js';
import type {Action} from '../keys/bindings.js';
import {disabledReason} from '../keys/disabled.js';
import {type MarkedPaths, noMarkedPaths, parentOf, toggleMark} from '../marked-paths.js';
import {FileTree} from './file-tree.js';

type Tab = 'about' | 'files';

const selectTarget = ({target}: Model): Model['target'] => target;
const everything = (model: Model): Model => model;

/** What the manifest says, in lines that scroll. */
const About = ({source, height}: {readonly source: ArchiveSource; readonly height: number}) => {
	const {actions, symbols} = useDashboard();
	const {columns} = useBodySize();
	const now = useNow();
	const instance = useModel(({instance: found}) => found?.name ?? '');
	// A changed summary (pinned, verified) is asked for again.
	const summary = useModel(model =>
		source.type === 'backup' && source.origin
			? selectBackup(model, {key: source.key, origin: source.origin})
			: undefined,
	);
	const stamp = `${JSON.stringify(source)} ${summary?.modifiedAt} ${summary?.pinned} ${summary?.health.type}`;
	const [details] = useAsync(stamp, async () => actions.details(source));
	const lines = useMemo(
		() => (details.type === 'ready' ? detailLines(details.value, {width: columns, now, symbols}) : []),
		[details, columns, now, symbols],
	);
	const scroll = useScroll('about', lines.length, height);
	useLayer({rank: 'pane', actions: scroll.actions});
	switch (details.type) {
		case 'loading':
			return <Paint>Opening the backup...</Paint>;
		case 'failed':
			return <ErrorView error={details.error} instance={instance} />;
		case 'ready':
			return (
				<Box flexDirection="column" height={height}>
					{lines.slice(scroll.offset, scroll.offset + height).map(({text, tone, strong}, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
						<Paint key={index} tone={tone} strong={strong}>
							{text === '' ? ' ' : text}
						</Paint>
					))}
				</Box>
			);
	}
};

/** One backup: what it is, and its files. */
export const DetailsScreen = ({backupKey, origin}: {readonly backupKey: string; readonly origin: Origin}) => {
	const {actions, router, symbols} = useDashboard();
	const {columns, rows} = useBodySize();
	const model = useModel(everything);
	const target = useModel(selectTarget);
	const backup = selectBackup(model, {key: backupKey, origin});
	const [tab, setTab] = useMemory<Tab>('tab', 'about');
	const [directory, setDirectory] = useMemory('directory', '');
	const [marks, setMarks] = useMemory<MarkedPaths>('marks', noMarkedPaths);
	const source = useMemo((): ArchiveSource => ({type: 'backup', key: backupKey, origin}), [backupKey, origin]);
	const act = (action: Action, run: (found: BackupSummary) => void) =>
		backup
			? {
					[action]: {
						run: () => run(backup),
						disabled: disabledReason(action, {model, backups: [backup]}),
					},
				}
			: {};
	const otherTab = (): void => setTab(previous => (previous === 'about' ? 'files' : 'about'));
	const bringBack = useBringBack();
	const isBad = backup?.health.type === 'bad';
	useLayer({
		rank: 'screen',
		actions: {
			...(isBad ? {} : {'next-pane': otherTab, 'previous-pane': otherTab}),
			...(tab === 'about' && !isBad ? {open: otherTab} : {}),
			...act('restore', () =>
				router.push({screen: 'plan', source, ...(marks.size === 0 ? {} : {files: [...marks].sort()})}),
			),
			...act('compare', () => router.push({screen: 'compare', left: source, right: {type: 'live'}})),
			...act('find', () => router.push({screen: 'find', source})),
			...act('verify', () => void actions.verify([source])),
			...act('delete', found => router.openOverlay({type: 'delete', backups: [found]})),
			...act('export', () => router.openOverlay({type: 'export', source, files: [...marks].sort()})),
			...act('pin', found => void actions.pin(found, !found.pinned)),
			...(backup ? {} : {'bring-back': bringBack}),
			...(marks.size > 0 ? {back: () => setMarks(noMarkedPaths)} : {}),
		},
	});

	if (!backup || !target) {
		return (
			<ScreenFrame>
				<Paint>This backup is not there any more. Esc goes back; z brings back what was deleted last.</Paint>
			</ScreenFrame>
		);
	}

	const tabs = isBad ? '' : tab === 'about' ? '  Tab: [About]  Files ' : '  Tab:  About  [Files]';
	const height = rows - 1;
	return (
		<ScreenFrame
			idle={
				marks.size === 0
					? ''
					: `${plural(marks.size, 'entry', 'entries')} marked: r restores just these, e exports, Esc clears`
			}
		>
			<Box height={1} justifyContent="space-between" width={columns}>
				<Paint strong>{truncateMiddle(safeText(backupKey), columns - tabs.length, symbols.ellipsis)}</Paint>
				<Paint tone="muted">{tabs}</Paint>
			</Box>
			{tab === 'about' || isBad ? (
				<About source={source} height={height} />
			) : (
				<FileTree
					key={directory}
					source={source}
					target={target}
					directory={directory}
					marks={marks}
					width={columns}
					height={height}
					onEnter={setDirectory}
					onLeave={directory === '' ? undefined : () => setDirectory(parentOf(directory))}
					onMark={path => setMarks(previous => toggleMark(previous, path))}
				/>
			)}
		</ScreenFrame>
	);
};
