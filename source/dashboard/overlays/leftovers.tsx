import {Box, Text} from 'ink';
import {useEffect} from 'react';
import type {Leftover} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {padEnd, padStart, truncateMiddle} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import type {Model} from '../../state/model.js';
import {Choices} from '../components/choices.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useList} from '../hooks/use-list.js';
import {useModel} from '../hooks/use-model.js';
import {useTerminalSize} from '../hooks/use-size.js';

const nothing: readonly Leftover[] = [];
const selectLeftovers = ({status}: Model): readonly Leftover[] => status?.leftovers ?? nothing;

/** What each kind of leftover is called. */
const names = {
	'partial-archive': 'half-written backup',
	'stale-lock': 'lock of a dead process',
	'interrupted-restore': 'interrupted restore',
	stage: 'unpacked, never used',
	'server-partial': "server's half-written file",
	'server-rollback': "server's old copy",
} as const satisfies Record<Leftover['type'], string>;

const remedies = {
	clean: 'Clean up this',
	recover: 'Recover this',
	none: '',
} as const satisfies Record<Leftover['remedy'], string>;

const nameWidth = 26;
const idOf = ({id}: Leftover): string => id;

/** What earlier runs left behind: what each thing is, and one key to clean or recover it. */
export const LeftoversOverlay = ({onClose}: {readonly onClose: () => void}) => {
	const {actions, symbols, theme} = useDashboard();
	const {columns, rows} = useTerminalSize();
	const leftovers = useModel(selectLeftovers);
	const width = dialogInnerWidth(columns, 90);
	const explanationRows = 4;
	const height = Math.max(1, Math.min(leftovers.length, rows - explanationRows - 8));
	const list = useList('leftovers', leftovers, idOf, height);
	const {selected} = list;
	const curable = leftovers.filter(({remedy}) => remedy !== 'none');
	const isEmpty = leftovers.length === 0;
	useEffect(() => {
		if (isEmpty) {
			onClose();
		}
	}, [isEmpty, onClose]);

	const recover = (ids: readonly string[] | 'all'): void => {
		onClose();
		void actions.recover(ids);
	};

	const choices = [
		{label: 'Leave', run: onClose},
		...(selected && selected.remedy !== 'none'
			? [{label: remedies[selected.remedy], run: () => recover([selected.id])}]
			: []),
		...(curable.length > 1 ? [{label: `Clean up all ${curable.length}`, run: () => recover('all')}] : []),
	];
	const explanation = selected ? wrapText(safeText(selected.explanation), width).slice(0, explanationRows - 1) : [];
	return (
		<Dialog
			title={`${plural(leftovers.length, 'thing')} left behind by an earlier run`}
			tone="warning"
			height={height + explanationRows + 3}
			width={90}
		>
			{list.visible.map(({item, key, isSelected}) => (
				<Text key={key} wrap="truncate-end" {...theme.style({selected: isSelected})}>
					{`${isSelected ? symbols.pointer : ' '} ${padEnd(names[item.type], nameWidth, symbols.ellipsis)}${padEnd(truncateMiddle(safeText(item.path), width - nameWidth - 11, symbols.ellipsis), width - nameWidth - 11)}${padStart(formatBytes(item.bytes), 9)}`}
				</Text>
			))}
			<Box flexDirection="column" height={explanationRows} marginTop={1}>
				{explanation.map(line => (
					<Paint key={line}>{line}</Paint>
				))}
				{selected?.remedy === 'none' ? <Paint tone="muted">printkeep leaves this alone.</Paint> : null}
			</Box>
			<Box marginTop={1}>
				<Choices key={selected?.remedy ?? ''} choices={choices} onCancel={onClose} actions={list.actions} />
			</Box>
		</Dialog>
	);
};
