import {Box} from 'ink';
import type {ArchiveSource, Comparison} from '../../client/protocol.js';
import {safeText} from '../../format/safe-text.js';
import {truncateMiddle} from '../../format/truncate.js';
import type {CompareWith} from '../../state/start-jobs.js';
import {commandText, originOptions} from '../command-text.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {useAskedJob} from '../hooks/use-asked-job.js';
import {useLayer} from '../hooks/use-layer.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {useBodySize} from '../hooks/use-size.js';
import {selectBusy} from '../keys/disabled.js';
import {type LeftOutParts, type PlanFact, sourceName} from '../plan-facts.js';
import {type Look, PlanLook} from './plan-look.js';
import {PlanParts} from './plan-parts.js';

const nothingLeftOut: LeftOutParts = new Set();

const factsOf = ({warnings, proof, rightIsLive, counts}: Comparison): readonly PlanFact[] => [
	...(counts.added + counts.changed + counts.removed === 0
		? [{name: 'Result', text: 'No difference.', tone: 'ok'} as const]
		: [
				{
					name: 'Meaning',
					text: rightIsLive
						? 'what restoring this backup would add, change and remove'
						: 'what restoring the first one over the second would add, change and remove',
					tone: 'muted',
				} as const,
			]),
	...warnings.map(text => ({name: 'Note', text, tone: 'warning'}) as const),
	...(proof === 'crc32'
		? [{name: 'Note', text: 'One side has no hashes: files are compared by CRC-32 and size.', tone: 'warning'} as const]
		: []),
];

/** A backup against the present data or against another backup: counts, files, and lines of text. */
export const CompareScreen = ({left, right}: {readonly left: ArchiveSource; readonly right: CompareWith}) => {
	const {actions, router, symbols} = useDashboard();
	const {columns, rows} = useBodySize();
	const instance = useModel(({target}) => target?.instance.name ?? '');
	const busy = useModel(selectBusy);
	const [look, setLook] = useMemory<Look | null>('look', null);
	const [state, again] = useAskedJob('compare', JSON.stringify([left, right]), async () =>
		actions.compare(left, right),
	);
	const comparison = state.type === 'ready' ? state.result.comparison : null;
	const sources = right.type === 'live' ? [left] : [left, right];
	const command = commandText('compare', sources.map(sourceName), originOptions(sources));
	useLayer({
		rank: 'screen',
		actions: {
			...(state.type === 'planning' ? {} : {refresh: again}),
			...(comparison && look === null
				? {
						...(right.type === 'live'
							? {restore: {run: () => router.push({screen: 'plan', source: left}), disabled: busy}}
							: {}),
						'all-notes': () =>
							router.openOverlay({
								type: 'event',
								title: 'What to know about this comparison',
								lines: [...factsOf(comparison).map(({name, text}) => `${name}: ${text}`), `As a command: ${command}`],
							}),
					}
				: {}),
		},
	});
	const height = rows - 3;
	const body = (): React.ReactNode => {
		switch (state.type) {
			case 'planning':
				return <Paint>Comparing. Nothing is changed by that.</Paint>;
			case 'cancelled':
				return <Paint>The comparison was cancelled. R starts it again, Esc goes back.</Paint>;
			case 'failed':
				return <ErrorView error={state.error} instance={instance} />;
			case 'ready': {
				const {planId, parts} = state.result.comparison;
				return look ? (
					<PlanLook
						planId={planId}
						parts={parts}
						look={look}
						width={columns}
						height={height}
						onLook={next => setLook(() => next)}
					/>
				) : (
					<PlanParts
						parts={parts}
						facts={factsOf(state.result.comparison)}
						leftOut={nothingLeftOut}
						width={columns}
						height={height}
						onToggle={undefined}
						entersOnEnter
						onLook={part => setLook({part, kind: 'all'})}
					/>
				);
			}
		}
	};

	return (
		<ScreenFrame>
			<Box height={1}>
				<Paint strong tone="accent">
					{'Compare '}
				</Paint>
				<Paint strong>{truncateMiddle(safeText(sourceName(left)), columns - 8, symbols.ellipsis)}</Paint>
			</Box>
			<Paint>
				{truncateMiddle(
					`with ${safeText(right.type === 'live' ? `the present data${comparison ? ` in ${comparison.right}` : ''}` : sourceName(right))}`,
					columns,
					symbols.ellipsis,
				)}
			</Paint>
			<Box height={height} flexDirection="column" overflow="hidden">
				{body()}
			</Box>
			<Paint tone="muted">{truncateMiddle(`As a command: ${command}`, columns, symbols.ellipsis)}</Paint>
		</ScreenFrame>
	);
};
