import {Box, Text} from 'ink';
import {memo, type ReactNode, useMemo} from 'react';
import type {BackupSummary, StatusReport} from '../../client/protocol.js';
import {kindTitle} from '../../client/server-kind.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {relativeTime} from '../../format/relative-time.js';
import {safeText} from '../../format/safe-text.js';
import {padEnd, padStart, truncateEnd, truncateMiddle} from '../../format/truncate.js';
import {backupId, type Model} from '../../state/model.js';
import {healthLooks, healthText, originText} from '../backup-text.js';
import {ErrorView} from '../components/error-view.js';
import {Fact, factNameWidth} from '../components/fact.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {useBringBack} from '../hooks/use-bring-back.js';
import {useLayer} from '../hooks/use-layer.js';
import {useModel} from '../hooks/use-model.js';
import {useNow} from '../hooks/use-now.js';
import {useBodySize} from '../hooks/use-size.js';
import {disabledReason} from '../keys/disabled.js';
import type {Tone} from '../theme.js';
import {clockText, countText, dayLooks, overdueText, spaceText, trashCountText} from './home-facts.js';

const selectOrdered = ({backups}: Model): readonly BackupSummary[] => backups.ordered;
const selectStatus = ({status}: Model): StatusReport | null => status;
const selectTrash = ({trash}: Model): Model['trash'] => trash;
const selectRecovery = ({recovery}: Model): Model['recovery'] => recovery;
const selectBusy = (model: Model): string | undefined => disabledReason('back-up', {model, backups: []});
const selectUndo = (model: Model): string | undefined => disabledReason('undo', {model, backups: []});

/** Fourteen days, each with a mark. */
const Strip = memo(({days}: {readonly days: StatusReport['days']}) => {
	const {theme, symbols} = useDashboard();
	return (
		<Fact name="Last 14 days">
			{days.map(({date, state}) => (
				<Text key={date} {...theme.style({tone: dayLooks[state].tone, strong: state === 'overdue'})}>
					{`${symbols[dayLooks[state].symbol]} `}
				</Text>
			))}
			<Text {...theme.style({tone: 'muted'})}>{` ${days.at(0)?.date ?? ''} to today`}</Text>
		</Fact>
	);
});
Strip.displayName = 'Strip';

/** What the marks of the strip mean. */
const Legend = memo(() => {
	const {theme, symbols} = useDashboard();
	return (
		<Fact name="">
			{Object.values(dayLooks).map(({symbol, tone, word}) => (
				<Text key={word} {...theme.style({tone: 'muted'})}>
					<Text {...theme.style({tone})}>{symbols[symbol]}</Text>
					{` ${word}  `}
				</Text>
			))}
		</Fact>
	);
});
Legend.displayName = 'Legend';

const LastGood = ({status}: {readonly status: StatusReport}) => {
	const now = useNow();
	const {lastGood} = status;
	if (!lastGood) {
		return (
			<Fact name="Last good backup">
				<Paint tone={status.overdue ? 'error' : 'plain'}>
					{status.total === 0 ? 'none yet' : 'none that is known to be good'}
				</Paint>
			</Fact>
		);
	}

	return (
		<Fact name="Last good backup">
			<Paint tone={status.overdue ? 'error' : 'ok'} strong>
				{relativeTime(lastGood.createdAt, Math.max(now, lastGood.createdAt))}
			</Paint>
			{`  ${formatDateTime(lastGood.createdAt)}  ${formatBytes(lastGood.bytes)}  ${healthText(lastGood.health)}`}
		</Fact>
	);
};

/** Rows of the newest backups that are worth more than blank rows. */
const fewestNewest = 4;

const Report = ({status, newest}: {readonly status: StatusReport; readonly newest: readonly BackupSummary[]}) => {
	const {symbols} = useDashboard();
	const trash = useModel(selectTrash);
	const recovery = useModel(selectRecovery);
	const {columns, rows} = useBodySize();
	const now = useNow();
	const {instance, store, leftovers, undo, restoreDisabled, lastGood, clockProblem} = status;
	const room = columns - factNameWidth;
	const missing = store.exists ? '' : ' (not there yet)';
	const overdue = overdueText(status, now);
	const fact = (name: string, text: string): ReactNode => (
		<Fact key={name + text} name={name}>
			{text}
		</Fact>
	);
	const warning = (text: string, tone: Tone = 'warning'): ReactNode => (
		<Paint key={text} tone={tone} strong={tone === 'error'}>
			{truncateEnd(`${symbols.overdue} ${safeText(text)}`, columns, symbols.ellipsis)}
		</Paint>
	);
	const version = instance.version === null ? 'version unknown' : instance.version;
	const running = instance.running === null ? '' : instance.running ? ', running' : ', not running';
	// One row each, the most urgent first: a small terminal shows as many as it has room for.
	const urgent: readonly ReactNode[] = [
		...(clockProblem === undefined ? [] : [warning(clockText(clockProblem), 'error')]),
		...(recovery ? [warning(recovery.text, recovery.isFailure ? 'error' : 'warning')] : []),
		...(overdue === undefined ? [] : [warning(overdue, 'error')]),
		...(leftovers.length === 0
			? []
			: [
					warning(
						`${plural(leftovers.length, 'thing')} left behind by an earlier run: press X to see what, and to clean up.`,
					),
				]),
		...(store.problem === '' ? [] : [warning(store.problem)]),
		...instance.problems.map(problem => warning(problem)),
	];
	const state: readonly ReactNode[] = [
		<LastGood key="last" status={status} />,
		...(lastGood === null ? [] : [fact('', truncateMiddle(safeText(lastGood.key), room, symbols.ellipsis))]),
		<Strip key="strip" days={status.days} />,
		<Legend key="legend" />,
	];
	const places: readonly ReactNode[] = [
		fact('Backups', countText(status)),
		...(trash === null || trash.length === 0
			? []
			: [fact('Trash', truncateEnd(trashCountText(trash), room, symbols.ellipsis))]),
		fact('Kept in', truncateMiddle(safeText(store.path), room - missing.length, symbols.ellipsis) + missing),
		fact(
			'',
			truncateEnd(
				`${spaceText(status)}${store.sameDevice ? ', on the same disk as the data' : ''}`,
				room,
				symbols.ellipsis,
			),
		),
		fact(
			'Print server',
			truncateEnd(
				`${safeText(kindTitle(instance.kind, instance.kindTitle))} ${version}${running}`,
				room,
				symbols.ellipsis,
			),
		),
		fact('Its data', truncateMiddle(safeText(instance.dataFolder), room, symbols.ellipsis)),
		...(undo === null
			? []
			: [
					fact(
						'Kept aside',
						truncateEnd(
							`the data replaced ${formatDateTime(undo.restoredAt)}: press u to bring it back`,
							room,
							symbols.ellipsis,
						),
					),
				]),
		...(restoreDisabled === null || restoreDisabled === ''
			? []
			: [
					fact(
						'Restoring',
						truncateEnd(
							`off: ${safeText(restoreDisabled.replace(/^Restoring is switched off: /, ''))}`,
							room,
							symbols.ellipsis,
						),
					),
				]),
	];
	const list: readonly ReactNode[] = [
		...newest.map(backup => (
			<Fact key={backupId(backup)} name={backup === newest[0] ? 'Newest' : ''}>
				{truncateEnd(
					`${padEnd(relativeTime(backup.createdAt, now), 14)} ${padStart(formatBytes(backup.bytes), 8)}  ${padEnd(originText(backup), 10)} `,
					room,
				)}
				<Paint tone={healthLooks[backup.health.type].tone}>{healthText(backup.health)}</Paint>
			</Fact>
		)),
	];
	const groups = Object.entries({urgent, state, places, list}).filter(([, group]) => group.length > 0);
	const needed = urgent.length + state.length + places.length + Math.min(list.length, fewestNewest) + groups.length;
	// Where there is room for it, a blank row parts what belongs together.
	const lines = groups.flatMap(([name, group]) => (needed <= rows ? [<Paint key={name}> </Paint>, ...group] : group));
	return <Box flexDirection="column">{lines.slice(0, rows)}</Box>;
};

/** The state at a glance, and the next keys. */
export const HomeScreen = () => {
	const {router} = useDashboard();
	const {rows} = useBodySize();
	const ordered = useModel(selectOrdered);
	const newest = useMemo(() => ordered.slice(0, rows), [ordered, rows]);
	const status = useModel(selectStatus);
	const newestGood = ordered.find(({health}) => health.type !== 'bad');
	const targetError = useModel(({targetError: error}) => error);
	const instance = useModel(({instance: found}) => found?.name ?? '');
	const hasTarget = useModel(({target}) => target !== null);
	const busy = useModel(selectBusy);
	const undo = useModel(selectUndo);
	const bringBack = useBringBack();
	useLayer({
		rank: 'screen',
		actions: hasTarget
			? {
					open: () => router.go({screen: 'backups'}),
					find: {
						run: () => {
							if (newestGood) {
								router.push({
									screen: 'find',
									source: {type: 'backup', key: newestGood.key, origin: newestGood.origin},
								});
							}
						},
						disabled: newestGood ? undefined : 'There is no backup yet that could be searched.',
					},
					trash: () => router.push({screen: 'trash'}),
					'back-up': {run: () => router.go({screen: 'create'}), disabled: busy},
					import: {run: () => router.push({screen: 'import'}), disabled: busy},
					undo: {run: () => router.openOverlay({type: 'undo'}), disabled: undo},
					'bring-back': bringBack,
				}
			: {},
	});
	return (
		<ScreenFrame>
			{targetError ? (
				<ErrorView error={targetError} instance={instance} />
			) : status ? (
				<Report status={status} newest={newest} />
			) : (
				<Paint>{hasTarget ? 'Reading the backup folder…' : 'Looking for the print server…'}</Paint>
			)}
		</ScreenFrame>
	);
};
