import {Box} from 'ink';
import type {TrashItem} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import {commandText} from '../command-text.js';
import {Choices} from '../components/choices.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {TypeName, typeNameHeight} from '../components/type-name.js';
import {useDashboard} from '../dashboard-context.js';
import {useTerminalSize} from '../hooks/use-size.js';

const shownRows = 4;

/** Asks before deleted backups go for good. Cancel has the focus; several have to be typed. */
export const EmptyTrashOverlay = ({
	items,
	isEverything,
	onClose,
}: {
	readonly items: readonly TrashItem[];
	/** True when these are all there are. */
	readonly isEverything: boolean;
	readonly onClose: () => void;
}) => {
	const {actions, symbols} = useDashboard();
	const {columns} = useTerminalSize();
	const width = dialogInnerWidth(columns, 76);
	const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
	const expected = `delete ${items.length} for good`;
	const mustType = items.length > 1;
	const shown = items.slice(0, shownRows);
	const command = commandText('trash', ['empty', ...(isEverything ? [] : items.map(({id}) => id))]);
	const run = (): void => {
		onClose();
		void actions.emptyTrash(items.map(({id}) => id));
	};

	return (
		<Dialog
			title={`Delete ${plural(items.length, 'backup')} for good?`}
			tone="error"
			width={76}
			height={
				shown.length + (items.length > shownRows ? 1 : 0) + 2 + (mustType ? typeNameHeight(expected, width) + 1 : 2)
			}
		>
			{shown.map(({id, key, bytes: size}) => (
				<Paint key={id}>{`${truncateMiddle(safeText(key), width - 12, symbols.ellipsis)}  ${formatBytes(size)}`}</Paint>
			))}
			{items.length > shownRows ? <Paint>{`and ${items.length - shownRows} more`}</Paint> : null}
			<Paint
				strong
			>{`Nothing brings ${items.length === 1 ? 'it' : 'them'} back after that; ${formatBytes(bytes)} are freed.`}</Paint>
			<Paint tone="muted">{truncateEnd(`As a command: ${command}`, width, symbols.ellipsis)}</Paint>
			<Box marginTop={1}>
				{mustType ? (
					<TypeName expected={expected} width={width} onConfirm={run} onCancel={onClose} />
				) : (
					<Choices
						choices={[
							{label: 'Cancel', run: onClose},
							{label: 'Delete for good', run},
						]}
						onCancel={onClose}
					/>
				)}
			</Box>
		</Dialog>
	);
};
