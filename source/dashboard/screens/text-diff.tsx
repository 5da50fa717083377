import {Box} from 'ink';
import {useMemo} from 'react';
import type {DiffLine, PlanFile, TextComparison} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {diffRows} from '../diff-rows.js';
import {useAsync} from '../hooks/use-async.js';
import {useLayer} from '../hooks/use-layer.js';
import {useScroll} from '../hooks/use-scroll.js';

const noLines: readonly DiffLine[] = [];

const headline = ({added, removed, hidden}: Extract<TextComparison, {type: 'text'}>): string => {
	const secrets = hidden === 0 ? '' : `, ${plural(hidden, 'secret')} hidden`;
	return added + removed === 0
		? `No line differs${secrets}.`
		: `Restoring adds ${plural(added, 'line')} (+) and takes ${plural(removed, 'line')} away (-)${secrets}.`;
};

const sizeText = (bytes: number | null): string => (bytes === null ? 'not there' : formatBytes(bytes));

const otherText = ({reason, leftBytes, rightBytes}: Extract<TextComparison, {type: 'other'}>): string =>
	`${reason} In the backup: ${sizeText(leftBytes)}. On the other side: ${sizeText(rightBytes)}.`;

/** How one file of a plan or a comparison differs, line by line. */
export const TextDiff = ({
	planId,
	file,
	width,
	height,
	onClose,
}: {
	readonly planId: string;
	readonly file: PlanFile;
	readonly width: number;
	readonly height: number;
	readonly onClose: () => void;
}) => {
	const {actions, symbols} = useDashboard();
	const [state] = useAsync(`${planId} ${file.path}`, async () =>
		actions.request('plan.text', {planId, path: file.path}),
	);
	const comparison = state.type === 'ready' ? state.value : null;
	const lines = comparison?.type === 'text' ? comparison.lines : noLines;
	const rows = useMemo(() => diffRows(lines, width), [lines, width]);
	const room = Math.max(1, height - 2);
	const scroll = useScroll(`diff:${file.path}`, rows.length, room);
	useLayer({rank: 'pane', actions: {...scroll.actions, back: onClose}});
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Paint strong>{truncateMiddle(safeText(file.path), width, symbols.ellipsis)}</Paint>
			{state.type === 'failed' ? (
				<ErrorView error={state.error} instance="" />
			) : comparison === null ? (
				<Paint>Comparing the lines...</Paint>
			) : comparison.type === 'text' ? (
				<Paint tone="muted">{truncateEnd(headline(comparison), width, symbols.ellipsis)}</Paint>
			) : (
				wrapText(safeText(otherText(comparison)), width).map(line => <Paint key={line}>{line}</Paint>)
			)}
			{rows.slice(scroll.offset, scroll.offset + room).map(({text, tone}, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place.
				<Paint key={index} tone={tone}>
					{text}
				</Paint>
			))}
		</Box>
	);
};
