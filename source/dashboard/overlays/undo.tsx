import {Box} from 'ink';
import type {ErrorData} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {safeText} from '../../format/safe-text.js';
import {truncateMiddle} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import type {Model} from '../../state/model.js';
import {commandText} from '../command-text.js';
import {Choices} from '../components/choices.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {TypeName, typeNameHeight} from '../components/type-name.js';
import {useDashboard} from '../dashboard-context.js';
import {fitLines} from '../fit-lines.js';
import {useModel} from '../hooks/use-model.js';
import {useTerminalSize} from '../hooks/use-size.js';

const selectUndo = ({status}: Model) => status?.undo ?? null;

/** What has to be typed to go on under a print; the same as for a restore. */
export const evenIfPrinting = 'even if printing';

/**
 * Asks before the last restore is undone, or an undo is taken back. Cancel has the focus.
 * @param refusal the server prints or could not be asked: only a typed phrase goes on.
 */
export const UndoOverlay = ({
	refusal,
	onClose,
}: {
	readonly refusal?: ErrorData | undefined;
	readonly onClose: () => void;
}) => {
	const {actions, router, store, symbols} = useDashboard();
	const {columns, rows} = useTerminalSize();
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

	/** A refusal because of a print comes back as a question, unless the person has gone on to another dialog. */
	const askAgainWhenRefused = (jobId: string): void => {
		const stop = store.subscribe(() => look());
		const look = (): void => {
			const {lastJob, job, engine} = store.get();
			if (lastJob?.id === jobId) {
				stop();
				if (lastJob.error?.code === 'printing' && router.get().overlays.length === 0) {
					router.openOverlay({type: 'undo', refusal: lastJob.error});
				}
			} else if (engine.type === 'gone' || (job !== null && job.id !== jobId)) {
				stop();
			}
		};

		look();
	};

	const run = (): void => {
		onClose();
		void actions.undo(refusal ? {evenIfPrinting: true} : {}).then(start => {
			if (start.type === 'started' && !refusal) {
				askAgainWhenRefused(start.jobId);
			}
		});
	};

	const isUndo = undo.takesBack === 'undo';
	const title = isUndo ? 'Take the last undo back' : 'Undo the last restore';
	const since = `${formatDateTime(undo.restoredAt)}, kept aside since;`;
	const askRows = refusal ? typeNameHeight(evenIfPrinting, width) : 1;
	const all = wrapText(
		refusal
			? safeText(`${refusal.message} Going on now can ruin a print.`)
			: `The data that was replaced (${formatBytes(undo.bytes)}) comes back as it was. What is there now is kept aside in exchange: u once more brings that back.${undo.expiresAt === null ? '' : ` This can be undone until ${formatDateTime(undo.expiresAt)}.`}`,
		width,
	);
	const lines = fitLines(all, {room: rows - 8 - askRows, width, ellipsis: symbols.ellipsis});
	return (
		<Dialog
			title={`${title}${refusal ? ' all the same' : ''}?`}
			tone={refusal ? 'error' : 'warning'}
			height={lines.length + 4 + askRows}
		>
			<Paint>{isUndo ? `Undone ${since} a restore of:` : `Replaced ${since} restored then:`}</Paint>
			<Paint>{truncateMiddle(safeText(undo.key), width, symbols.ellipsis)}</Paint>
			{lines.map(line => (
				<Paint key={line}>{line}</Paint>
			))}
			<Paint tone="muted">
				{`As a command: ${commandText('undo', [], refusal ? [['even-if-printing', null]] : [])}`}
			</Paint>
			<Box marginTop={1}>
				{refusal ? (
					<TypeName expected={evenIfPrinting} width={width} onConfirm={run} onCancel={onClose} />
				) : (
					<Choices
						choices={[
							{label: 'Cancel', run: onClose},
							{label: isUndo ? 'Take the undo back' : 'Undo the restore', run},
						]}
						onCancel={onClose}
					/>
				)}
			</Box>
		</Dialog>
	);
};
