import {Box} from 'ink';
import type {ReactNode} from 'react';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd} from '../../format/truncate.js';
import {Paint} from '../components/paint.js';
import {TextField} from '../components/text-field.js';
import {useDashboard} from '../dashboard-context.js';
import {filterWords} from '../filter-words.js';
import type {ActionHandlers} from '../keys/layers.js';
import type {TextState} from '../text-edit.js';
import {textOf} from '../text-edit.js';
import {useMemory} from './use-memory.js';

type FilterState = {readonly text: TextState; readonly isEditing: boolean};

const noFilter: FilterState = {text: textOf(''), isEditing: false};

export type Filter = {
	/** As typed; `filterWords` takes it apart. */
	readonly value: string;
	readonly isEditing: boolean;
	/** The keys of the screen: `/`, and Esc while there is a filter. */
	readonly actions: ActionHandlers;
	/** The field for the message line, while it is being typed into; give it how many match. */
	readonly field: (count: string, width: number) => ReactNode;
	/** What the message line says about a filter that is kept. */
	readonly note: (count: string) => string;
};

/** A filter of words over a list. It stays when the screen is left. */
export const useFilter = (): Filter => {
	const {symbols} = useDashboard();
	const [{text, isEditing}, set] = useMemory<FilterState>('filter', noFilter);
	return {
		value: text.value,
		isEditing,
		actions: {
			filter: () => set(previous => ({text: textOf(previous.text.value), isEditing: true})),
			...(filterWords(text.value).length > 0 ? {back: () => set(noFilter)} : {}),
		},
		field: (count, width) =>
			isEditing ? (
				<Box height={1} width={width}>
					<Paint tone="accent">{'Filter: '}</Paint>
					<TextField
						state={text}
						width={width - 10 - count.length}
						onChange={change => set(previous => ({...previous, text: change(previous.text)}))}
						actions={{
							submit: () => set(previous => ({...previous, isEditing: false})),
							back: () => set(noFilter),
						}}
					/>
					<Paint tone="muted">{`  ${count}`}</Paint>
				</Box>
			) : undefined,
		note: count =>
			filterWords(text.value).length === 0
				? ''
				: `Filter: ${truncateEnd(safeText(text.value), 30, symbols.ellipsis)}  ${count}  (Esc clears it)`,
	};
};
