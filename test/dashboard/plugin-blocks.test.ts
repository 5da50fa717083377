import {expect, test} from 'vitest';
import {pluginBlocks} from '../../source/dashboard/plugin-blocks.js';
import {aPlugin} from '../helpers/make-plugin.js';

const pageOf = (restricted: readonly (readonly string[])[]): string =>
	JSON.stringify(
		pluginBlocks(aPlugin('notify', {restricted}), {
			settings: {repeatHours: 20},
			about: [],
			hasWizard: false,
			needsRestart: false,
		}),
	);

test('settings that are not shown are named, with the way to change them', () => {
	const page = pageOf([
		['ntfy', 'topic'],
		['webhook', 'url'],
	]);
	expect(page).toContain('Not shown');
	expect(page).toContain('ntfy.topic, webhook.url');
	expect(page).toContain('printkeep plugins settings notify NAME VALUE');
	expect(pageOf([])).not.toContain('Not shown');
});
