import {useEffect} from 'react';
import type {ErrorData} from '../../errors.js';
import type {ScreenBlock} from '../../plugins/api.js';
import type {Model} from '../../state/model.js';
import {useDashboard} from '../dashboard-context.js';
import {useAsync} from './use-async.js';
import {useEvery} from './use-every.js';
import {useMemory} from './use-memory.js';
import {useModel} from './use-model.js';

export type PluginContent =
	| {readonly type: 'loading'}
	| {readonly type: 'ready'; readonly blocks: readonly ScreenBlock[]}
	| {readonly type: 'failed'; readonly error: ErrorData};

const minute = 60_000;
const selectJobs = ({job, lastJob, lastPlan, target}: Model): string =>
	[job?.id, lastJob?.id, lastPlan?.id, target?.store].join(' ');
const loading = {type: 'loading'} as const;

const isSame = (left: unknown, right: unknown): boolean =>
	left === right || JSON.stringify(left) === JSON.stringify(right);

/**
 * What is on a plugin’s screen: asked when it is shown, when a job begins or ends, and once a minute. While it is asked again, what was there stays.
 * @returns how it stands, and the function that asks again.
 */
export const usePluginContent = (plugin: string, screen: string): readonly [PluginContent, () => void] => {
	const {actions} = useDashboard();
	const jobs = useModel(selectJobs);
	const turn = useEvery(minute);
	const [known, setKnown] = useMemory<readonly ScreenBlock[] | null>(`content:${plugin}/${screen}`, null);
	const [state, again] = useAsync(`${plugin}/${screen} ${jobs} ${turn}`, async () =>
		actions.pluginScreen(plugin, screen),
	);
	useEffect(() => {
		if (state.type === 'ready') {
			// The same content is the same list, so that nothing is laid out anew.
			setKnown(previous => (isSame(previous, state.value) ? previous : state.value));
		}
	}, [state, setKnown]);
	switch (state.type) {
		case 'failed':
			return [{type: 'failed', error: state.error}, again];
		case 'ready':
			return [{type: 'ready', blocks: known !== null && isSame(known, state.value) ? known : state.value}, again];
		case 'loading':
			return [known === null ? loading : {type: 'ready', blocks: known}, again];
	}
};
