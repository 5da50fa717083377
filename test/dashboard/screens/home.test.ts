import {describe, expect, test} from 'vitest';
import type {StatusReport} from '../../../source/client/protocol.js';
import {PrintkeepError} from '../../../source/errors.js';
import {type RenderOptions, renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient} from '../../helpers/scripted-client.js';

const backups = [aBackup(3), aBackup(50), aBackup(99)];

const open = async (status: Partial<StatusReport> = {}, options: Partial<RenderOptions> = {}, list = backups) => {
	const app = await renderApp({client: createScriptedClient({backups: list, status}), ...options});
	await app.shows('Last good backup');
	return app;
};

/** The first line below the header that is not blank. */
const firstLine = (screen: string): string =>
	screen
		.split('\n')
		.slice(1)
		.find(line => line !== '') ?? '';

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('at %ix%i', async (columns, rows) => {
	const app = await open({}, {columns, rows});
	await app.shows('Newest');
	await expect(await app.screen()).toMatchFileSnapshot(`../../frames/home-${columns}x${rows}.txt`);
});

test('in ASCII nothing else is written', async () => {
	const app = await open({}, {unicode: false});
	const screen = await app.shows('Newest');
	await expect(screen).toMatchFileSnapshot('../../frames/home-ascii.txt');
	expect(screen).toMatch(/^[\x20-\x7e\n]*$/u);
});

describe('what needs attention comes first', () => {
	test('an overdue backup is loud and names the key', async () => {
		const app = await open({}, {}, [aBackup(9 * 24)]);
		const first = firstLine(await app.screen());
		expect(first).toBe('! OVERDUE: the last good backup is 9 d old. Press b to back up now.');
	});

	test('no backup at all', async () => {
		const app = await open({}, {}, []);
		expect(await app.screen()).toContain('OVERDUE: there is no backup yet. Press b to make the first one.');
		expect(await app.screen()).toContain('none yet');
	});

	test('leftovers are told with their key, which opens them', async () => {
		const app = await open({
			leftovers: [
				{
					id: 'a',
					type: 'partial-archive',
					path: '/srv/backups/.x',
					bytes: 12,
					explanation: 'Half written.',
					remedy: 'clean',
				},
			],
		});
		const first = firstLine(await app.screen());
		expect(first).toContain('1 thing left behind by an earlier run: press X');
		expect((await app.screen()).split('\n').at(-1)).toContain('X clean up');
		await app.press('X');
		expect(app.dashboard.router.get().overlays).toEqual([{type: 'leftovers'}]);
	});

	test('a clock that cannot be believed comes before everything else, an overdue backup too', async () => {
		const app = await open(
			{clockProblem: 'The clock says 1970-01-01 01:00, which cannot be.'},
			{columns: 60, rows: 15},
			[aBackup(9 * 24)],
		);
		const rows = (await app.screen()).split('\n');
		expect(rows[1]).toContain('! CLOCK WRONG: ages cannot be told. The clock says 1970');
		expect(rows[2]).toContain('OVERDUE');
	});

	test.each([
		['finished', 'warning'],
		['failed', 'error'],
	] as const)('a restore that was interrupted and %s stays on the screen after its message', async (type, level) => {
		const client = createScriptedClient({
			backups,
			answers: {
				'recover.pending': () => ({type, message: 'An interrupted restore was found.', hint: 'Look at the printer.'}),
			},
		});
		const app = await renderApp({client});
		await app.shows('! An interrupted restore was found. Look at the printer.');
		const {toast} = app.dashboard.store.get();
		expect(toast?.level).toBe(level);
		app.dashboard.actions.dismissToast(toast?.id ?? 0);
		expect(firstLine(await app.screen())).toBe('! An interrupted restore was found. Look at the printer.');
	});

	test('a small terminal shows the most urgent lines and nothing twice', async () => {
		const app = await open(
			{
				store: {
					path: '/srv/backups',
					exists: true,
					writable: false,
					freeBytes: null,
					totalBytes: null,
					sameDevice: true,
					problem: 'The folder cannot be written.',
				},
				restoreDisabled: 'The settings of OctoPrint say so.',
				undo: {takesBack: 'restore', restoredAt: 0, key: 'a.zip', bytes: 1, expiresAt: null},
			},
			{columns: 60, rows: 15},
			[aBackup(9 * 24)],
		);
		const rows = (await app.screen()).split('\n');
		expect(rows).toHaveLength(15);
		expect(rows[1]).toContain('OVERDUE');
		expect(rows[2]).toBe('! The folder cannot be written.');
		expect(rows.at(-1)).toContain('? help');
	});
});

test('the screen is there before the engine has answered', async () => {
	const app = await renderApp({client: () => new Promise(() => undefined)});
	const screen = await app.screen();
	expect(screen).toContain('printkeep');
	expect(screen).toContain('Looking for the print server…');
	expect(screen.split('\n').at(-1)).toContain('? help');
});

test('a failure says what failed, why, what to do, the code and where the log is', async () => {
	const client = createScriptedClient({
		answers: {
			'instances.inspect': () => {
				throw new PrintkeepError(
					'source-unreadable',
					'The folder /home/pi/.octoprint cannot be read: permission was denied.',
					{
						hint: 'Run printkeep as the user that owns the folder.',
					},
				);
			},
		},
	});
	const app = await renderApp({client});
	const screen = await app.shows('Code: source-unreadable.');
	expect(screen).toContain('✗ The data folder cannot be read');
	expect(screen).toContain('permission was denied');
	expect(screen).toContain('Run printkeep as the user that owns the folder.');
	expect(screen).toContain('printkeep.log');
});

test('a name that would act on the terminal is shown escaped', async () => {
	const app = await open({}, {}, [aBackup(1, {}, 'evil\u{1B}[2J\u{202E}gpj.zip')]);
	expect(await app.screen()).toContain(String.raw`evil\x1b[2J\u{202e}gpj.zip`);
	expect(app.terminal.written()).not.toContain('\u{202E}');
	expect(app.terminal.written()).not.toContain('\u{1B}[2J');
});

test('what is in the trash is told with its size and keys, and nothing while it is empty', async () => {
	const item = {id: 'a', key: 'a.zip', bytes: 12_000_000, deletedAt: 1, expiresAt: null, createdAt: null, note: ''};
	const client = createScriptedClient({
		backups,
		answers: {'trash.list': () => ({items: [item, {...item, id: 'b'}], bytes: 24_000_000, days: 7})},
	});
	const app = await renderApp({client});
	await app.shows('2 deleted backups, 24 MB: T shows them, z brings back the last');
	await app.press('z');
	await app.settle();
	expect(client.calls.findLast(({method}) => method === 'job.start')?.params).toMatchObject({
		type: 'trash-restore',
		ids: ['a'],
	});
	const empty = await open();
	expect(await empty.screen()).not.toContain('Trash ');
	await empty.press('z');
	await empty.shows('The trash is empty');
});
