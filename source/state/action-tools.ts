/** What all actions of the dashboard share. */
import type {Client} from '../client/client.js';
import type {Target} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import {type ErrorData, toErrorData} from '../errors.js';
import type {Model} from './model.js';
import {type ModelEvent, reduce} from './reduce.js';
import {errorLines} from './result-text.js';
import type {Store} from './store.js';

export type ActionTools = {
	readonly client: Client;
	readonly store: Store<Model>;
	readonly dispatch: (event: ModelEvent) => void;
	/** Shows an error as a toast, notes it in the log, and returns it as data. */
	readonly complain: (error: unknown, doing: string) => ErrorData;
	readonly target: () => Target | null;
	/** True while the answer to a question about this target still belongs to what is on the screen. */
	readonly isCurrent: (asked: Target) => boolean;
};

/** Makes the tools. */
export const createTools = ({
	client,
	store,
	clock,
}: {
	readonly client: Client;
	readonly store: Store<Model>;
	readonly clock: Clock;
}): ActionTools => {
	const dispatch = (event: ModelEvent): void => store.set(reduce(store.get(), event));

	const complain = (error: unknown, doing: string): ErrorData => {
		const data = toErrorData(error, doing);
		dispatch({
			type: 'noted',
			level: 'error',
			at: clock.now(),
			text: data.message,
			detail: errorLines(data),
		});
		dispatch({type: 'toast', level: 'error', text: data.hint === '' ? data.message : `${data.message} ${data.hint}`});
		return data;
	};

	const target = (): Target | null => store.get().target;

	const isCurrent = (asked: Target): boolean =>
		target()?.store === asked.store && target()?.instance.dataFolder === asked.instance.dataFolder;

	return {client, store, dispatch, complain, target, isCurrent};
};
