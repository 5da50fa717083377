import {useCallback, useEffect, useState} from 'react';
import {type ErrorData, toErrorData} from '../../errors.js';

/** Something that was asked for: on its way, there, or failed. */
export type Async<Value> =
	| {readonly type: 'loading'}
	| {readonly type: 'ready'; readonly value: Value}
	| {readonly type: 'failed'; readonly error: ErrorData};

const loading = {type: 'loading'} as const;

/**
 * Asks when the component appears and whenever `key` changes; answers to older questions are dropped.
 * @returns how it stands, and the function that asks again.
 */
export const useAsync = <Value>(key: string, load: () => Promise<Value>): readonly [Async<Value>, () => void] => {
	const [attempt, setAttempt] = useState(0);
	const [answer, setAnswer] = useState<{readonly key: string; readonly state: Async<Value>}>({key, state: loading});
	// biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is asked; `load` is written in place.
	useEffect(() => {
		let isWanted = true;
		const settle = (state: Async<Value>): void => {
			if (isWanted) {
				setAnswer({key, state});
			}
		};

		load().then(
			value => settle({type: 'ready', value}),
			(error: unknown) => settle({type: 'failed', error: toErrorData(error)}),
		);
		return () => {
			isWanted = false;
		};
	}, [key, attempt]);
	const reload = useCallback(() => setAttempt(previous => previous + 1), []);
	return [answer.key === key ? answer.state : loading, reload];
};
