import {join} from 'node:path';
import {Box} from 'ink';
import type {ArchiveSource, RestoreMode} from '../../client/protocol.js';
import {formatDate} from '../../format/date-time.js';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import {resolvePath} from '../../settings/paths.js';
import type {FinishedJob, Model} from '../../state/model.js';
import {finishedLines, finishedText} from '../../state/result-text.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {TextField} from '../components/text-field.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {usePlan} from '../hooks/use-plan.js';
import {useScroll} from '../hooks/use-scroll.js';
import {useBodySize} from '../hooks/use-size.js';
import {disabledReason} from '../keys/disabled.js';
import {
	chosenParts,
	type LeftOutParts,
	planFacts,
	refusal,
	restoreCommand,
	restoreModes,
	sourceName,
} from '../plan-facts.js';
import type {RestoreDecision} from '../router.js';
import {type TextState, textOf} from '../text-edit.js';
import {type Look, PlanLook} from './plan-look.js';
import {PlanParts} from './plan-parts.js';

const selectBusy = (model: Model): string | undefined => disabledReason('back-up', {model, backups: []});
const selectUndo = (model: Model): string | undefined => disabledReason('undo', {model, backups: []});
const selectTarget = ({target}: Model): Model['target'] => target;
const selectJob = ({job}: Model): string | null => job?.id ?? null;
const selectLast = ({lastJob}: Model): FinishedJob | null => lastJob;
const nothingLeftOut: LeftOutParts = new Set();
const nothingKept: readonly string[] = [];

const outcomeTones = {done: 'ok', partial: 'warning', failed: 'error', cancelled: 'warning'} as const;

/** How the restore ended, and what to do now. */
const Outcome = ({
	job,
	width,
	height,
}: {
	readonly job: FinishedJob;
	readonly width: number;
	readonly height: number;
}) => {
	const {router} = useDashboard();
	const undo = useModel(selectUndo);
	const isInPlace = job.result?.type === 'restore' && job.result.inPlace;
	const lines = finishedLines(job).flatMap(line => wrapText(safeText(line), width));
	const scroll = useScroll('outcome', lines.length, height - 3);
	useLayer({
		rank: 'pane',
		actions: {
			...scroll.actions,
			'go-on': () => router.go({screen: 'home'}),
			...(isInPlace ? {undo: {run: () => router.openOverlay({type: 'undo'}), disabled: undo}} : {}),
		},
	});
	return (
		<Box flexDirection="column">
			<Paint tone={outcomeTones[job.outcome]} strong>
				{truncateEnd(safeText(finishedText(job)), width)}
			</Paint>
			<Paint> </Paint>
			{lines.slice(scroll.offset, scroll.offset + height - 3).map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
				<Paint key={index}>{line}</Paint>
			))}
		</Box>
	);
};

/** What a restore would do, looked at before anything is done. */
export const PlanScreen = ({
	source,
	files,
}: {
	readonly source: ArchiveSource;
	/** The only paths to restore; everything when missing. */
	readonly files?: readonly string[] | undefined;
}) => {
	const {router, symbols, clock, environment} = useDashboard();
	const {columns, rows} = useBodySize();
	const target = useModel(selectTarget);
	const busy = useModel(selectBusy);
	const jobId = useModel(selectJob);
	const lastJob = useModel(selectLast);
	const [to, setTo] = useMemory<string | undefined>('to', undefined);
	const [folder, setFolder] = useMemory<TextState | null>('folder', null);
	const [leftOut, setLeftOut] = useMemory('left-out', nothingLeftOut);
	const [look, setLook] = useMemory<Look | null>('look', null);
	const [mode, setMode] = useMemory<RestoreMode>('mode', 'replace');
	const [keepSettings, setKeepSettings] = useMemory<readonly string[]>('keep-settings', nothingKept);
	const [restoreId, setRestoreId] = useMemory<string | null>('restore-job', null);
	const isInPlace = to === undefined;
	const [state, again] = usePlan({
		source,
		...(to === undefined ? {} : {to}),
		...(files === undefined ? {mode: isInPlace ? mode : 'replace'} : {files}),
		...(isInPlace && keepSettings.length > 0 ? {keepSettings} : {}),
	});

	const plan = state.type === 'ready' ? state.plan : null;
	const isRestoring = restoreId !== null && jobId === restoreId;
	const outcome = restoreId !== null && lastJob?.id === restoreId ? lastJob : null;
	const decision: RestoreDecision | null = plan && {
		source,
		plan,
		to,
		parts: leftOut.size === 0 || files ? undefined : chosenParts(plan, leftOut).map(({name}) => name),
		files,
		mode: isInPlace ? mode : 'replace',
		keepSettings: isInPlace ? keepSettings : [],
	};
	const command = decision ? restoreCommand(decision) : '';
	const canChoose = decision !== null && !isRestoring && outcome === null;
	const ask = (): void => {
		if (decision) {
			router.openOverlay({type: 'restore', choice: decision, onStart: id => setRestoreId(id)});
		}
	};

	const home = environment.HOME ?? '/';
	const suggestion = join(home, `${target?.instance.name ?? 'data'}-restored-${formatDate(clock.now())}`);
	useLayer({
		rank: 'screen',
		actions: {
			...(canChoose && look === null
				? {
						start: {run: ask, disabled: busy ?? refusal(decision.plan, leftOut)},
						...(decision.plan.activityRefusal === ''
							? {}
							: {override: {run: ask, disabled: busy ?? refusal(decision.plan, leftOut, true)}}),
						...(decision.plan.inPlace && files === undefined
							? {
									mode: () => {
										// Everything is exact only when everything is restored.
										setLeftOut(() => nothingLeftOut);
										setMode(
											previous => restoreModes[(restoreModes.indexOf(previous) + 1) % restoreModes.length] ?? 'replace',
										);
									},
								}
							: {}),
						...(decision.plan.inPlace && decision.plan.machineSettings.length > 0
							? {
									'keep-settings': () =>
										router.openOverlay({
											type: 'keep-settings',
											settings: decision.plan.machineSettings,
											kept: keepSettings,
											onDone: kept => setKeepSettings(() => kept),
										}),
								}
							: {}),
						'to-folder': () => (to === undefined ? setFolder(textOf(suggestion)) : setTo(() => undefined)),
					}
				: {}),
			...(state.type !== 'planning' && !isRestoring && outcome === null ? {refresh: again} : {}),
			...(plan && look === null && outcome === null && !isRestoring
				? {
						'all-notes': () =>
							router.openOverlay({
								type: 'event',
								title: 'What to know about this restore',
								lines: [
									...planFacts(plan).map(({name, text}) => (name === '' ? text : `${name}: ${text}`)),
									...(command === '' ? [] : [`As a command: ${command}`]),
								],
							}),
					}
				: {}),
		},
	});

	const title =
		files === undefined ? 'Restore ' : `Restore ${files.length === 1 ? 'one entry' : `${files.length} entries`} of `;
	const where = plan
		? plan.inPlace
			? `${plan.destination} (in place)`
			: `${plan.destination} (another folder; t goes back in place)`
		: (to ?? target?.instance.dataFolder ?? '');
	const height = rows - 3;
	const body = (): React.ReactNode => {
		if (outcome) {
			return <Outcome job={outcome} width={columns} height={height} />;
		}

		if (isRestoring) {
			return <Paint>Restoring. Nothing live is touched before everything is unpacked and checked.</Paint>;
		}

		switch (state.type) {
			case 'planning':
				return <Paint>Comparing the backup with what is there. Nothing is changed by that.</Paint>;
			case 'cancelled':
				return <Paint>The comparison was cancelled. R starts it again, Esc goes back.</Paint>;
			case 'failed':
				return <ErrorView error={state.error} instance={target?.instance.name ?? ''} />;
			case 'ready':
				return look ? (
					<PlanLook
						planId={state.plan.planId}
						parts={state.plan.parts}
						look={look}
						width={columns}
						height={height}
						onLook={next => setLook(() => next)}
					/>
				) : (
					<PlanParts
						parts={state.plan.parts}
						facts={planFacts(state.plan)}
						leftOut={leftOut}
						width={columns}
						height={height}
						noToggle={
							mode === 'exact' && files === undefined && isInPlace
								? 'Everything is exact only when everything is restored: m changes that.'
								: undefined
						}
						onToggle={
							canChoose && files === undefined && (mode !== 'exact' || !isInPlace)
								? part =>
										setLeftOut(previous => {
											const next = new Set(previous);
											if (!next.delete(part)) {
												next.add(part);
											}

											return next;
										})
								: undefined
						}
						onLook={part => setLook({part, kind: 'all'})}
					/>
				);
		}
	};

	return (
		<ScreenFrame
			message={
				folder === null ? undefined : (
					<Box height={1} width={columns}>
						<Paint tone="accent">{'Restore into: '}</Paint>
						<TextField
							state={folder}
							width={columns - 14}
							onChange={change => setFolder(previous => (previous === null ? null : change(previous)))}
							actions={{
								submit: () => {
									const path = folder.value.trim();
									if (path !== '') {
										setTo(() => resolvePath(path, home, home));
										setLeftOut(() => nothingLeftOut);
									}

									setFolder(() => null);
								},
								back: () => setFolder(() => null),
							}}
						/>
					</Box>
				)
			}
		>
			<Box height={1}>
				<Paint strong tone="accent">
					{title}
				</Paint>
				<Paint strong>{truncateMiddle(safeText(sourceName(source)), columns - title.length, symbols.ellipsis)}</Paint>
			</Box>
			<Paint>{truncateMiddle(`into ${safeText(where)}`, columns, symbols.ellipsis)}</Paint>
			<Box height={height} flexDirection="column" overflow="hidden">
				{body()}
			</Box>
			<Paint tone="muted">
				{command === '' || outcome || isRestoring
					? ' '
					: truncateMiddle(`As a command: ${command}`, columns, symbols.ellipsis)}
			</Paint>
		</ScreenFrame>
	);
};
