/** Waits, as long as nobody says to stop. @returns false when it was cut short. */
export const pause = async (milliseconds: number, signal: AbortSignal): Promise<boolean> =>
	new Promise(resolve => {
		if (signal.aborted) {
			resolve(false);
			return;
		}

		const end = (isOver: boolean): void => {
			clearTimeout(timer);
			signal.removeEventListener('abort', onAbort);
			resolve(isOver);
		};
		const onAbort = (): void => end(false);
		const timer = setTimeout(() => end(true), milliseconds);
		signal.addEventListener('abort', onAbort, {once: true});
	});
