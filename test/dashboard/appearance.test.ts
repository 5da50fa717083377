import {describe, expect, test} from 'vitest';
import {broughtNames, takeSymbols, takeTheme} from '../../source/dashboard/appearance.js';
import {asciiSymbols, unicodeSymbols} from '../../source/dashboard/symbols.js';
import {createTheme} from '../../source/dashboard/theme.js';
import {displayWidth} from '../../source/format/width.js';
import {aPlugin} from '../helpers/make-plugin.js';

const list = [
	aPlugin('looks', {
		themes: [
			{name: 'dusk', tones: {accent: 'magentaBright', muted: 'gray', ok: '#00ff00', error: 'rgb(1,2,3)', shout: 'red'}},
		],
		symbols: [
			{
				name: 'arrows',
				symbols: {
					pointer: '→',
					ok: '👍',
					error: 'xx',
					warning: '',
					mark: '\u0007',
					border: 'double',
					unicode: 'y',
					pin: '長',
				},
			},
		],
	}),
	aPlugin('gone', {themes: [{name: 'dusk', tones: {accent: 'red'}}]}, {state: 'failed'}),
];

describe('what plugins bring for the eye', () => {
	test('is named with the plugin it comes from, and only of those that work', () => {
		expect(broughtNames(list, 'themes')).toEqual(['looks/dusk']);
		expect(broughtNames(list, 'symbols')).toEqual(['looks/arrows']);
		expect(takeTheme(list, 'gone/dusk').value).toEqual({});
		expect(takeTheme(list, 'default').value).toEqual({});
	});

	test('colours are those of the terminal; every other one is named and not used', () => {
		const {value, ignored} = takeTheme(list, 'looks/dusk');
		expect(value).toEqual({accent: 'magentaBright', muted: 'gray'});
		expect(ignored).toHaveLength(3);
		expect(ignored.join(' ')).toMatch(/#00ff00 for ok.*rgb\(1,2,3\) for error.*shout/u);
		expect(createTheme(true, value).style({tone: 'accent'})).toEqual({color: 'magentaBright'});
		expect(createTheme(true, value).style({tone: 'ok'})).toEqual({color: 'green'});
		expect(createTheme(true, value).style({tone: 'muted'})).toEqual({color: 'gray'});
	});

	test('without colour there is none, whatever the theme', () => {
		expect(createTheme(false, takeTheme(list, 'looks/dusk').value).style({tone: 'accent', strong: true})).toEqual({});
	});

	test('marks are one cell wide; every other one is named and not used', () => {
		const {value, ignored} = takeSymbols(list, 'looks/arrows', unicodeSymbols);
		expect(value).toEqual({...unicodeSymbols, pointer: '→'});
		expect(ignored).toHaveLength(7);
		for (const [name, mark] of Object.entries(value)) {
			if (typeof mark === 'string' && name !== 'border') {
				expect(displayWidth(mark)).toBe(1);
			}
		}
	});

	test('a terminal that shows ASCII only gets nothing else', () => {
		const {value, ignored} = takeSymbols(list, 'looks/arrows', asciiSymbols);
		expect(value).toEqual(asciiSymbols);
		expect(ignored.join('\n')).toContain('pointer of the symbols looks/arrows cannot be shown by this terminal');
	});
});
