import type {Key} from 'ink';
import {describe, expect, test} from 'vitest';
import {readKeys} from '../../../source/dashboard/keys/key-names.js';

const key = (changes: Partial<Key> = {}): Key =>
	({
		upArrow: false,
		downArrow: false,
		leftArrow: false,
		rightArrow: false,
		pageDown: false,
		pageUp: false,
		home: false,
		end: false,
		return: false,
		escape: false,
		ctrl: false,
		shift: false,
		tab: false,
		backspace: false,
		delete: false,
		meta: false,
		super: false,
		hyper: false,
		capsLock: false,
		numLock: false,
		...changes,
	}) as Key;

const names = (input: string, changes: Partial<Key> = {}): readonly string[] =>
	readKeys(input, key(changes)).map(({name}) => name);

describe('names of keys', () => {
	test.each([
		['', {upArrow: true}, ['up']],
		['', {return: true}, ['enter']],
		['', {escape: true, meta: true}, ['esc']],
		['', {tab: true}, ['tab']],
		['', {tab: true, shift: true}, ['shift+tab']],
		['u', {ctrl: true}, ['ctrl+u']],
		[' ', {}, ['space']],
		['G', {shift: true}, ['G']],
		['?', {}, ['?']],
	] as const)('%j with %o is %j', (input, changes, expected) => {
		expect(names(input, changes)).toEqual(expected);
	});

	test('keys that arrive together are taken apart', () => {
		expect(names('jj\r\u{15}x')).toEqual(['j', 'j', 'enter', 'ctrl+u', 'x']);
	});

	test('a character of several code points is one press', () => {
		expect(readKeys('👩‍🔧é', key())).toEqual([
			{name: '👩‍🔧', text: '👩‍🔧'},
			{name: 'é', text: 'é'},
		]);
	});

	test('Esc and a key in one packet are both pressed', () => {
		expect(names('d', {meta: true})).toEqual(['esc', 'd']);
	});

	test('the release of a key means nothing', () => {
		expect(names('d', {eventType: 'release'})).toEqual([]);
	});

	test('control characters type nothing', () => {
		expect(readKeys('\u{0}\u{1F}\u{7F}', key())).toEqual([]);
	});
});
