import {describe, expect, test} from 'vitest';
import {actionsFor, bindingList} from '../../../source/dashboard/keys/bindings.js';
import {footerHints} from '../../../source/dashboard/keys/footer.js';
import {helpRows} from '../../../source/dashboard/keys/help.js';
import type {ActionHandlers, Layer} from '../../../source/dashboard/keys/layers.js';
import {displayWidth} from '../../../source/format/width.js';

const nothing = (): void => undefined;

/** Layers with every action there is. */
const everything: readonly Layer[] = [
	{
		rank: 'global',
		actions: Object.fromEntries(bindingList.map(({action}) => [action, nothing])) satisfies ActionHandlers,
	},
];

describe('the binding table', () => {
	test('what counts everywhere and for backups never means two things', () => {
		const keys = bindingList
			.filter(({group}) => group === 'everywhere' || group === 'backups')
			.flatMap(each => each.keys);
		expect(new Set(keys).size).toBe(keys.length);
	});

	test.each([
		['up', 'move-up'],
		['k', 'move-up'],
		['down', 'move-down'],
		['j', 'move-down'],
		['pageup', 'page-up'],
		['ctrl+d', 'half-page-down'],
		['g', 'first'],
		['G', 'last'],
		['enter', 'open'],
		['space', 'mark'],
		['esc', 'back'],
		['b', 'back-up'],
		['r', 'restore'],
		['v', 'verify'],
		['d', 'delete'],
		['c', 'compare'],
		['i', 'import'],
		['e', 'export'],
		['p', 'pin'],
		['u', 'undo'],
		['x', 'cancel-job'],
		['L', 'log'],
		['R', 'refresh'],
		['ctrl+l', 'repaint'],
		['ctrl+z', 'suspend'],
		['q', 'quit'],
		['ctrl+c', 'interrupt'],
		['/', 'filter'],
		['?', 'help'],
		['7', 'choose-screen'],
	])('%s is %s', (key, action) => {
		expect(actionsFor(key)).toContain(action);
	});

	test('every action is in the help', () => {
		const help = helpRows(everything).flatMap(row => (row.type === 'key' ? [row.text] : []));
		for (const {description} of bindingList) {
			expect(help).toContain(description);
		}
	});

	test('the footer is cut with an ellipsis, `? help` never is', () => {
		for (let width = 20; width <= 300; width++) {
			const {hints, isCut, help} = footerHints(everything, width, '…');
			const text = `${hints.map(({keys, label}) => `${keys} ${label}  `).join('') + (isCut ? '…  ' : '')}? help`;
			expect(help).toBe(true);
			expect(displayWidth(text)).toBeLessThanOrEqual(width);
			expect(isCut).toBe(hints.length < bindingList.filter(({footer}) => footer !== undefined).length);
		}
	});

	test('cancelling is seen first while a job runs', () => {
		const layers: readonly Layer[] = [
			{rank: 'global', actions: {quit: nothing, 'cancel-job': nothing, help: nothing}},
			{rank: 'screen', actions: {open: nothing, mark: nothing, restore: nothing}},
		];
		expect(footerHints(layers, 40, '…').hints[0]).toMatchObject({keys: 'x', label: 'cancel job'});
	});

	test('the help says why something cannot be done', () => {
		const rows = helpRows([{rank: 'screen', actions: {restore: {run: nothing, disabled: 'No'}}}]);
		expect(rows).toContainEqual(expect.objectContaining({keys: 'r', disabled: 'No'}));
	});
});
