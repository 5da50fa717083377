import {useEffect, useRef, useState} from 'react';
import {safeText} from '../../format/safe-text.js';
import type {PluginRecordData} from '../../plugins/api.js';
import {useDashboard} from '../dashboard-context.js';
import {answerLines} from '../plugin-answer.js';

export type PluginAction = {
	readonly title: string;
	readonly command: string;
	readonly data?: PluginRecordData | undefined;
	readonly confirm?: string | undefined;
};

/** Longer answers, and those of several lines, are shown in a dialog. */
const longestToast = 60;

/**
 * Runs commands of a plugin, one at a time, after the question where there is one. What it answers is shown: one line as a message, more in a dialog.
 * @param onDone is called when the plugin may have something new to show.
 * @returns the function that runs one, and the title of the one that is running.
 */
export const usePluginCommand = (
	plugin: string,
	onDone: () => void,
): readonly [(action: PluginAction) => void, string | null] => {
	const {actions, router, clock} = useDashboard();
	const [running, setRunning] = useState<string | null>(null);
	const isHere = useRef(true);
	useEffect(() => {
		isHere.current = true;
		return () => {
			isHere.current = false;
		};
	}, []);

	const run = async ({title, command, data = {}}: PluginAction): Promise<void> => {
		const shown = safeText(title);
		setRunning(shown);
		actions.toast('info', `${shown}...`);
		const result = await actions.pluginCommand(plugin, command, data);
		if (isHere.current) {
			setRunning(null);
		}

		if (result.type === 'answer') {
			const [first = '', ...more] = answerLines(result.value);
			if (first === '' && more.length === 0) {
				actions.toast('info', `${shown}: done`);
			} else {
				actions.dispatch({
					type: 'noted',
					level: 'info',
					at: clock.now(),
					text: `${plugin}: ${shown}`,
					detail: [first, ...more],
				});
				const isShort = more.length === 0 && first.length <= longestToast;
				if (isShort || !isHere.current || router.get().overlays.length > 0) {
					actions.toast('info', `${shown}: ${first}`);
				} else {
					router.openOverlay({type: 'event', title: shown, lines: [first, ...more]});
				}
			}
		}

		onDone();
		void actions.refreshPlugins();
	};

	return [
		action => {
			if (action.confirm === undefined) {
				void run(action);
			} else {
				router.openOverlay({
					type: 'plugin-confirm',
					title: action.title,
					question: action.confirm,
					onYes: () => void run(action),
				});
			}
		},
		running,
	];
};
