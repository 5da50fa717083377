import {useEffect, useState} from 'react';
import type {Page} from '../../client/protocol.js';
import {type ErrorData, toErrorData} from '../../errors.js';

/** A long list that arrives page by page. */
export type Pages<Item> = {
	readonly items: readonly Item[];
	readonly total: number | null;
	readonly error: ErrorData | null;
};

const nothing = {items: [], total: null, error: null} as const;

const pageLimit = 200;

/** Reads all pages of a list, one after the other, from when the component appears and again when `key` changes. */
export const usePages = <Item>(
	key: string,
	load: (page: {readonly offset: number; readonly limit: number}) => Promise<Page<Item>>,
): Pages<Item> => {
	const [answer, setAnswer] = useState<{readonly key: string; readonly pages: Pages<Item>}>({key, pages: nothing});
	// biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is asked; `load` is written in place.
	useEffect(() => {
		let isWanted = true;
		const readAll = async (): Promise<void> => {
			let items: readonly Item[] = [];
			try {
				for (let isComplete = false; !isComplete && isWanted; ) {
					const page = await load({offset: items.length, limit: pageLimit});
					items = [...items, ...page.items];
					isComplete = page.items.length === 0 || items.length >= page.total;
					if (isWanted) {
						setAnswer({key, pages: {items, total: page.total, error: null}});
					}
				}
			} catch (error) {
				if (isWanted) {
					setAnswer({key, pages: {items, total: null, error: toErrorData(error)}});
				}
			}
		};

		void readAll();
		return () => {
			isWanted = false;
		};
	}, [key]);
	return answer.key === key ? answer.pages : nothing;
};
