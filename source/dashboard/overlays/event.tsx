import {safeText} from '../../format/safe-text.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useOverlayScroll} from '../hooks/use-overlay-scroll.js';
import {useTerminalSize} from '../hooks/use-size.js';
import {wrapText} from '../wrap-text.js';

/** One event of the log in full, with what to do about it and where the log file is. */
export const EventOverlay = ({
	title,
	lines,
	onClose,
}: {
	readonly title: string;
	readonly lines: readonly string[];
	readonly onClose: () => void;
}) => {
	const {paths} = useDashboard();
	const {columns, rows} = useTerminalSize();
	const width = dialogInnerWidth(columns, 100);
	const all = [...lines, '', `Log: ${paths.logFile}`].flatMap(line => wrapText(safeText(line), width));
	const height = Math.max(3, Math.min(all.length, rows - 6));
	const {offset, actions} = useOverlayScroll(all.length, height);
	useLayer({
		rank: 'overlay',
		modal: true,
		actions: {
			close: onClose,
			submit: onClose,
			...actions,
		},
	});
	return (
		<Dialog title={title} height={height} width={100}>
			{all.slice(offset, offset + height).map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
				<Paint key={index}>{line === '' ? ' ' : line}</Paint>
			))}
		</Dialog>
	);
};
