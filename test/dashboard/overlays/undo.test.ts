import {expect, test} from 'vitest';
import {renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient, scriptedNow} from '../../helpers/scripted-client.js';

const open = async () => {
	const client = createScriptedClient({
		backups: [aBackup(3)],
		status: {
			undo: {restoredAt: scriptedNow - 3_600_000, key: 'before-upgrade.zip', bytes: 48_000_000, expiresAt: null},
		},
	});
	const app = await renderApp({client});
	await app.shows('press u to bring it back');
	await app.press('u');
	const isStarted = (): boolean => client.calls.some(({method}) => method === 'job.start');
	return {app, client, isStarted};
};

test('says what comes back and what becomes of what is there; Enter alone cancels', async () => {
	const {app, isStarted} = await open();
	await expect(await app.shows('Undo the last restore?')).toMatchFileSnapshot('../../frames/undo-80x24.txt');
	await app.press('Enter');
	await app.hides('Undo the last restore?');
	expect(isStarted()).toBe(false);
});

test('is done by choosing it', async () => {
	const {app, client} = await open();
	await app.shows('Undo the last restore?');
	await app.press('l', 'Enter');
	await app.hides('Undo the last restore?');
	expect(client.calls.findLast(({method}) => method === 'job.start')?.params).toMatchObject({type: 'undo'});
});

test('Esc and another key in one packet close it and do what the key says', async () => {
	const {app, isStarted} = await open();
	await app.shows('Undo the last restore?');
	await app.type('\u{1B}2');
	await app.shows('When');
	expect(isStarted()).toBe(false);
});
