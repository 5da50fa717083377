/** Lets a number of things be under way at once, so that memory stays bounded however much there is to do. */
export type Turnstile = {
	/** Waits for a place. @returns false when the turnstile was closed */
	readonly enter: () => Promise<boolean>;
	readonly leave: () => void;
	/** Lets nobody in any more. */
	readonly close: () => void;
};

export const createTurnstile = (places: number): Turnstile => {
	let free = places;
	let isClosed = false;
	const waiting: ((isIn: boolean) => void)[] = [];
	return {
		async enter() {
			if (isClosed) {
				return false;
			}

			if (free > 0) {
				free--;
				return true;
			}

			return new Promise(resolve => {
				waiting.push(resolve);
			});
		},
		leave() {
			const next = waiting.shift();
			if (next) {
				next(true);
			} else {
				free++;
			}
		},
		close() {
			isClosed = true;
			for (const resolve of waiting.splice(0)) {
				resolve(false);
			}
		},
	};
};
