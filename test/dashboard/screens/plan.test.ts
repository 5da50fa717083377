import {describe, expect, test} from 'vitest';
import type {
	EngineEvent,
	JobRequest,
	PlanCounts,
	PlanFile,
	PlanPart,
	RestorePlan,
} from '../../../source/client/protocol.js';
import {type RenderOptions, renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient, type Script, scriptedNow} from '../../helpers/scripted-client.js';

const backup = aBackup(3, {}, 'before-upgrade.zip');

const part = (name: string, title: string, counts: Partial<PlanCounts>, bytes: number): PlanPart => ({
	name,
	title,
	counts: {added: 0, changed: 0, removed: 0, kept: 0, ...counts},
	bytes,
	externalTarget: null,
});

const aPlan = (changes: Partial<RestorePlan> = {}): RestorePlan => ({
	planId: 'plan-1',
	source: backup.key,
	destination: '/home/pi/.octoprint',
	inPlace: true,
	mode: 'replace',
	files: null,
	lowSpace: false,
	activity: {state: 'idle', detail: ''},
	activityRefusal: '',
	service: null,
	machineSettings: [],
	keepSettings: [],
	counts: {added: 12, changed: 3, removed: 4, kept: 277},
	parts: [
		part('config', 'Configuration, users and printer profiles', {changed: 3, kept: 11}, 12_000),
		part('uploads', 'G-code files and models', {added: 12, removed: 4, kept: 266}, 95_000_000),
	],
	untouched: ['timelapse', 'logs'],
	bytesToWrite: 95_012_000,
	space: [{path: '/home', neededBytes: 410_000_000, freeBytes: 12_000_000_000}],
	enoughSpace: true,
	backupVersion: '1.10.2',
	installedVersion: '1.10.2',
	newerVersion: false,
	serverRunning: true,
	serviceUnit: 'octoprint.service',
	restoreDisabled: '',
	missingPlugins: [{key: 'octolapse', name: 'Octolapse', url: null, version: '0.4.2'}],
	pluginCommands: ['/home/pi/oprint/bin/pip install octolapse==0.4.2'],
	proof: 'sha256',
	warnings: ['The server is running and may overwrite restored settings when it stops.'],
	...changes,
});

const planFiles: readonly PlanFile[] = [
	...Array.from(
		{length: 12},
		(_, index): PlanFile => ({path: `uploads/new-${index}.gcode`, part: 'uploads', action: 'added', bytes: 7_000_000}),
	),
	{path: 'uploads/日本語\u001b[2J.gcode', part: 'uploads', action: 'removed', bytes: 3_000_000},
];

/** Opens the plan of the newest backup; the engine answers with this plan at once. */
const open = async (plan: RestorePlan = aPlan(), options: Partial<RenderOptions> = {}, more: Script = {}) => {
	let jobs = 0;
	const send: {emit?: (event: EngineEvent) => void} = {};
	const client = createScriptedClient({
		backups: [backup],
		...more,
		answers: {
			'plan.files': ({part: wanted, action, offset, limit}) => {
				const items = planFiles.filter(
					file => file.part === wanted && (action === undefined || file.action === action),
				);
				return {items: items.slice(offset, offset + limit), total: items.length, offset};
			},
			'job.start': request => {
				const jobId = `job-${++jobs}`;
				if (request.type === 'plan') {
					const inPlace = request.to === undefined;
					send.emit?.({type: 'job-started', jobId, job: 'plan', title: 'Comparing', at: scriptedNow});
					setImmediate(() =>
						send.emit?.({
							type: 'job-finished',
							jobId,
							job: 'plan',
							outcome: 'done',
							result: {type: 'plan', plan: inPlace ? plan : {...plan, inPlace, destination: request.to ?? ''}},
							error: null,
							durationMilliseconds: 200,
							at: scriptedNow,
						}),
					);
				} else {
					send.emit?.({type: 'job-started', jobId, job: request.type, title: 'Restoring octoprint', at: scriptedNow});
				}

				return {jobId};
			},
			...more.answers,
		},
	});
	send.emit = client.emit;
	const app = await renderApp({client, ...options});
	await app.shows('Last good backup');
	await app.press('2', 'r');
	const requests = (): readonly JobRequest[] =>
		client.calls.filter(({method}) => method === 'job.start').map(({params}) => params as JobRequest);
	return {app, client, requests};
};

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('a plan at %ix%i', async (columns, rows) => {
	const {app} = await open(aPlan(), {columns, rows});
	await expect(await app.shows('Together')).toMatchFileSnapshot(`../../frames/plan-${columns}x${rows}.txt`);
});

test('a plan that removes data wants the name of the instance, exactly', async () => {
	const {app, requests} = await open();
	await app.shows('Together');
	await app.press('Enter');
	await expect(await app.shows('Type this to confirm')).toMatchFileSnapshot('../../frames/plan-type-name-80x24.txt');
	await app.type('octo');
	await app.press('Enter');
	await app.shows('That is not it');
	await app.type('print');
	await app.press('Enter');
	await app.shows('Restoring. Nothing live');
	expect(requests().at(-1)).toMatchObject({
		type: 'restore',
		allowNewer: false,
		source: {type: 'backup', key: backup.key, origin: 'store'},
	});
	expect(requests().at(-1)).not.toHaveProperty('to');
	expect(requests().at(-1)).not.toHaveProperty('parts');
});

test('a plan that removes nothing asks with Cancel focused; Enter alone cancels', async () => {
	const {app, requests} = await open();
	await app.shows('Together');
	await app.press('j', 'Space');
	expect(await app.shows('--part config')).toContain('[ ] uploads');
	await app.press('Enter');
	await expect(await app.shows('› Cancel')).toMatchFileSnapshot('../../frames/plan-confirm-80x24.txt');
	await app.press('Enter');
	await app.hides('› Cancel');
	expect(requests().map(({type}) => type)).toEqual(['plan']);
	await app.press('Enter');
	await app.shows('› Cancel');
	await app.press('Right', 'Enter');
	await app.shows('Restoring. Nothing live');
	expect(requests().at(-1)).toMatchObject({type: 'restore', parts: ['config']});
});

test('t plans for another folder, where nothing present is touched', async () => {
	const {app, requests} = await open();
	await app.shows('Together');
	await app.press('t');
	await app.shows('Restore into:');
	await app.press('Ctrl+u');
	await app.type('/tmp/look here');
	await app.press('Enter');
	await app.shows('into /tmp/look here (another folder');
	expect(requests().at(-1)).toMatchObject({type: 'plan', to: '/tmp/look here'});
	await app.press('Enter');
	await app.shows('Restore into another folder?');
	await app.press('Right', 'Enter');
	await app.shows('Restoring. Nothing live');
	expect(requests().at(-1)).toMatchObject({type: 'restore', to: '/tmp/look here'});
});

test('files of a part by what happens to them, hostile names shown', async () => {
	const {app} = await open();
	await app.shows('Together');
	await app.press('j', 'l');
	await app.shows('[all 282]');
	expect(await app.screen()).not.toContain('Enter start');
	await app.press('l', 'l', 'l');
	expect(await app.shows('[removed 4]')).toContain('uploads/日本語\\x1b[2J.gcode');
	await app.press('Escape');
	await app.shows('Together');
});

test('how it ended, and what to do now', async () => {
	const {app, client} = await open();
	await app.shows('Together');
	await app.press('Enter');
	await app.type('octoprint');
	await app.press('Enter');
	await app.shows('Restoring. Nothing live');
	client.emit({
		type: 'job-finished',
		jobId: 'job-2',
		job: 'restore',
		outcome: 'done',
		result: {
			type: 'restore',
			destination: '/home/pi/.octoprint',
			inPlace: true,
			counts: aPlan().counts,
			files: 292,
			bytes: 95_012_000,
			rollbackCopy: '/home/pi/.printkeep/rollback',
			missingPlugins: aPlan().missingPlugins,
			pluginCommands: aPlan().pluginCommands,
			skipped: [],
			next: ['Restart OctoPrint: sudo service octoprint restart'],
		},
		error: null,
		durationMilliseconds: 12_000,
		at: scriptedNow,
	});
	await expect(await app.shows('Restart OctoPrint')).toMatchFileSnapshot('../../frames/plan-outcome-80x24.txt');
	// It says that u brings the old data back, so u has to do something here.
	await app.press('u');
	await app.shows('There is no restore that could be undone');
	await app.press('Enter');
	await app.shows('Last good backup');
});

describe('what cannot be', () => {
	test('a switched off restore is visible, and another folder is still possible', async () => {
		const {app} = await open(aPlan({restoreDisabled: 'Restoring is switched off in the settings.'}));
		await app.shows('Disabled');
		await app.press('Enter');
		await app.shows('Press t to restore elsewhere');
	});

	test('too little space is refused', async () => {
		const {app} = await open(aPlan({enoughSpace: false, space: [{path: '/home', neededBytes: 4e9, freeBytes: 1e9}]}));
		await app.shows('4.0 GB needed on /home, 1.0 GB free');
		await app.press('Enter');
		await app.shows('There is not enough space');
	});

	test('a newer version wants the name typed, and says so in the command', async () => {
		const {app, requests} = await open(
			aPlan({
				newerVersion: true,
				backupVersion: '1.11.3',
				counts: {added: 1, changed: 0, removed: 0, kept: 0},
				parts: [part('config', 'Configuration', {added: 1}, 10)],
			}),
		);
		await app.shows('newer than the installed');
		await app.press('Enter');
		await app.shows('--allow-newer');
		await app.type('octoprint');
		await app.press('Enter');
		await app.shows('Restoring. Nothing live');
		expect(requests().at(-1)).toMatchObject({type: 'restore', allowNewer: true});
	});

	test('a failed comparison says why, and R tries again', async () => {
		let jobs = 0;
		const {app, client} = await open(aPlan(), {}, {answers: {'job.start': () => ({jobId: `plan-${++jobs}`})}});
		await app.shows('Comparing the backup with what is there');
		client.emit({
			type: 'job-finished',
			jobId: 'plan-1',
			job: 'plan',
			outcome: 'failed',
			result: null,
			error: {code: 'archive-damaged', message: 'Byte 12 is wrong.', hint: 'Take another one.'},
			durationMilliseconds: 1,
			at: scriptedNow,
		});
		await app.shows('Code: archive-damaged');
		await app.press('R');
		await app.shows('Comparing the backup with what is there');
		expect(client.calls.filter(({method}) => method === 'job.start')).toHaveLength(2);
	});
});

describe('what is replaced', () => {
	test('m goes round the modes, asks for the plan anew, and shows each as a command', async () => {
		const {app, requests} = await open();
		await app.shows('Together');
		await app.press('m');
		await app.shows('--mode merge');
		expect(requests().at(-1)).toMatchObject({type: 'plan', mode: 'merge'});
		await app.press('m');
		await app.shows('--mode exact');
		expect(requests().at(-1)).toMatchObject({type: 'plan', mode: 'exact'});
		await app.press('m');
		await app.hides('--mode');
		expect(requests().at(-1)).toMatchObject({type: 'plan', mode: 'replace'});
	});

	test.each([
		[60, 15],
		[80, 24],
		[120, 40],
	])('exact at %ix%i: everything goes with it, and Space says so', async (columns, rows) => {
		const {app} = await open(aPlan({mode: 'exact'}), {columns, rows});
		await app.shows('Together');
		await app.press('m');
		await app.shows('--mode merge');
		await app.press('m');
		await expect(await app.shows('--mode exact')).toMatchFileSnapshot(`../../frames/plan-exact-${columns}x${rows}.txt`);
		expect(await app.screen()).not.toContain('[x]');
		await app.press('Space');
		await app.shows('Everything is exact only when everything');
	});

	test('parts left out are taken in again when the mode changes', async () => {
		const {app, requests} = await open();
		await app.shows('Together');
		await app.press('Space');
		await app.shows('--part uploads');
		await app.press('m');
		await app.shows('--mode merge');
		expect(await app.screen()).not.toContain('--part');
		expect(requests().at(-1)).not.toHaveProperty('parts');
	});

	test('the low-space way is told', async () => {
		const {app} = await open(aPlan({lowSpace: true}));
		await expect(await app.shows('only what differs is unpacked')).toMatchFileSnapshot(
			'../../frames/plan-low-space-80x24.txt',
		);
	});
});

describe('a print in the way', () => {
	const refusal = 'A print is running (vase.gcode, 43 %): restore is blocked.';
	const blocked = aPlan({activity: {state: 'printing', detail: 'vase.gcode, 43 %'}, activityRefusal: refusal});

	test.each([
		[60, 15],
		[80, 24],
		[120, 40],
	])('is told at %ix%i, with the key that overrides', async (columns, rows) => {
		const {app} = await open(blocked, {columns, rows});
		const screen = await app.shows('Blocked');
		await expect(screen).toMatchFileSnapshot(`../../frames/plan-blocked-${columns}x${rows}.txt`);
		expect(screen.split('\n').at(-1)).toContain('O override');
		await app.press('Enter');
		await app.shows('A print is running');
		expect(await app.screen()).not.toContain('Type this');
	});

	test('is overridden only by the typed phrase, not by the name', async () => {
		const {app, requests} = await open(blocked);
		await app.shows('Blocked');
		await app.press('O');
		await expect(await app.shows('--even-if-printing')).toMatchFileSnapshot('../../frames/plan-override-80x24.txt');
		await app.type('octoprint');
		await app.press('Enter');
		await app.shows('That is not it');
		expect(requests().map(({type}) => type)).toEqual(['plan']);
		await app.press('Ctrl+u');
		await app.type('even if printing');
		await app.press('Enter');
		await app.shows('Restoring. Nothing live');
		expect(requests().at(-1)).toMatchObject({type: 'restore', evenIfPrinting: true});
	});

	test.each([
		[60, 15],
		[120, 40],
	])('the phrase can be typed at %ix%i', async (columns, rows) => {
		const {app} = await open(blocked, {columns, rows});
		await app.shows('Blocked');
		await app.press('O');
		await expect(await app.shows('Type this to confirm')).toMatchFileSnapshot(
			`../../frames/plan-override-${columns}x${rows}.txt`,
		);
	});

	test('overriding it overrides nothing else', async () => {
		const {app} = await open({
			...blocked,
			enoughSpace: false,
			space: [{path: '/home', neededBytes: 4e9, freeBytes: 1e9}],
		});
		await app.shows('Blocked');
		await app.press('O');
		await app.shows('There is not enough space');
		expect(await app.screen()).not.toContain('Type this');
	});
});

describe('settings of this machine', () => {
	const plan = aPlan({
		machineSettings: [
			{
				group: 'serial',
				title: 'Serial port',
				path: 'serial.port',
				present: '/dev/ttyUSB0',
				backup: '/dev/\u001b[2JttyACM0',
			},
			{group: 'network', title: 'Port of the web interface', path: 'server.port', present: null, backup: '5001'},
		],
	});

	test('are kept by group, and the plan is made anew with that', async () => {
		const {app, requests} = await open(plan);
		await app.shows('s keeps 2 settings');
		await app.press('s');
		const screen = await app.shows('Keep settings of this machine?');
		expect(screen).toContain(String.raw`/dev/\x1b[2JttyACM0`);
		await expect(screen).toMatchFileSnapshot('../../frames/keep-settings-80x24.txt');
		await app.press('Down', 'Space', 'Enter');
		await app.shows('--keep network');
		expect(requests().at(-1)).toMatchObject({type: 'plan', keepSettings: ['network']});
		await app.press('Enter');
		await app.type('octoprint');
		await app.press('Enter');
		await app.shows('Restoring. Nothing live');
		expect(requests().at(-1)).toMatchObject({type: 'restore', keepSettings: ['network']});
	});

	test('Esc keeps what was chosen before', async () => {
		const {app, requests} = await open(plan);
		await app.shows('s keeps 2 settings');
		await app.press('s', 'Space', 'Escape');
		await app.hides('Keep settings of this machine?');
		expect(requests()).toHaveLength(1);
	});

	test('do not matter to another folder', async () => {
		const {app} = await open(plan);
		await app.shows('s keeps 2 settings');
		await app.press('t', 'Enter');
		await app.shows('(another folder');
		expect(await app.screen()).not.toContain('s keep');
	});
});

test('a restore that left something out has its own word', async () => {
	const {app, client} = await open();
	await app.shows('Together');
	await app.press('Enter');
	await app.type('octoprint');
	await app.press('Enter');
	await app.shows('Restoring. Nothing live');
	client.emit({
		type: 'job-finished',
		jobId: 'job-2',
		job: 'restore',
		outcome: 'partial',
		result: {
			type: 'restore',
			destination: '/home/pi/.octoprint',
			inPlace: true,
			counts: aPlan().counts,
			files: 291,
			bytes: 95_012_000,
			rollbackCopy: null,
			missingPlugins: [],
			pluginCommands: [],
			skipped: [{path: 'uploads/\u001b[2Jlink', reason: 'links cannot be made here'}],
			next: [],
		},
		error: null,
		durationMilliseconds: 12_000,
		at: scriptedNow,
	});
	const screen = await app.shows('Restored in part, 1 file not as backed up');
	expect(screen).toContain(String.raw`uploads/\x1b[2Jlink: links cannot be made here`);
});
