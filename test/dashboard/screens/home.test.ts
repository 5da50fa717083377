import {expect, test} from 'vitest';
import {renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient} from '../../helpers/scripted-client.js';

test('says how the backups are at a glance', async () => {
	const backups = [aBackup(3), aBackup(50), aBackup(99)];
	const app = await renderApp({client: createScriptedClient({backups})});
	const screen = await app.shows('Last good backup');
	console.log(screen);
	console.log(app.terminal.written().length);
	await app.press('2');
	console.log(await app.shows('Made by'));
	await app.press('?');
	console.log(await app.screen());
	await app.press('Escape', 'd');
	console.log(await app.screen());
});
