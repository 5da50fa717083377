import {Box} from 'ink';
import type {DiffLine, PlanFile, TextComparison} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {padStart, truncateEnd, truncateMiddle} from '../../format/truncate.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useAsync} from '../hooks/use-async.js';
import {useLayer} from '../hooks/use-layer.js';
import {useScroll} from '../hooks/use-scroll.js';
import type {Tone} from '../theme.js';

const numberWidth = 5;

const looks = {
	same: {sign: ' ', tone: 'plain'},
	added: {sign: '+', tone: 'ok'},
	removed: {sign: '-', tone: 'error'},
} as const satisfies Record<Exclude<DiffLine['type'], 'gap'>, {readonly sign: string; readonly tone: Tone}>;

/** Tabs as people see them in an editor; everything else that is not plain is shown escaped. */
const lineText = (text: string): string => safeText(text.replaceAll('\t', '    '));

const row = (line: DiffLine, width: number, ellipsis: string): {readonly text: string; readonly tone: Tone} => {
	if (line.type === 'gap') {
		return {text: `${' '.repeat(numberWidth)}   ${plural(line.lines, 'line')} the same`, tone: 'muted'};
	}

	const {sign, tone} = looks[line.type];
	const number = padStart(String(line.left ?? line.right ?? ''), numberWidth);
	return {text: truncateEnd(`${number} ${sign} ${lineText(line.text)}`, width, ellipsis), tone};
};

const headline = (comparison: TextComparison): string => {
	if (comparison.type === 'other') {
		return comparison.reason;
	}

	const {added, removed, hidden} = comparison;
	const secrets = hidden === 0 ? '' : `, ${plural(hidden, 'secret')} hidden`;
	return added + removed === 0
		? `No line differs${secrets}.`
		: `Restoring adds ${plural(added, 'line')} (+) and takes ${plural(removed, 'line')} away (-)${secrets}.`;
};

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
	const lines = comparison?.type === 'text' ? comparison.lines : [];
	const room = Math.max(1, height - 2);
	const scroll = useScroll(`diff:${file.path}`, lines.length, room);
	useLayer({rank: 'pane', actions: {...scroll.actions, back: onClose}});
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Paint strong>{truncateMiddle(safeText(file.path), width, symbols.ellipsis)}</Paint>
			{state.type === 'failed' ? (
				<ErrorView error={state.error} instance="" />
			) : comparison === null ? (
				<Paint>Comparing the lines...</Paint>
			) : (
				<Paint tone="muted">{truncateEnd(headline(comparison), width, symbols.ellipsis)}</Paint>
			)}
			{comparison?.type === 'other' ? (
				<Paint>
					{`In the backup: ${comparison.leftBytes === null ? 'not there' : formatBytes(comparison.leftBytes)}. On the other side: ${comparison.rightBytes === null ? 'not there' : formatBytes(comparison.rightBytes)}.`}
				</Paint>
			) : null}
			{lines.slice(scroll.offset, scroll.offset + room).map((line, index) => {
				const {text, tone} = row(line, width, symbols.ellipsis);
				return (
					// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
					<Paint key={index} tone={tone}>
						{text}
					</Paint>
				);
			})}
		</Box>
	);
};
