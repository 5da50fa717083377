import type {Model} from '../../state/model.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useModel} from '../hooks/use-model.js';
import {useRouter} from '../hooks/use-router.js';
import {numberedScreens} from '../router.js';
import {disabledReason} from './disabled.js';
import type {ActionHandlers} from './layers.js';

const selectIsRunning = ({job}: Model): boolean => job !== null;
const selectCancelReason = (model: Model): string | undefined =>
	disabledReason('cancel-job', {model, backups: []}) ??
	(model.job?.cancelling ? 'The job is being cancelled already.' : undefined);
const selectRecoverReason = (model: Model): string | undefined => disabledReason('recover', {model, backups: []});
const selectHasLeftovers = ({status}: Model): boolean => (status?.leftovers.length ?? 0) > 0;
const selectHasTarget = ({target}: Model): boolean => target !== null;

/** The keys that count everywhere. What a screen or dialog binds itself comes first. */
export const useGlobalKeys = (): void => {
	const {router, actions, host, store} = useDashboard();
	const isRunning = useModel(selectIsRunning);
	const cancelReason = useModel(selectCancelReason);
	const recoverReason = useModel(selectRecoverReason);
	const hasLeftovers = useModel(selectHasLeftovers);
	const hasTarget = useModel(selectHasTarget);
	const canGoBack = useRouter(({stack}) => stack.length > 1 || stack[0]?.route.screen !== 'home');
	const isPushed = useRouter(({stack}) => stack.length > 1);
	const leaving = useRouter(state => state.leaving);
	const leave = (exitCode: number): void => {
		if (store.get().job === null) {
			host.quit(exitCode);
		} else if (router.get().leaving) {
			router.setLeaving(false);
		} else if (router.get().overlays.at(-1)?.type === 'quit') {
			// Asked twice without an answer: Ctrl+C means it.
			host.stop(exitCode);
		} else {
			router.openOverlay({type: 'quit', exitCode});
		}
	};

	const always = {
		interrupt: () => leave(130),
		repaint: () => host.repaint(),
		suspend: () => host.suspend(),
		quit: () => leave(0),
		help: () => router.openOverlay({type: 'help'}),
		// Whatever else is wrong, a plugin can be disabled.
		plugins: () => {
			if (router.get().stack.at(-1)?.route.screen !== 'plugins') {
				router.push({screen: 'plugins'});
			}
		},
		...(!hasTarget && isPushed ? {back: () => router.back()} : {}),
	} satisfies ActionHandlers;
	const withTarget = {
		'choose-screen': ({name}) => {
			const screen = numberedScreens[Number(name) - 1];
			if (screen) {
				router.go({screen});
			}
		},
		log: () => router.go({screen: 'log'}),
		refresh: () => {
			void actions.refresh();
			actions.toast('info', 'Reading everything again');
		},
		...(leaving ? {back: () => router.setLeaving(false)} : canGoBack ? {back: () => router.back()} : {}),
		...(isRunning ? {'cancel-job': {run: () => void actions.cancel(), disabled: cancelReason}} : {}),
		...(hasLeftovers ? {recover: {run: () => router.openOverlay({type: 'leftovers'}), disabled: recoverReason}} : {}),
	} satisfies ActionHandlers;
	useLayer({rank: 'global', actions: hasTarget ? {...withTarget, ...always} : always});
};
