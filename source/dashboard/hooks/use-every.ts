import {useEffect, useState} from 'react';

/** Grows by one every so many milliseconds, as long as the component is there. */
export const useEvery = (milliseconds: number): number => {
	const [turn, setTurn] = useState(0);
	useEffect(() => {
		const timer = setInterval(() => setTurn(previous => previous + 1), milliseconds);
		return () => clearInterval(timer);
	}, [milliseconds]);
	return turn;
};
