import {Box, useApp} from 'ink';
import {useEffect, useRef} from 'react';
import {exitCodeOf} from '../errors.js';
import type {FinishedJob, Model} from '../state/model.js';
import {Footer} from './components/footer.js';
import {Header} from './components/header.js';
import {TooSmall} from './components/too-small.js';
import type {DashboardContextValue} from './dashboard-context.js';
import {DashboardContext, useDashboard} from './dashboard-context.js';
import {useAppearance} from './hooks/use-appearance.js';
import {EntryContext} from './hooks/use-memory.js';
import {useModel} from './hooks/use-model.js';
import {NowContext, useMinuteClock} from './hooks/use-now.js';
import {usePluginsAtWork} from './hooks/use-plugins-at-work.js';
import {useRouter} from './hooks/use-router.js';
import {BodySizeContext, minimumSize, type Size, useTerminalSize} from './hooks/use-size.js';
import {useGlobalKeys} from './keys/use-global-keys.js';
import {useKeys} from './keys/use-keys.js';
import {OverlayView} from './overlays/overlay-view.js';
import {PluginDialogOverlay} from './overlays/plugin-dialog.js';
import type {RouterState} from './router.js';
import {ScreenView} from './screens/screen-view.js';
import type {SuspendTerminal} from './terminal/suspension.js';

const selectStack = ({stack}: RouterState): RouterState['stack'] => stack;
const selectOverlays = ({overlays}: RouterState): RouterState['overlays'] => overlays;
const selectInstanceName = ({instance, target}: Model): string => instance?.name ?? target?.instance.name ?? '';

/** The exit code of leaving after a job: how it ended is what whoever waits wants to know. */
const exitCodeAfter = (job: FinishedJob | null): number =>
	job?.error ? exitCodeOf(job.error.code) : job?.outcome === 'partial' ? exitCodeOf('partial') : 0;

const useLeavingAfterJob = (): void => {
	const {host, store} = useDashboard();
	const leaving = useRouter(state => state.leaving);
	const isRunning = useModel(({job}) => job !== null);
	useEffect(() => {
		if (leaving && !isRunning) {
			host.quit(exitCodeAfter(store.get().lastJob));
		}
	}, [leaving, isRunning, host, store]);
};

/** Terminals differ in what they keep when they are resized; after it, everything is drawn anew. */
const useRepaintAfterResize = ({columns, rows}: Size): void => {
	const {host} = useDashboard();
	const drawn = useRef(`${columns}x${rows}`);
	useEffect(() => {
		if (drawn.current !== `${columns}x${rows}`) {
			drawn.current = `${columns}x${rows}`;
			host.repaint();
		}
	}, [columns, rows, host]);
};

const Shell = ({onTerminal}: {readonly onTerminal: (suspend: SuspendTerminal) => void}) => {
	const {actions, host} = useDashboard();
	const {columns, rows} = useTerminalSize();
	const stack = useRouter(selectStack);
	const overlays = useRouter(selectOverlays);
	const instance = useModel(selectInstanceName);
	const now = useMinuteClock();
	const {suspendTerminal} = useApp();
	useEffect(() => onTerminal(async () => suspendTerminal()), [onTerminal, suspendTerminal]);
	useKeys(reason => actions.toast('warning', reason));
	useGlobalKeys();
	useLeavingAfterJob();
	useRepaintAfterResize({columns, rows});
	const dialog = usePluginsAtWork();

	const isTooSmall = columns < minimumSize.columns || rows < minimumSize.rows;
	const entry = stack.at(-1);
	const root = stack.at(0);
	if (!entry || !root) {
		return null;
	}

	return (
		<NowContext value={now}>
			<BodySizeContext value={{columns, rows: Math.max(1, rows - 4)}}>
				{isTooSmall ? <TooSmall onQuit={() => host.quit(0)} /> : null}
				{/* Hidden, not gone: what is being typed is still there when the terminal grows again. */}
				<Box display={isTooSmall ? 'none' : 'flex'} flexDirection="column" width={columns} height={rows}>
					<Header width={columns} instance={instance} current={root.route.screen} />
					<EntryContext key={entry.id} value={entry}>
						<ScreenView route={entry.route} />
					</EntryContext>
					<Footer width={columns} />
					{overlays.map((overlay, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: overlays are a stack; the place is what they are.
						<OverlayView key={index} overlay={overlay} screen={entry.route.screen} />
					))}
					{dialog ? <PluginDialogOverlay key={`${dialog.plugin}/${dialog.screen}`} dialog={dialog} /> : null}
				</Box>
			</BodySizeContext>
		</NowContext>
	);
};

/** The whole dashboard. `onTerminal` is given the way to hand the terminal over. */
export const App = ({
	dashboard,
	onTerminal,
}: {
	readonly dashboard: DashboardContextValue;
	readonly onTerminal: (suspend: SuspendTerminal) => void;
}) => (
	<DashboardContext value={useAppearance(dashboard)}>
		<Shell onTerminal={onTerminal} />
	</DashboardContext>
);
