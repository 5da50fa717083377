export type WaitOptions = {
	/** Milliseconds after which waiting fails. */
	readonly timeout?: number;
	/** Milliseconds between two looks. */
	readonly interval?: number;
	/** Says what was there instead, in the failure. */
	readonly describe?: () => string;
};

/**
 * Waits until a condition holds, looking at it again and again.
 * @returns the first value that is neither undefined, null nor false.
 */
export const waitFor = async <Value>(
	what: string,
	look: () => Value | undefined | null | false | Promise<Value | undefined | null | false>,
	{timeout = 15_000, interval = 25, describe}: WaitOptions = {},
): Promise<Value> => {
	const deadline = performance.now() + timeout;
	for (;;) {
		const value = await look();
		if (value !== undefined && value !== null && value !== false) {
			return value;
		}

		if (performance.now() > deadline) {
			throw new Error(`Waited ${timeout} ms for ${what}${describe === undefined ? '' : `; there was:\n${describe()}`}`);
		}

		await new Promise(resolve => {
			setTimeout(resolve, interval);
		});
	}
};
