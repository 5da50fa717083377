import {Box} from 'ink';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {safeText} from '../../format/safe-text.js';
import {truncateMiddle} from '../../format/truncate.js';
import type {Model} from '../../state/model.js';
import {Choices} from '../components/choices.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {Paragraph} from '../components/paragraph.js';
import {useDashboard} from '../dashboard-context.js';
import {useModel} from '../hooks/use-model.js';
import {useTerminalSize} from '../hooks/use-size.js';

const selectUndo = ({status}: Model) => status?.undo ?? null;

/** Asks before the last restore is undone, or an undo is taken back. Cancel has the focus. */
export const UndoOverlay = ({onClose}: {readonly onClose: () => void}) => {
	const {actions, symbols} = useDashboard();
	const {columns} = useTerminalSize();
	const undo = useModel(selectUndo);
	const width = dialogInnerWidth(columns);
	if (!undo) {
		return (
			<Dialog title="Nothing to undo" height={3}>
				<Paint>There is no restore that could be undone.</Paint>
				<Box marginTop={1}>
					<Choices choices={[{label: 'Close', run: onClose}]} onCancel={onClose} />
				</Box>
			</Dialog>
		);
	}

	return (
		<Dialog title="Undo the last restore?" tone="warning" height={undo.expiresAt === null ? 9 : 10}>
			<Paint>{`Replaced ${formatDateTime(undo.restoredAt)}, kept aside since; restored then:`}</Paint>
			<Paint>{truncateMiddle(safeText(undo.key), width, symbols.ellipsis)}</Paint>
			<Paragraph>
				{`The data that was replaced (${formatBytes(undo.bytes)}) comes back as it was. What is there now is kept aside in exchange: u once more brings that back.${undo.expiresAt === null ? '' : ` It is kept until ${formatDateTime(undo.expiresAt)}.`}`}
			</Paragraph>
			<Paint tone="muted">As a command: printkeep undo</Paint>
			<Box marginTop={1}>
				<Choices
					choices={[
						{label: 'Cancel', run: onClose},
						{
							label: 'Undo the restore',
							run: () => {
								onClose();
								void actions.undo();
							},
						},
					]}
					onCancel={onClose}
				/>
			</Box>
		</Dialog>
	);
};
