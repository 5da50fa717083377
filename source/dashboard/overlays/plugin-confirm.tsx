import {Box} from 'ink';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import {Choices} from '../components/choices.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {fitLines} from '../fit-lines.js';
import {useTerminalSize} from '../hooks/use-size.js';

/** A plugin’s question before one of its commands is run. Cancel has the focus. */
export const PluginConfirmOverlay = ({
	title,
	question,
	onYes,
	onClose,
}: {
	readonly title: string;
	readonly question: string;
	readonly onYes: () => void;
	readonly onClose: () => void;
}) => {
	const {symbols} = useDashboard();
	const {columns, rows} = useTerminalSize();
	const width = dialogInnerWidth(columns);
	const shown = truncateEnd(safeText(title), width, symbols.ellipsis);
	const lines = fitLines(wrapText(safeText(question), width), {room: rows - 8, width, ellipsis: symbols.ellipsis});
	return (
		<Dialog title={shown} tone="warning" height={lines.length + 2}>
			{lines.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
				<Paint key={index}>{line}</Paint>
			))}
			<Box marginTop={1}>
				<Choices
					choices={[
						{label: 'Cancel', run: onClose},
						{
							label: 'Yes',
							run: () => {
								onClose();
								onYes();
							},
						},
					]}
					onCancel={onClose}
				/>
			</Box>
		</Dialog>
	);
};
