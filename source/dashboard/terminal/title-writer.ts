import type {Model} from '../../state/model.js';
import type {Store} from '../../state/store.js';
import {selectJob} from '../job-view.js';
import type {TerminalSession} from './session.js';

const intervalMilliseconds = 1000;

/**
 * Keeps the window's title and progress at what the job is doing, at most once a second; the end of a job shows at once.
 * @returns the function that stops it.
 */
export const titleWriter = ({get, subscribe}: Store<Model>, session: TerminalSession): (() => void) => {
	let timer: NodeJS.Timeout | undefined;
	const show = (): void => {
		session.showJob(selectJob(get()));
	};

	const unsubscribe = subscribe(() => {
		if (get().job === null) {
			clearTimeout(timer);
			timer = undefined;
			show();
		} else if (timer === undefined) {
			show();
			timer = setTimeout(() => {
				timer = undefined;
				show();
			}, intervalMilliseconds);
		}
	});
	return () => {
		clearTimeout(timer);
		unsubscribe();
	};
};
