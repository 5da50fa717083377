import {Box} from 'ink';
import {useMemo, useState} from 'react';
import {padEnd, truncateEnd} from '../../format/truncate.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
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
	const [offset, setOffset] = useState(0);
	// The help is of what lay on top when it was opened; its own layer is not there yet at the first render.
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked once.
	const list = useMemo(() => helpRows(layers.get()), []);
	const height = Math.max(3, Math.min(list.length, rows - 6));
	const last = Math.max(0, list.length - height);
	const move = (step: number) => () => setOffset(previous => Math.max(0, Math.min(previous + step, last)));
	useLayer({
		rank: 'overlay',
		modal: true,
		actions: {
			close: onClose,
			'move-up': move(-1),
			'move-down': move(1),
			'page-up': move(-height),
			'page-down': move(height),
			first: move(-list.length),
			last: move(list.length),
		},
	});
	const width = dialogInnerWidth(columns, 76);
	const more = last === 0 ? '' : `  ${offset + 1}-${offset + height} of ${list.length}`;
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
