import {expect, test} from 'vitest';
import type {Leftover} from '../../../source/client/protocol.js';
import {renderApp} from '../../helpers/render-app.js';
import {createScriptedClient} from '../../helpers/scripted-client.js';

const leftovers: readonly Leftover[] = [
	{
		id: 'a',
		type: 'partial-archive',
		path: '/srv/backups/.printkeep-0011223344556677.partial',
		bytes: 12_000_000,
		explanation:
			'A backup that was interrupted before it was complete. Cleaning deletes it; no finished backup is touched.',
		remedy: 'clean',
	},
	{
		id: 'b',
		type: 'interrupted-restore',
		path: '/home/pi/\u001b[2J.octoprint',
		bytes: 400_000_000,
		explanation: 'A restore was interrupted. Recovering brings the old data back.',
		remedy: 'recover',
	},
	{
		id: 'c',
		type: 'server-rollback',
		path: '/home/pi/.octoprint.bck',
		bytes: 1000,
		explanation: 'OctoPrint kept this when it restored a backup by itself.',
		remedy: 'none',
	},
];

const open = async (columns = 80, rows = 24) => {
	const client = createScriptedClient({status: {leftovers}});
	const app = await renderApp({client, columns, rows});
	await app.shows('Last good backup');
	await app.press('5', 'X');
	await app.shows('3 things left behind');
	return {app, asked: () => client.calls.findLast(({method}) => method === 'job.start')?.params};
};

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('at %ix%i', async (columns, rows) => {
	const {app} = await open(columns, rows);
	await expect(await app.screen()).toMatchFileSnapshot(`../../frames/leftovers-${columns}x${rows}.txt`);
});

test('Enter alone leaves everything as it is', async () => {
	const {app, asked} = await open();
	await app.press('Enter');
	await app.hides('› Leave');
	expect(asked()).toBeUndefined();
});

test('the selected one is recovered', async () => {
	const {app, asked} = await open();
	await app.press('j');
	await app.shows('A restore was interrupted');
	expect(await app.screen()).toContain('\\x1b[2J.octoprint');
	await app.press('Right', 'Enter');
	await app.hides('› Leave');
	expect(asked()).toMatchObject({type: 'recover', leftoverIds: ['b']});
});

test('what is only reported cannot be chosen; all others can, at once', async () => {
	const {app, asked} = await open();
	await app.press('G');
	await app.shows('printkeep leaves this alone.');
	expect(await app.screen()).not.toContain('Clean up this');
	await app.press('l', 'Enter');
	await app.hides('› Leave');
	expect(asked()).toMatchObject({type: 'recover', leftoverIds: 'all'});
});
