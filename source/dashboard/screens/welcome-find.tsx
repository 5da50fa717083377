import {Box, Text} from 'ink';
import {useMemo} from 'react';
import type {Instance, UnusableInstance} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import {padEnd, padMiddle, padStart, truncateEnd} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import type {Settings} from '../../settings/schema.js';
import type {Model} from '../../state/model.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useAsync} from '../hooks/use-async.js';
import {useInstanceSizes} from '../hooks/use-instance-sizes.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {useModel} from '../hooks/use-model.js';
import {type Candidate, candidatesOf} from '../welcome-facts.js';

type Item =
	| {readonly type: 'instance'; readonly candidate: Candidate}
	| {readonly type: 'folder' | 'demo' | 'again'; readonly label: string};

const selectSettings = ({settings}: Model): Settings => settings;
const noInstances: readonly Instance[] = [];
const noUnusable: readonly UnusableInstance[] = [];
const itemKey = (item: Item): string => (item.type === 'instance' ? item.candidate.instance.dataFolder : item.type);

const sizeWidth = 10;

/** What was found on this host, with sizes; or what can be done when nothing was. */
export const WelcomeFind = ({
	width,
	height,
	onChoose,
	onFolder,
}: {
	readonly width: number;
	readonly height: number;
	readonly onChoose: (candidate: Candidate) => void;
	/** The person wants to name a data folder. */
	readonly onFolder: () => void;
}) => {
	const {actions, host, symbols, theme} = useDashboard();
	const settings = useModel(selectSettings);
	const [answer, again] = useAsync('find', async () =>
		actions.request('instances.find', {extraFolders: [], asksPlugins: true}),
	);
	const found = answer.type === 'ready' ? answer.value.found : noInstances;
	const unusable = answer.type === 'ready' ? answer.value.unusable : noUnusable;
	const candidates = useMemo(() => candidatesOf(settings, found), [settings, found]);
	const sizes = useInstanceSizes(useMemo(() => candidates.map(({instance}) => instance), [candidates]));
	const {openDemo} = host;
	const items = useMemo(
		(): readonly Item[] =>
			answer.type === 'loading'
				? []
				: [
						...candidates.map(candidate => ({type: 'instance', candidate}) as const),
						{type: 'folder', label: 'Name a data folder...'},
						...(candidates.length === 0 && openDemo
							? [{type: 'demo', label: 'Look around with made-up data (the demo)'} as const]
							: []),
						{type: 'again', label: 'Look again'},
					],
		[answer, candidates, openDemo],
	);
	const noteRows = 4;
	// On a narrow terminal the folder needs the room more than the name.
	const nameWidth = width < 70 ? 12 : 18;
	const versionWidth = width < 70 ? 17 : 20;
	const list = useList('found', items, itemKey, height - 2 - noteRows);
	const {selected} = list;
	useLayer({
		rank: 'screen',
		actions: {
			...list.actions,
			refresh: again,
			...(selected
				? {
						'go-on': () => {
							switch (selected.type) {
								case 'instance':
									onChoose(selected.candidate);
									break;
								case 'folder':
									onFolder();
									break;
								case 'demo':
									openDemo?.();
									break;
								case 'again':
									again();
									break;
							}
						},
					}
				: {}),
		},
	});
	if (answer.type === 'failed') {
		return <ErrorView error={answer.error} instance="" />;
	}

	const title =
		answer.type === 'loading'
			? 'Looking for print servers on this host...'
			: candidates.length === 0
				? 'No print server was found on this host.'
				: 'Which print server is to be backed up?';
	const sizeText = (dataFolder: string): string => {
		const bytes = sizes.get(dataFolder);
		return bytes === undefined ? '...' : bytes === null ? '?' : formatBytes(bytes);
	};

	const notes =
		selected?.type === 'instance'
			? [
					`Found by: ${selected.candidate.foundBy}`,
					...selected.candidate.problems.map(problem => `${symbols.overdue} ${problem}`),
				]
			: unusable.map(({dataFolder, reason, hint}) => `Not usable: ${dataFolder}: ${reason} ${hint}`.trimEnd());
	return (
		<Box flexDirection="column" height={height}>
			<Paint strong>{title}</Paint>
			<Paint> </Paint>
			{list.visible.map(({item, key, isSelected}) => (
				<Text key={key} wrap="truncate-end" {...theme.style({selected: isSelected})}>
					{`${isSelected ? symbols.pointer : ' '} `}
					{item.type === 'instance'
						? `${padEnd(safeText(item.candidate.instance.name), nameWidth, symbols.ellipsis)}${padEnd(safeText([item.candidate.title, item.candidate.version].filter(Boolean).join(' ')), versionWidth, symbols.ellipsis)}${padMiddle(safeText(item.candidate.instance.dataFolder), width - 2 - nameWidth - versionWidth - sizeWidth, symbols.ellipsis)}${padStart(sizeText(item.candidate.instance.dataFolder), sizeWidth)}`
						: item.label}
				</Text>
			))}
			<Box flexDirection="column" marginTop={1}>
				{notes
					.flatMap(note => wrapText(safeText(note), width))
					.slice(0, noteRows - 1)
					.map((line, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
						<Paint key={index} tone="muted">
							{truncateEnd(line, width, symbols.ellipsis)}
						</Paint>
					))}
			</Box>
		</Box>
	);
};
