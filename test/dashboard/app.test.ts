import {describe, expect, test} from 'vitest';
import {jobCancelled, jobProgress, jobStarted} from '../helpers/job-events.js';
import {type RenderOptions, renderApp} from '../helpers/render-app.js';
import {aBackup, createScriptedClient, scriptedNow} from '../helpers/scripted-client.js';

const open = async (options: Partial<RenderOptions> = {}) => {
	const client = createScriptedClient({backups: [aBackup(3), aBackup(50)]});
	const app = await renderApp({client, ...options});
	await app.shows('Newest');
	return {app, client};
};

const row = async (app: {readonly screen: () => Promise<string>}, number: number): Promise<string> =>
	(await app.screen()).split('\n').at(number) ?? '';

describe('the running job', () => {
	test('shows phase, percent, bar, bytes, rate, time left, files and the file', async () => {
		const {app, client} = await open({columns: 160, rows: 24});
		client.emit(jobStarted());
		client.emit(jobProgress(40));
		await app.shows('40%');
		expect(await row(app, -3)).toBe(
			'Backing up octoprint: Writing  ▰▰▰▰▰▰▰▰▱▱▱▱▱▱▱▱▱▱▱▱  40%  0:06 left  40 MB of 100 MB  12 MB/s  80 of 200 files  uploads/part-40.gcode',
		);
	});

	test('fits into 80 columns', async () => {
		const {app, client} = await open();
		client.emit(jobStarted());
		client.emit(jobProgress(40, {skipped: 3}));
		await app.shows('40%');
		const line = await row(app, -3);
		expect(line).toContain('3 skipped');
		expect(line.length).toBeLessThanOrEqual(80);
		// What there is no room for goes into the line below it.
		for (const part of ['40 MB of 100 MB', '12 MB/s', '80 of 200 files', 'uploads/part-40.gcode']) {
			expect(`${line}  ${await row(app, -2)}`).toContain(part);
		}
	});

	test('is cancelled by two presses, and says so until it has ended', async () => {
		const {app, client} = await open();
		client.emit(jobStarted());
		client.emit(jobProgress(10));
		await app.press('x');
		expect(await row(app, -2)).toContain('Press x again to cancel');
		expect(client.calls.some(({method}) => method === 'job.cancel')).toBe(false);
		await app.press('x');
		expect(client.calls.at(-1)).toMatchObject({method: 'job.cancel', params: {jobId: 'job-1'}});
		client.emit({type: 'phase', jobId: 'job-1', phase: 'cancelling'});
		await app.shows('Cancelling…');
		client.emit(jobCancelled());
		await app.shows('cancelled, nothing left behind');
	});

	test('blocks what needs the engine, with the reason', async () => {
		const {app, client} = await open();
		client.emit(jobStarted());
		await app.press('b');
		expect(await row(app, -2)).toContain('Backing up octoprint is running');
	});
});

test('what went on before this start is told: a job that outlived a lost connection', async () => {
	const client = createScriptedClient({
		backups: [aBackup(3)],
		status: {
			lastJob: {at: scriptedNow - 60_000, job: 'create', outcome: 'failed', key: null, message: 'The disk is full.'},
		},
	});
	const app = await renderApp({client});
	await app.shows('✗ Backup failed: The disk is full.  1 min ago');
});

describe('quitting', () => {
	test('is at once while nothing runs', async () => {
		const {app} = await open();
		await app.press('q');
		expect(app.exits).toEqual([0]);
	});

	test('Ctrl+C is exit code 130', async () => {
		const {app} = await open();
		await app.press('Ctrl+c');
		expect(app.exits).toEqual([130]);
	});

	test('asks while a job runs; digits choose in the small menu', async () => {
		const {app, client} = await open();
		client.emit(jobStarted());
		await app.press('q');
		await expect(await app.shows('A job is running')).toMatchFileSnapshot('../frames/quit-80x24.txt');
		await app.press('3');
		await app.hides('A job is running');
		expect(await app.screen()).toContain('[1 Home]');
		expect(app.exits).toEqual([]);
	});

	test('after the job: leaves when it has ended', async () => {
		const {app, client} = await open();
		client.emit(jobStarted());
		await app.press('q', 'Enter');
		await app.shows('printkeep closes as soon as the job has ended');
		expect(app.exits).toEqual([]);
		client.emit(jobCancelled());
		await app.shows('cancelled');
		expect(app.exits).toEqual([130]);
	});

	test('with cancelling', async () => {
		const {app, client} = await open();
		client.emit(jobStarted());
		await app.press('q', 'j', 'Enter');
		expect(app.exits).toEqual([0]);
	});

	test('the question goes away when the job ends', async () => {
		const {app, client} = await open();
		client.emit(jobStarted());
		await app.press('q');
		await app.shows('A job is running');
		client.emit(jobCancelled());
		await app.hides('A job is running');
		expect(app.exits).toEqual([]);
	});

	test('q only closes what is open', async () => {
		const {app} = await open();
		await app.press('?');
		await app.shows('Help: Home');
		await app.press('q');
		await app.hides('Help: Home');
		expect(app.exits).toEqual([]);
	});
});

describe('the terminal', () => {
	test('that is too small shows only what it needs; growing back restores everything', async () => {
		const {app} = await open();
		await app.press('2', '/');
		await app.type('octo');
		app.terminal.resize(59, 24);
		const small = await app.shows('printkeep needs 60×15 (this is 59×24)');
		expect(small.trim()).toBe('printkeep needs 60×15 (this is 59×24)');
		await app.type('never');
		app.terminal.resize(80, 24);
		const screen = await app.shows('Filter: octo');
		expect(screen).not.toContain('never');
		expect(screen).toContain('2 of 2');
	});

	test('can be left while it is too small', async () => {
		const app = await renderApp({client: createScriptedClient(), columns: 40, rows: 10});
		await app.shows('this is 40×10');
		await app.press('q');
		expect(app.exits).toEqual([0]);
	});

	test.each([
		[120, 40, 80, 24],
		[80, 24, 120, 40],
		[80, 24, 60, 15],
		[60, 15, 100, 20],
	])('resized from %ix%i to %ix%i shows what a new one shows', async (columns, rows, newColumns, newRows) => {
		const {app} = await open({columns, rows});
		await app.press('2');
		app.terminal.resize(newColumns, newRows);
		const {app: fresh} = await open({columns: newColumns, rows: newRows});
		await fresh.press('2');
		const expected = await fresh.screen();
		await app.shows(expected);
		expect(await app.screen()).toBe(expected);
	});

	test('keys that arrive in pieces work', async () => {
		const {app} = await open();
		await app.press('2');
		await app.shows('When');
		app.terminal.send('\u{1B}');
		app.terminal.send('[');
		app.terminal.send('B');
		await app.shows(/^› 2 d ago/mu);
	});

	test('keys that arrive together are pressed one after the other', async () => {
		const {app} = await open();
		await app.type('2j?');
		await app.shows('Help: Backups');
		await app.type('\u{1B}');
		await app.shows(/^› 2 d ago/mu);
	});

	test('each key acts on what the one before has done, however they arrive', async () => {
		const {app} = await open();
		await app.press('2');
		await app.shows('When');
		app.terminal.send('\u{1B}[B\r');
		await app.settle();
		await app.shows('octoprint_20261119');
		expect(app.dashboard.router.get().stack.at(-1)?.route).toMatchObject({screen: 'details', key: aBackup(50).key});
	});

	test('reports of the terminal are not typed into a field', async () => {
		const {app} = await open();
		await app.press('2', '/');
		app.terminal.send('\u{1B}[?62;c');
		app.terminal.send('\u{1B}[I');
		app.terminal.send('\u{1B}[24;80R');
		await app.type('octo');
		await app.shows('Filter: octo');
	});

	test('a paste goes into a field as text, and nowhere else', async () => {
		const {app} = await open();
		await app.type('\u{1B}[200~q\rd\u{1B}[201~');
		await app.shows('There is no field here to paste into.');
		expect(app.exits).toEqual([]);
		await app.press('2', '/');
		await app.type('\u{1B}[200~octo\rpi\u{1B}[201~');
		await app.shows('Filter: octo pi');
	});
});

test('without colour not a single SGR sequence is written', async () => {
	const {app, client} = await open();
	client.emit(jobStarted());
	client.emit(jobProgress(40));
	await app.press('2', 'j', 'd', '?', 'Escape', 'Escape', '5');
	expect(app.terminal.written()).not.toMatch(/\u{1B}\[[\d;]*m/u);
});

test('another printkeep at work is named, and the list stays live', async () => {
	const {app, client} = await open();
	client.emit({
		type: 'holder-changed',
		store: '/srv/backups',
		holder: {pid: 812, host: 'octopi', job: 'restore', since: 0},
	});
	await app.shows('Read-only: another printkeep (process 812) runs a restore here since 1970');
	await app.press('2', 'd');
	await app.shows('Read-only: another printkeep (process 812) runs a restore here.');
	client.emit({
		type: 'catalog-changed',
		store: '/srv/backups',
		revision: 9,
		upserted: [aBackup(0.1, {}, 'fresh.zip')],
		removed: [],
	});
	await app.shows('fresh.zip');
});

test('the help is of the screen, from the table of keys', async () => {
	const {app} = await open();
	await app.press('2', '?');
	await expect(await app.shows('Help: Backups')).toMatchFileSnapshot('../frames/help-80x24.txt');
	await app.press('G');
	await app.shows('help for this screen');
});
