import {expect, test} from 'vitest';
import {createTheme, type Tone} from '../../source/dashboard/theme.js';

const tones = ['plain', 'accent', 'ok', 'warning', 'error', 'muted'] as const satisfies readonly Tone[];
const ansiColours = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white', 'gray'];

test('without colour there is no style at all, not even bold', () => {
	for (const tone of tones) {
		expect(createTheme(false).style({tone, strong: true, selected: true})).toEqual({});
	}
});

test('colours are among the sixteen of the terminal', () => {
	for (const tone of tones) {
		const {color} = createTheme(true).style({tone});
		expect(color === undefined || ansiColours.includes(color)).toBe(true);
	}
});
