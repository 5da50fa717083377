import {Text} from 'ink';
import {safeText} from '../../format/safe-text.js';
import {displayWidth} from '../../format/width.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import type {ActionHandlers, Rank} from '../keys/layers.js';
import type {TextEdit, TextState} from '../text-edit.js';
import {characters, editText, insertText} from '../text-edit.js';

const edits = [
	'erase',
	'erase-forward',
	'clear-field',
	'cursor-left',
	'cursor-right',
	'cursor-start',
	'cursor-end',
] as const satisfies readonly TextEdit[];

/** The part of the field that shows the cursor: characters before it, under it, and after it, in at most `width` cells. */
export const fieldView = (
	{value, cursor}: TextState,
	width: number,
): {readonly before: string; readonly under: string; readonly after: string} => {
	const shown = characters(value).map(character => safeText(character));
	const under = shown[cursor] ?? ' ';
	let room = width - displayWidth(under);
	let start = cursor;
	while (start > 0 && displayWidth(shown[start - 1] ?? '') <= room) {
		start--;
		room -= displayWidth(shown[start] ?? '');
	}

	let end = cursor + 1;
	while (end < shown.length && displayWidth(shown[end] ?? '') <= room) {
		room -= displayWidth(shown[end] ?? '');
		end++;
	}

	return {before: shown.slice(start, cursor).join(''), under, after: shown.slice(cursor + 1, end).join('')};
};

/** One line to type into. While it is focused, letters are text; Enter and Esc go to the handlers given. */
export const TextField = ({
	state,
	onChange,
	width,
	focused = true,
	rank = 'field',
	actions = {},
	placeholder = '',
}: {
	readonly state: TextState;
	readonly onChange: (change: (previous: TextState) => TextState) => void;
	/** Cells it may fill. */
	readonly width: number;
	readonly focused?: boolean;
	/** `overlay-field` inside a dialog. */
	readonly rank?: Extract<Rank, 'field' | 'overlay-field'>;
	/** What Enter, Esc and Tab do. */
	readonly actions?: ActionHandlers;
	/** Shown, muted, while nothing is typed. */
	readonly placeholder?: string;
}) => {
	const {theme} = useDashboard();
	const editing = Object.fromEntries(
		edits.map(edit => [edit, () => onChange(previous => editText(previous, edit))]),
	) satisfies ActionHandlers;
	useLayer(
		{
			rank,
			type: text => onChange(previous => insertText(previous, text)),
			actions: {...editing, ...actions},
		},
		{active: focused},
	);

	if (state.value === '' && placeholder !== '' && !focused) {
		return (
			<Text wrap="truncate-end" {...theme.style({tone: 'muted'})}>
				{placeholder}
			</Text>
		);
	}

	const {before, under, after} = fieldView(state, width - (theme.color ? 0 : 1));
	if (!focused) {
		return <Text wrap="truncate-end">{before + (under === ' ' ? '' : under) + after}</Text>;
	}

	return (
		<Text wrap="truncate-end">
			{before}
			{theme.color ? <Text inverse>{under}</Text> : `|${under}`}
			{after}
			{state.value === '' ? <Text {...theme.style({tone: 'muted'})}>{placeholder}</Text> : null}
		</Text>
	);
};
