import {Box, Text} from 'ink';
import {memo, type ReactNode} from 'react';
import type {StatusReport} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {formatAge} from '../../format/relative-time.js';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import type {Model} from '../../state/model.js';
import {healthText} from '../backup-text.js';
import {ErrorView} from '../components/error-view.js';
import {Fact, factNameWidth} from '../components/fact.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useModel} from '../hooks/use-model.js';
import {useNow} from '../hooks/use-now.js';
import {useBodySize} from '../hooks/use-size.js';
import {disabledReason} from '../keys/disabled.js';
import {countText, dayLooks, overdueText, spaceText} from './home-facts.js';

const selectStatus = ({status}: Model): StatusReport | null => status;
const selectBusy = (model: Model): string | undefined => disabledReason('back-up', {model, backups: []});
const selectUndo = (model: Model): string | undefined => disabledReason('undo', {model, backups: []});

/** Fourteen days, each with a mark, and below it what the marks mean. */
const Strip = memo(({days}: {readonly days: StatusReport['days']}) => {
	const {theme, symbols} = useDashboard();
	const first = days.at(0)?.date ?? '';
	return (
		<>
			<Fact name="Last 14 days">
				{days.map(({date, state}) => (
					<Text key={date} {...theme.style({tone: dayLooks[state].tone, strong: state === 'overdue'})}>
						{`${symbols[dayLooks[state].symbol]} `}
					</Text>
				))}
				<Text {...theme.style({tone: 'muted'})}>{` ${first} to today`}</Text>
			</Fact>
			<Fact name="">
				{Object.values(dayLooks).map(({symbol, tone, word}) => (
					<Text key={word} {...theme.style({tone: 'muted'})}>
						<Text {...theme.style({tone})}>{symbols[symbol]}</Text>
						{` ${word}  `}
					</Text>
				))}
			</Fact>
		</>
	);
});
Strip.displayName = 'Strip';

const LastGood = ({status, width}: {readonly status: StatusReport; readonly width: number}) => {
	const {symbols} = useDashboard();
	const now = useNow();
	const {lastGood} = status;
	if (!lastGood) {
		return <Fact name="Last good backup">{status.total === 0 ? 'none yet' : 'none that is known to be good'}</Fact>;
	}

	const age = formatAge(Math.max(0, now - lastGood.createdAt));
	return (
		<>
			<Fact name="Last good backup">
				<Paint tone={status.overdue ? 'error' : 'ok'} strong>
					{age === 'just now' ? age : `${age} ago`}
				</Paint>
				{`  ${formatDateTime(lastGood.createdAt)}  ${formatBytes(lastGood.bytes)}  ${healthText(lastGood.health)}`}
			</Fact>
			<Fact name="">{truncateMiddle(safeText(lastGood.key), width - factNameWidth, symbols.ellipsis)}</Fact>
		</>
	);
};

const Report = ({status, width}: {readonly status: StatusReport; readonly width: number}) => {
	const {symbols} = useDashboard();
	const now = useNow();
	const {instance, store, leftovers, undo, restoreDisabled} = status;
	const room = width - factNameWidth;
	const overdue = overdueText(status, now);
	const warning = (name: string, text: string): ReactNode => (
		<Fact key={name + text} name={name}>
			<Paint tone="warning">{truncateEnd(`${symbols.overdue} ${safeText(text)}`, room, symbols.ellipsis)}</Paint>
		</Fact>
	);
	const version = instance.version === null ? 'version unknown' : instance.version;
	const running = instance.running === null ? '' : instance.running ? ', running' : ', not running';
	return (
		<Box flexDirection="column">
			<Paint tone="error" strong>
				{overdue === undefined ? ' ' : truncateEnd(`${symbols.overdue} ${overdue}`, width, symbols.ellipsis)}
			</Paint>
			<LastGood status={status} width={width} />
			<Strip days={status.days} />
			<Fact name="Backups">{countText(status)}</Fact>
			<Fact name="Kept in">{truncateMiddle(safeText(store.path), room, symbols.ellipsis)}</Fact>
			<Fact name="">{spaceText(status)}</Fact>
			{store.problem === '' ? null : warning('', store.problem)}
			{store.sameDevice
				? warning('', 'Same disk as the data: when it dies, both are lost. Export copies elsewhere.')
				: null}
			<Fact name="Print server">
				{truncateEnd(
					`${instance.kind === 'octoprint' ? 'OctoPrint' : instance.kind} ${version}${running}`,
					room,
					symbols.ellipsis,
				)}
			</Fact>
			<Fact name="Its data">{truncateMiddle(safeText(instance.dataFolder), room, symbols.ellipsis)}</Fact>
			{instance.problems.map(problem => warning('', problem))}
			{leftovers.length === 0
				? null
				: warning(
						'Left behind',
						`${plural(leftovers.length, 'thing')} of an earlier run: press X to see and clean up.`,
					)}
			{undo === null ? null : (
				<Fact name="Last restore">
					{truncateEnd(`${formatDateTime(undo.restoredAt)}: press u to undo it`, room, symbols.ellipsis)}
				</Fact>
			)}
			{restoreDisabled === null || restoreDisabled === '' ? null : warning('Restoring', restoreDisabled)}
		</Box>
	);
};

/** The state at a glance, and the next keys. */
export const HomeScreen = () => {
	const {router} = useDashboard();
	const {columns} = useBodySize();
	const status = useModel(selectStatus);
	const targetError = useModel(({targetError: error}) => error);
	const instance = useModel(({instance: found}) => found?.name ?? '');
	const hasTarget = useModel(({target}) => target !== null);
	const busy = useModel(selectBusy);
	const undo = useModel(selectUndo);
	useLayer({
		rank: 'screen',
		actions: hasTarget
			? {
					open: () => router.go({screen: 'backups'}),
					'back-up': {run: () => router.go({screen: 'create'}), disabled: busy},
					import: {run: () => router.push({screen: 'import'}), disabled: busy},
					undo: {run: () => router.openOverlay({type: 'undo'}), disabled: undo},
				}
			: {},
	});
	return (
		<ScreenFrame>
			{targetError ? (
				<ErrorView error={targetError} instance={instance} />
			) : status ? (
				<Report status={status} width={columns} />
			) : (
				<Paint>{hasTarget ? 'Reading the backup folder…' : 'Looking for the print server…'}</Paint>
			)}
		</ScreenFrame>
	);
};
