import {Box} from 'ink';
import {useMemo} from 'react';
import {padEnd, truncateEnd} from '../../format/truncate.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useOverlayScroll} from '../hooks/use-overlay-scroll.js';
import {useTerminalSize} from '../hooks/use-size.js';
import {useWords} from '../hooks/use-words.js';
import type {HelpRow} from '../keys/help.js';
import {helpRows} from '../keys/help.js';

const keysWidth = 11;

const Row = ({row, width, ellipsis}: {readonly row: HelpRow; readonly width: number; readonly ellipsis: string}) => {
	const word = useWords();
	if (row.type === 'title') {
		return <Paint strong>{row.text}</Paint>;
	}

	const reason = row.disabled === undefined ? '' : ` (${row.disabled})`;
	return (
		<Box>
			<Paint tone={row.disabled === undefined ? 'accent' : 'muted'}>
				{padEnd(word(row.keys), keysWidth, ellipsis)}
			</Paint>
			<Paint tone={row.disabled === undefined ? 'plain' : 'muted'}>
				{truncateEnd(`${row.text}${reason}`, width - keysWidth, ellipsis)}
			</Paint>
		</Box>
	);
};

/** Every key that does something now, from the binding table, for the screen the help was opened on. */
export const HelpOverlay = ({title, onClose}: {readonly title: string; readonly onClose: () => void}) => {
	const {layers, symbols} = useDashboard();
	const {columns, rows} = useTerminalSize();
	// The help is of what lay on top when it was opened; its own layer is not there yet at the first render.
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked once.
	const list = useMemo(() => helpRows(layers.get()), []);
	const height = Math.max(3, Math.min(list.length, rows - 6));
	const {offset, actions} = useOverlayScroll(list.length, height);
	useLayer({
		rank: 'overlay',
		modal: true,
		actions: {
			close: onClose,
			...actions,
		},
	});
	const width = dialogInnerWidth(columns, 76);
	const more = list.length <= height ? '' : `  ${offset + 1}-${offset + height} of ${list.length}`;
	return (
		<Dialog title={`Help: ${title}${more}`} height={height} width={76}>
			{list.slice(offset, offset + height).map(row => (
				<Row
					key={row.type === 'title' ? row.text : `${row.keys} ${row.text}`}
					row={row}
					width={width}
					ellipsis={symbols.ellipsis}
				/>
			))}
		</Dialog>
	);
};
