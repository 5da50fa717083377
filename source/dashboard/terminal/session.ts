import type {Capabilities} from './capabilities.js';
import {noWrap, popTitle, pushTitle, setProgress, setTitle, showCursor, wrap} from './escapes.js';

/** What the dashboard changes on the terminal besides Ink's alternate screen, and how it is put back. */
export type TerminalSession = {
	/** Takes the terminal; again after a suspension. */
	readonly enter: () => void;
	/** Puts everything back. Safe to call more than once. */
	readonly leave: () => void;
	/** Shows a job in title and task bar; null when none runs. Writes only what changed. */
	readonly showJob: (job: {readonly title: string; readonly percent: number | null} | null) => void;
};

/** @param write writes to the terminal; must not throw when it is gone. */
export const createSession = (
	write: (text: string) => void,
	{title: hasTitle, progress: hasProgress}: Capabilities,
	idleTitle: string,
): TerminalSession => {
	let isEntered = false;
	let shownTitle = '';
	let shownProgress = '';
	const update = (title: string, progress: string): void => {
		let text = '';
		if (hasTitle && title !== shownTitle) {
			text += setTitle(title);
			shownTitle = title;
		}

		if (hasProgress && progress !== shownProgress && !(shownProgress === '' && progress === setProgress(null))) {
			text += progress;
			shownProgress = progress;
		}

		if (text !== '') {
			write(text);
		}
	};

	return {
		enter: () => {
			isEntered = true;
			shownTitle = '';
			write(`${hasTitle ? pushTitle : ''}${noWrap}`);
			update(idleTitle, setProgress(null));
		},
		leave: () => {
			if (!isEntered) {
				return;
			}

			isEntered = false;
			const progress = shownProgress === '' || shownProgress === setProgress(null) ? '' : setProgress(null);
			shownProgress = '';
			write(`${progress}${wrap}${hasTitle ? popTitle : ''}${showCursor}`);
		},
		showJob: job => {
			if (!isEntered) {
				return;
			}

			if (job === null) {
				update(idleTitle, setProgress(null));
			} else {
				update(
					job.percent === null ? job.title : `${Math.floor(job.percent)}% ${job.title}`,
					setProgress(job.percent ?? 'busy'),
				);
			}
		},
	};
};
