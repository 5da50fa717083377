/** Editing one line of text, as pure functions. The cursor counts characters as a person sees them. */
export type TextState = {readonly value: string; readonly cursor: number};

const segmenter = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

/** The characters of a text as a person sees them. */
export const characters = (text: string): readonly string[] => [...segmenter.segment(text)].map(({segment}) => segment);

/** A field with the cursor at the end. */
export const textOf = (value: string): TextState => ({value, cursor: characters(value).length});

const build = (before: readonly string[], after: readonly string[]): TextState => {
	const head = before.join('');
	// Joined characters can combine into one, so the cursor is counted anew.
	return {value: head + after.join(''), cursor: characters(head).length};
};

const split = ({value, cursor}: TextState): readonly [readonly string[], readonly string[]] => {
	const all = characters(value);
	return [all.slice(0, cursor), all.slice(cursor)];
};

/** Types or pastes text at the cursor. Line ends and control characters become nothing, so that a paste cannot press keys. */
export const insertText = (state: TextState, text: string): TextState => {
	const [before, after] = split(state);
	return build([...before, text.replaceAll(/[\r\n\t]+/gu, ' ').replaceAll(/\p{Cc}/gu, '')], after);
};

export type TextEdit =
	| 'erase'
	| 'erase-forward'
	| 'clear-field'
	| 'cursor-left'
	| 'cursor-right'
	| 'cursor-start'
	| 'cursor-end';

/** The field after an editing key. */
export const editText = (state: TextState, edit: TextEdit): TextState => {
	const [before, after] = split(state);
	switch (edit) {
		case 'erase':
			return build(before.slice(0, -1), after);
		case 'erase-forward':
			return build(before, after.slice(1));
		case 'clear-field':
			return {value: '', cursor: 0};
		case 'cursor-left':
			return {...state, cursor: Math.max(0, before.length - 1)};
		case 'cursor-right':
			return {...state, cursor: before.length + Math.min(1, after.length)};
		case 'cursor-start':
			return {...state, cursor: 0};
		case 'cursor-end':
			return {...state, cursor: before.length + after.length};
	}
};
