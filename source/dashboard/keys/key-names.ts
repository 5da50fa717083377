import type {Key} from 'ink';

/** One press of a key. */
export type KeyPress = {
	/** Name in the binding table: `up`, `ctrl+u`, `enter`, `space`, `a`, `A`, `?`. Empty when the key has no name. */
	readonly name: string;
	/** What it types into a field; empty for keys that type nothing. */
	readonly text: string;
};

const named = {
	upArrow: 'up',
	downArrow: 'down',
	leftArrow: 'left',
	rightArrow: 'right',
	pageUp: 'pageup',
	pageDown: 'pagedown',
	home: 'home',
	end: 'end',
	return: 'enter',
	escape: 'esc',
	backspace: 'backspace',
	delete: 'delete',
} as const satisfies Partial<Record<keyof Key, string>>;

const segmenter = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

const readCharacter = (character: string): KeyPress => {
	switch (character) {
		case ' ':
			return {name: 'space', text: ' '};
		case '\r':
		case '\n':
		case '\r\n':
			return {name: 'enter', text: ''};
		case '\t':
			return {name: 'tab', text: ''};
		default: {
			const code = character.charCodeAt(0);
			return code >= 1 && code <= 26
				? {name: `ctrl+${String.fromCharCode(code + 96)}`, text: ''}
				: code < 32 || code === 127
					? {name: '', text: ''}
					: {name: character, text: character};
		}
	}
};

/**
 * Turns one input event of Ink into key presses. Keys typed faster than the program reads them arrive as one text
 * and are taken apart; releases of keys are nothing.
 */
export const readKeys = (input: string, key: Key): readonly KeyPress[] => {
	if (key.eventType === 'release') {
		return [];
	}

	if (key.tab) {
		return [{name: key.shift ? 'shift+tab' : 'tab', text: ''}];
	}

	for (const [property, name] of Object.entries(named)) {
		if (key[property as keyof typeof named]) {
			return [{name: key.ctrl ? `ctrl+${name}` : name, text: ''}];
		}
	}

	if (key.super || key.hyper) {
		return [];
	}

	if (key.meta) {
		// Nothing is bound to Alt. What looks like it is Esc and a key that a slow connection has put into one packet.
		return [{name: 'esc', text: ''}, ...[...segmenter.segment(input)].map(({segment}) => readCharacter(segment))];
	}

	if (key.ctrl) {
		return [{name: `ctrl+${input.toLowerCase()}`, text: ''}];
	}

	return [...segmenter.segment(input)].map(({segment}) => readCharacter(segment)).filter(({name}) => name !== '');
};
