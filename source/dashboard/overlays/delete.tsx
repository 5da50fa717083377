import {Box} from 'ink';
import type {BackupSummary} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import type {Model} from '../../state/model.js';
import {backupId} from '../../state/model.js';
import {commandText} from '../command-text.js';
import {Choices} from '../components/choices.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {TypeName, typeNameHeight} from '../components/type-name.js';
import {useDashboard} from '../dashboard-context.js';
import {useModel} from '../hooks/use-model.js';
import {useTerminalSize} from '../hooks/use-size.js';
import type {BackupId} from '../router.js';

const selectById = ({backups}: Model): Model['backups']['byId'] => backups.byId;

/** What has to be typed: the name of the only one; for several, how many. */
export const expectedText = (backups: readonly BackupSummary[]): string =>
	backups.length === 1 ? (backups[0]?.key ?? '') : `delete ${backups.length} backups`;

/** True when a plain yes is not enough: several at once, or one that was pinned against just this. */
export const needsTyping = (backups: readonly BackupSummary[]): boolean =>
	backups.length > 1 || backups.some(({pinned}) => pinned);

/** What stays in the folder, and how fresh the newest good one of that is. */
export const remainsText = (all: readonly BackupSummary[], gone: readonly BackupSummary[]): string => {
	const lost = new Set(gone.map(backup => backupId(backup)));
	const left = all.filter(backup => !lost.has(backupId(backup)));
	const good = left.filter(({health}) => health.type === 'verified' || health.type === 'unverified');
	const [newest] = good;
	return newest
		? `${plural(left.length, 'backup')} will remain; the newest usable one is of ${formatDateTime(newest.createdAt)}.`
		: left.length === 0
			? 'No backup will remain.'
			: `${plural(left.length, 'backup')} will remain, none of them usable.`;
};

const selectTrashDays = ({target}: Model): number => target?.trashDays ?? 7;

/** What becomes of deleted backups. */
export const trashText = (days: number, count: number): string => {
	const [they, them] = count === 1 ? ['It goes', 'it'] : ['They go', 'them'];
	return days === 0
		? `There is no trash: nothing brings ${them} back.`
		: `${they} to the trash for ${plural(days, 'day')}: z brings ${them} back.`;
};

const shownRows = 4;

/** Asks before backups are deleted: which, how large, and what remains. Cancel has the focus. */
export const DeleteOverlay = ({
	backups: ids,
	onClose,
}: {
	readonly backups: readonly BackupId[];
	readonly onClose: () => void;
}) => {
	const {actions, store, symbols} = useDashboard();
	const {columns} = useTerminalSize();
	const byId = useModel(selectById);
	const backups = ids.flatMap(id => byId.get(backupId(id)) ?? []);
	const width = dialogInnerWidth(columns, 76);
	const mustType = needsTyping(backups);
	const bytes = backups.reduce((sum, backup) => sum + backup.bytes, 0);
	const pinned = backups.filter(backup => backup.pinned).length;
	const expected = expectedText(backups);
	const run = (): void => {
		onClose();
		void actions.remove(
			backups.map(({key}) => key),
			pinned > 0,
		);
	};

	const remains = remainsText(store.get().backups.ordered, backups);
	const days = useModel(selectTrashDays);
	const listed = backups.slice(0, shownRows);
	const command = commandText(
		'delete',
		backups.map(({key}) => key),
	);
	const height =
		listed.length +
		(backups.length > shownRows ? 1 : 0) +
		(pinned > 0 ? 1 : 0) +
		5 +
		(mustType ? typeNameHeight(expected, width) + 1 : 1);
	return (
		<Dialog
			title={backups.length === 1 ? 'Delete this backup?' : `Delete ${backups.length} backups, ${formatBytes(bytes)}?`}
			tone="error"
			height={height}
			width={76}
		>
			{listed.map(backup => {
				const about = `  ${formatDateTime(backup.createdAt)}  ${formatBytes(backup.bytes)}`;
				return (
					<Paint key={backupId(backup)}>
						{truncateMiddle(safeText(backup.key), width - about.length, symbols.ellipsis) + about}
					</Paint>
				);
			})}
			{backups.length > shownRows ? <Paint>{`and ${backups.length - shownRows} more`}</Paint> : null}
			{pinned > 0 ? (
				<Paint tone="warning">
					{backups.length === 1
						? 'It is pinned, so that it is not deleted by mistake.'
						: `${pinned} of them ${pinned === 1 ? 'is' : 'are'} pinned.`}
				</Paint>
			) : null}
			<Paint>{truncateEnd(remains, width, symbols.ellipsis)}</Paint>
			<Paint>{trashText(days, backups.length)}</Paint>
			<Paint tone="muted">{truncateEnd(safeText(`As a command: ${command}`), width, symbols.ellipsis)}</Paint>
			<Box marginTop={1}>
				{mustType ? (
					<TypeName expected={expected} width={width} onConfirm={run} onCancel={onClose} />
				) : (
					<Choices
						choices={[
							{label: 'Cancel', run: onClose},
							{label: 'Delete', run},
						]}
						onCancel={onClose}
					/>
				)}
			</Box>
		</Dialog>
	);
};
