import {expect, test} from 'vitest';
import type {LogLevel} from '../../../source/client/protocol.js';
import {renderApp} from '../../helpers/render-app.js';
import {createScriptedClient, scriptedNow} from '../../helpers/scripted-client.js';

const open = async () => {
	const client = createScriptedClient();
	const app = await renderApp({client});
	await app.shows('Last good backup');
	await app.press('L');
	const log = (level: LogLevel, text: string, detail?: string): void =>
		client.emit({type: 'log', level, at: scriptedNow, text, ...(detail === undefined ? {} : {detail})});
	return {app, log};
};

test('is empty at first, and says what to do', async () => {
	const {app} = await open();
	await app.shows('Nothing has happened yet.');
});

test('follows new events until the cursor moves, and again with Space', async () => {
	const {app, log} = await open();
	for (let index = 0; index < 40; index++) {
		log('info', `event ${index}`);
	}

	await app.shows(/^› .* event 39$/mu);
	await app.press('k');
	log('info', 'event 40');
	const screen = await app.shows(/^› .* event 38$/mu);
	expect(screen).not.toContain('following');
	await app.press('Space');
	await app.shows(/^› .* event 40$/mu);
});

test('levels are filtered', async () => {
	const {app, log} = await open();
	log('debug', 'tiny');
	log('info', 'usual');
	log('warning', 'odd');
	log('error', 'broken');
	expect(await app.shows('broken')).not.toContain('tiny');
	await app.press('l');
	expect(await app.shows('warning and worse')).not.toContain('usual');
	await app.press('h', 'h');
	await app.shows('tiny');
});

test('an error opens with everything known about it', async () => {
	const {app, log} = await open();
	log('error', 'The disk is full.', 'Free some space.\nCode: no-space');
	await app.shows('The disk is full.');
	await app.press('Enter');
	const screen = await app.shows('Free some space.');
	expect(screen).toContain('Code: no-space');
	expect(screen).toContain('Log: ');
	await app.press('Escape');
	await app.hides('Code: no-space');
});

test('keeps the last 500 events', async () => {
	const {app, log} = await open();
	for (let index = 0; index < 620; index++) {
		log('info', `event ${index}`);
	}

	await app.shows('500 of 500');
	await app.press('g');
	await app.shows(/^› .* event 120$/mu);
});
