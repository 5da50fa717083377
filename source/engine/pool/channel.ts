/** A queue between somebody who makes things and somebody who uses them in order, both on this thread. */
export type Channel<Item> = AsyncIterable<Item> & {
	readonly push: (item: Item) => void;
	/** No more will come; with an error, that is thrown after what was pushed before it. */
	readonly end: (error?: unknown) => void;
	/** Takes out what nobody has taken yet. */
	readonly takeRest: () => readonly Item[];
};

export const createChannel = <Item>(): Channel<Item> => {
	const items: Item[] = [];
	let ended: {readonly error: unknown} | null = null;
	let wake: () => void = () => undefined;
	return {
		push(item) {
			items.push(item);
			wake();
		},
		end(error) {
			ended ??= {error};
			wake();
		},
		takeRest: () => items.splice(0),
		async *[Symbol.asyncIterator]() {
			while (true) {
				if (items.length > 0) {
					yield items.shift() as Item;
				} else if (ended) {
					if (ended.error !== undefined) {
						throw ended.error;
					}

					return;
				} else {
					await new Promise<void>(resolve => {
						wake = resolve;
					});
				}
			}
		},
	};
};
