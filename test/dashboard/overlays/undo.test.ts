import {describe, expect, test} from 'vitest';
import {renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient, scriptedNow} from '../../helpers/scripted-client.js';

const open = async (
	size: {readonly columns?: number; readonly rows?: number} = {},
	expiresAt: number | null = null,
	takesBack: 'restore' | 'undo' = 'restore',
) => {
	const client = createScriptedClient({
		backups: [aBackup(3)],
		status: {
			undo: {
				takesBack,
				restoredAt: scriptedNow - 3_600_000,
				key: 'before-upgrade.zip',
				bytes: 48_000_000,
				expiresAt,
			},
		},
	});
	const app = await renderApp({client, ...size});
	await app.shows('Last good backup');
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

test('after an undo, says that this one would be taken back', async () => {
	const {app} = await open({}, null, 'undo');
	const frame = await app.shows('Take the last undo back?');
	expect(frame).toContain('a restore of:');
	expect(frame).toContain('Take the undo back');
	expect(frame).not.toContain('Undo the last restore');
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

const refused = async (size: {readonly columns?: number; readonly rows?: number} = {}) => {
	const opened = await open(size);
	const {app, client} = opened;
	await app.shows('Undo the last restore?');
	await app.press('l', 'Enter');
	await app.hides('Undo the last restore?');
	client.emit({type: 'job-started', jobId: 'job-1', job: 'undo', title: 'Undoing', at: scriptedNow});
	const fail = (): void =>
		client.emit({
			type: 'job-finished',
			jobId: 'job-1',
			job: 'undo',
			outcome: 'failed',
			result: null,
			error: {
				code: 'printing',
				message: 'A print is running (vase.gcode, 43 %): restore is blocked.',
				hint: 'Wait until the print has ended, or go on with --even-if-printing.',
			},
			durationMilliseconds: 5,
			at: scriptedNow,
		});
	return {...opened, fail};
};

describe('a print in the way', () => {
	test.each([
		[60, 15],
		[80, 24],
		[120, 40],
	])('asks for the phrase at %ix%i', async (columns, rows) => {
		const {app, fail} = await refused({columns, rows});
		fail();
		await expect(await app.shows('Type this to confirm')).toMatchFileSnapshot(
			`../../frames/undo-printing-${columns}x${rows}.txt`,
		);
	});

	test('only the phrase goes on, with the override', async () => {
		const {app, client, fail} = await refused();
		fail();
		await app.shows('printkeep undo --even-if-printing');
		await app.type('octoprint');
		await app.press('Enter');
		await app.shows('That is not it');
		await app.press('Ctrl+u');
		await app.type('even if printing');
		await app.press('Enter');
		await app.hides('Type this');
		expect(client.calls.findLast(({method}) => method === 'job.start')?.params).toMatchObject({
			type: 'undo',
			evenIfPrinting: true,
		});
	});

	test('does not push itself over another dialog', async () => {
		const {app, fail} = await refused();
		await app.press('?');
		await app.shows('Help: Home');
		fail();
		await app.shows('Help: Home');
		expect(app.dashboard.router.get().overlays.map(({type}) => type)).toEqual(['help']);
	});
});

test('says until when it can be undone', async () => {
	const {app} = await open({}, scriptedNow + 86_400_000);
	await app.shows(/This can be undone[\s│]+until 2026-11-22 12:00|undone until 2026-11-22 12:00/u);
});
