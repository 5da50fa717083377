import {createContext, useContext, useEffect, useState} from 'react';
import {useDashboard} from '../dashboard-context.js';

/** The time for "3 h ago", which changes once a minute. */
export const NowContext = createContext(0);

/** Milliseconds since the epoch, at most a minute old. */
export const useNow = (): number => useContext(NowContext);

const minute = 60_000;

/** The source of `useNow`, for the top of the tree. An unchanged screen is not written again. */
export const useMinuteClock = (): number => {
	const {clock, store} = useDashboard();
	const [now, setNow] = useState(() => clock.now());
	useEffect(() => {
		const timer = setInterval(() => setNow(clock.now()), minute);
		// What happens in between, a finished backup, is told with the time it happened at.
		const unsubscribe = store.subscribe(() =>
			setNow(previous => (clock.now() - previous > 10_000 ? clock.now() : previous)),
		);
		return () => {
			clearInterval(timer);
			unsubscribe();
		};
	}, [clock, store]);
	return now;
};
