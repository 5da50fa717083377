import {expect, test} from 'vitest';
import type {Comparison, EngineEvent, JobRequest, PlanFile, TextComparison} from '../../../source/client/protocol.js';
import {type RenderOptions, renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient, scriptedNow} from '../../helpers/scripted-client.js';

const newer = aBackup(3, {}, 'newer.zip');
const older = aBackup(50, {}, 'older.zip');

const comparison = (right: string | null): Comparison => ({
	planId: 'compare-1',
	left: 'older.zip',
	right: right ?? '/home/pi/.octoprint',
	rightIsLive: right === null,
	counts: {added: 1, changed: 1, removed: 1, kept: 12},
	parts: [
		{
			name: 'config',
			title: 'Configuration, users and printer profiles',
			counts: {added: 0, changed: 1, removed: 0, kept: 12},
			bytes: 1200,
			externalTarget: null,
		},
		{
			name: 'uploads',
			title: 'G-code files and models',
			counts: {added: 1, changed: 0, removed: 1, kept: 0},
			bytes: 95_000_000,
			externalTarget: null,
		},
	],
	proof: 'crc32',
	warnings: ['Not in older.zip, so that it is not compared: Timelapse videos.'],
});

const files: readonly PlanFile[] = [
	{path: 'config.yaml', part: 'config', action: 'changed', bytes: 1200},
	{path: 'uploads/日本語\u001b[2J.gcode', part: 'uploads', action: 'removed', bytes: 3_000_000},
];

const text: TextComparison = {
	type: 'text',
	lines: [
		{type: 'gap', lines: 11},
		{type: 'same', left: 12, right: 12, text: 'server:'},
		{type: 'removed', left: null, right: 13, text: '  port: 5000'},
		{type: 'added', left: 13, right: null, text: `  commands: ${'restart '.repeat(12)}END`},
		{type: 'added', left: 14, right: null, text: '\tname: \u001b[2J\u202eevil '},
		...Array.from({length: 40}, (_, index) => ({
			type: 'same' as const,
			left: 15 + index,
			right: 14 + index,
			text: `line ${index}`,
		})),
	],
	added: 2,
	removed: 1,
	hidden: 1,
};

const open = async (
	keys: readonly string[],
	options: Partial<RenderOptions> = {},
	changes: Partial<Comparison> = {},
) => {
	const send: {emit?: (event: EngineEvent) => void} = {};
	const client = createScriptedClient({
		backups: [newer, older],
		answers: {
			'plan.files': ({part, action, offset, limit}) => {
				const items = files.filter(file => file.part === part && (action === undefined || file.action === action));
				return {items: items.slice(offset, offset + limit), total: items.length, offset};
			},
			'plan.text': ({path}) =>
				path === 'config.yaml'
					? text
					: {type: 'other', reason: 'Only text files are compared by lines.', leftBytes: null, rightBytes: 3_000_000},
			'job.start': request => {
				const right = request.type === 'compare' && request.right.type === 'backup' ? request.right.key : null;
				send.emit?.({type: 'job-started', jobId: 'job-1', job: request.type, title: 'Comparing', at: scriptedNow});
				setImmediate(() =>
					send.emit?.({
						type: 'job-finished',
						jobId: 'job-1',
						job: request.type,
						outcome: 'done',
						result: {type: 'compare', comparison: {...comparison(right), ...changes}},
						error: null,
						durationMilliseconds: 200,
						at: scriptedNow,
					}),
				);
				return {jobId: 'job-1'};
			},
		},
	});
	send.emit = client.emit;
	const app = await renderApp({client, ...options});
	await app.shows('Last good backup');
	await app.press('2', ...keys);
	await app.shows('Together');
	const requests = (): readonly JobRequest[] =>
		client.calls.filter(({method}) => method === 'job.start').map(({params}) => params as JobRequest);
	return {app, requests};
};

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('a comparison, its files and their lines at %ix%i', async (columns, rows) => {
	const {app} = await open(['Space', 'Space', 'c'], {columns, rows});
	await expect(await app.screen()).toMatchFileSnapshot(`../../frames/compare-${columns}x${rows}.txt`);
	await app.press('Enter');
	await app.shows('config.yaml');
	await app.press('Enter');
	await expect(await app.shows('Restoring adds')).toMatchFileSnapshot(`../../frames/diff-${columns}x${rows}.txt`);
	expect(app.terminal.written()).not.toContain('\u{202E}');
});

test('of two that are marked the older is what would be restored', async () => {
	const {app, requests} = await open(['Space', 'Space', 'c']);
	expect(requests()).toMatchObject([
		{type: 'compare', left: {type: 'backup', key: 'older.zip'}, right: {type: 'backup', key: 'newer.zip'}},
	]);
	expect(await app.screen()).toContain('printkeep compare older.zip newer.zip');
	// There is nothing to restore over here.
	expect((await app.screen()).split('\n').at(-1)).not.toContain('r restore');
});

test('one is compared with what is there, and r goes on to the plan', async () => {
	const {app, requests} = await open(['j', 'c']);
	expect(requests()).toMatchObject([{type: 'compare', left: {key: 'older.zip'}, right: {type: 'live'}}]);
	expect(await app.screen()).toContain('with the present data in /home/pi/.octoprint');
	await app.press('r');
	await app.shows('Restore older.zip');
});

test('comparing offers nothing that changes anything', async () => {
	const {app, requests} = await open(['c']);
	const footer = (await app.screen()).split('\n').at(-1);
	expect(footer).not.toMatch(/start|mark|mode|to folder/u);
	await app.press('t', 'm', 'Space', 's', 'O', 'x');
	expect(requests().map(({type}) => type)).toEqual(['compare']);
});

test('the lines of a file show what differs at their end, and hide no blank', async () => {
	const {app} = await open(['c']);
	await app.press('Enter');
	await app.shows('config.yaml');
	await app.press('Enter');
	const screen = await app.shows('Restoring adds 2 lines (+) and takes 1 line away (-), 1 secret hidden.');
	expect(screen).toContain('END');
	expect(screen).toContain(String.raw`\tname: \x1b[2J\u{202e}evil\x20`);
	await app.press('G');
	await app.shows('line 39');
	await app.press('Escape');
	await app.shows('[all 13]');
	await app.press('Escape');
	await app.shows('Together');
});

test('what is no text says why, with its sizes', async () => {
	const {app} = await open(['c']);
	await app.press('Down', 'Enter');
	await app.shows(String.raw`日本語\x1b[2J.gcode`);
	await app.press('Enter');
	await app.shows(/Only text files are compared by lines. In the backup: not there. On the other\s+side: 3.0 MB\./u);
});

test('no difference is one sentence; n tells everything, with the command', async () => {
	const {app} = await open(['c'], {}, {counts: {added: 0, changed: 0, removed: 0, kept: 9}});
	await app.shows('No difference.');
	await app.press('n');
	expect(await app.shows('What to know about this comparison')).toContain('As a command: printkeep compare newer.zip');
});
