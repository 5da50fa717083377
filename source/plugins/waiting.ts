/** Waits that have an end. */

/** Waits for something, but no longer than so many milliseconds; how it ended is not asked. */
export const within = async (work: Promise<unknown>, milliseconds: number): Promise<void> => {
	const {promise, resolve} = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, milliseconds);
	work.finally(resolve);
	await promise;
	clearTimeout(timer);
};

/** Waits for something, but no longer than until the signal says so. */
export const unlessAborted = async (
	work: Promise<void> | undefined,
	signal: AbortSignal | undefined,
): Promise<void> => {
	signal?.throwIfAborted();
	const {promise: aborted, reject} = Promise.withResolvers<never>();
	const onAbort = (): void => reject(signal?.reason);
	signal?.addEventListener('abort', onAbort, {once: true});
	try {
		await Promise.race([work, aborted]);
	} finally {
		signal?.removeEventListener('abort', onAbort);
	}
};
