import {describe, expect, test} from 'vitest';
import {availableActions, type Layer, pasteTarget, resolveKey} from '../../../source/dashboard/keys/layers.js';

const press = (name: string, text = name.length === 1 ? name : '') => ({name, text});
const nothing = (): void => undefined;

const global: Layer = {rank: 'global', actions: {quit: nothing, back: nothing, interrupt: nothing, help: nothing}};
const screen: Layer = {rank: 'screen', actions: {open: nothing, delete: nothing, 'move-down': nothing}};

const actionOf = (layers: readonly Layer[], name: string): string => {
	const resolved = resolveKey(layers, press(name));
	return resolved.type === 'action' ? resolved.action : resolved.type;
};

describe('layers of keys', () => {
	test('the focused layer comes first, what it does not know goes down', () => {
		expect(actionOf([global, screen], 'enter')).toBe('open');
		expect(actionOf([global, screen], 'q')).toBe('quit');
		expect(actionOf([global, screen], 'z')).toBe('nothing');
	});

	test('in a field letters are text, keys without text go on', () => {
		const typed: string[] = [];
		const field: Layer = {rank: 'field', actions: {submit: nothing}, type: text => typed.push(text)};
		const layers = [global, screen, field];
		expect(actionOf(layers, 'q')).toBe('text');
		expect(actionOf(layers, 'd')).toBe('text');
		expect(actionOf(layers, 'enter')).toBe('submit');
		expect(actionOf(layers, 'down')).toBe('move-down');
		expect(actionOf(layers, 'ctrl+c')).toBe('interrupt');
	});

	test('below a dialog nothing is reached but Ctrl+C', () => {
		const dialog: Layer = {rank: 'overlay', modal: true, actions: {submit: nothing, back: nothing}};
		const layers = [global, screen, dialog];
		expect(actionOf(layers, 'd')).toBe('nothing');
		expect(actionOf(layers, 'q')).toBe('nothing');
		expect(actionOf(layers, 'enter')).toBe('submit');
		expect(actionOf(layers, 'ctrl+c')).toBe('interrupt');
	});

	test('a small menu keeps its keys: digits and letters reach nobody else', () => {
		const menu: Layer = {rank: 'overlay', ownKeys: true, actions: {back: nothing}};
		expect(actionOf([global, screen, menu], '1')).toBe('nothing');
		expect(actionOf([global, screen, menu], 'enter')).toBe('nothing');
		expect(actionOf([global, screen, menu], 'esc')).toBe('back');
	});

	test('of two layers of a rank the newer has the focus', () => {
		const older: Layer = {rank: 'overlay', modal: true, actions: {back: nothing}};
		const newer: Layer = {rank: 'overlay', modal: true, actions: {submit: nothing}};
		expect(actionOf([global, older, newer], 'enter')).toBe('submit');
		expect(actionOf([global, older, newer], 'esc')).toBe('nothing');
	});

	test('a disabled action is found, with its reason', () => {
		const layers: readonly Layer[] = [
			{rank: 'screen', actions: {restore: {run: nothing, disabled: 'A print is running'}}},
		];
		const resolved = resolveKey(layers, press('r'));
		expect(resolved).toMatchObject({type: 'action', handler: {disabled: 'A print is running'}});
		expect(availableActions(layers).get('restore')).toBe('A print is running');
	});

	test('what is pasted goes to the focused field and nowhere through a dialog', () => {
		const field: Layer = {rank: 'field', actions: {}, type: nothing};
		expect(pasteTarget([global, field])).toBe(nothing);
		expect(pasteTarget([global, screen])).toBeUndefined();
		expect(pasteTarget([global, field, {rank: 'overlay', modal: true, actions: {}}])).toBeUndefined();
	});
});
