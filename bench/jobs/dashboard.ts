import {join} from 'node:path';
import {type Bench, removeFolder} from '../bench.js';
import {openDashboard, peakBytesOf, pressMany, quit} from '../dashboard.js';
import {makeBackups} from '../make-backups.js';
import type {Figure, JobResult} from '../results.js';
import {settingsWithPlugins} from '../settings-with-plugins.js';
import {smallInstance} from '../small-instance.js';
import {backupCount} from './list.js';

const starts = 7;
const patience = 120_000;

const downKeys = Array.from({length: 300}, () => 'j');
const pageKeys = Array.from({length: 100}, (_, index) => (index % 2 === 0 ? '\u001b[6~' : '\u001b[5~'));

/** From the start to the first frame; the store is known from an opening before. */
const firstFrames = async (bench: Bench, data: string, store: string): Promise<readonly number[]> => {
	const taken: number[] = [];
	for (let opening = 0; opening <= starts; opening++) {
		const pty = await openDashboard(bench, data, store);
		const painted = await pty.whenScreen(screen => screen.includes('1 Home'), patience);
		await pty.whenScreen(screen => /Backups +[\d,]+ backups/u.test(screen), patience);
		await quit(pty);
		if (opening > 0) {
			taken.push(painted - pty.startedAt);
		}
	}

	return taken;
};

/** Rounds with and without plugins, by turns. */
const pluginRounds = 15;
const pluginCount = 20;

/** The time to the first frame with plugins and without, in turns, so that what else the machine does weighs on both alike. */
const firstFramesWithPlugins = async (
	bench: Bench,
	data: string,
	store: string,
	folder: string,
): Promise<readonly Figure[]> => {
	const settings = settingsWithPlugins(folder, pluginCount);
	const without: number[] = [];
	const withPlugins: number[] = [];
	for (let round = 0; round <= pluginRounds; round++) {
		for (const [values, more, ready] of [
			[without, {}, /Backups +[\d,]+ backups/u],
			// The last of them has answered, so that all of them did run.
			[withPlugins, {PRINTKEEP_CONFIG_DIR: settings}, /plugin 1/u],
		] as const) {
			const pty = await openDashboard(bench, data, store, more);
			const painted = await pty.whenScreen(screen => screen.includes('1 Home'), patience);
			await pty.whenScreen(screen => ready.test(screen), patience);
			await quit(pty);
			if (round > 0) {
				values.push(painted - pty.startedAt);
			}
		}
	}

	return [
		{
			...{id: 'first-frame-no-plugins', what: 'from the start to the first frame, by turns with the next'},
			...{unit: 'ms', values: without},
		},
		{id: 'first-frame-plugins', what: `the same with ${pluginCount} plugins`, unit: 'ms', values: withPlugins},
		{
			...{id: 'plugins-cost', what: `what ${pluginCount} plugins add to the first frame`, unit: 'ms'},
			values: withPlugins.map((value, round) => value - (without[round] ?? Number.NaN)),
		},
	];
};

/** From a key to its frame, in a list of thousands. */
const scrolling = async (bench: Bench, data: string, store: string): Promise<readonly Figure[]> => {
	const pty = await openDashboard(bench, data, store);
	await pty.whenScreen(screen => /Backups +[\d,]+ backups/u.test(screen), patience);
	const sent = await pty.type('2');
	const listed = await pty.whenScreen(screen => screen.includes('›'), patience);
	const rows = await pressMany(pty, downKeys, 5);
	const pages = await pressMany(pty, pageKeys, 5);
	await quit(pty);
	return [
		{id: 'list-frame', what: 'from the key to the list of all of them', unit: 'ms', values: [listed - sent]},
		{id: 'row-latency', what: 'from a key to its frame, row by row', unit: 'ms', values: rows},
		{id: 'page-latency', what: 'from a key to its frame, page by page', unit: 'ms', values: pages},
	];
};

/** From a key to its frame, and the memory, while a backup runs. */
const working = async (bench: Bench, store: string): Promise<readonly Figure[]> => {
	const pty = await openDashboard(bench, bench.data('M'), store);
	await pty.whenScreen(screen => /Backups +[\d,]+ backups/u.test(screen), patience);
	await pty.type('b');
	await pty.whenScreen(screen => screen.includes('Enter start') && /uploads .*\d MB/u.test(screen), patience);
	await pty.type('\r');
	await pty.whenScreen(screen => /\d%/u.test(screen), patience);
	const taken: number[] = [];
	while (/\d%/u.test(pty.screen())) {
		taken.push(...(await pressMany(pty, ['j', 'k'], 60)));
	}

	await pty.whenScreen(screen => screen.includes('Backed up'), patience);
	const peak = peakBytesOf(pty.pid);
	await quit(pty);
	return [
		{id: 'busy-latency', what: 'from a key to its frame while M is backed up', unit: 'ms', values: taken},
		{id: 'dashboard-memory', what: 'peak memory, M being backed up', unit: 'MB', values: [peak / 1e6]},
	];
};

/** What comes of it, or the reason when the bench is to end before: a dashboard that was closed draws nothing any more. */
const unlessEnded = async <Value>({signal}: Bench, work: Promise<Value>): Promise<Value> => {
	const {promise, reject} = Promise.withResolvers<never>();
	signal.addEventListener('abort', () => reject(signal.reason), {once: true});
	return Promise.race([work, promise]);
};

/** How fast the dashboard is there and answers, in a pseudo terminal. The clock is that of the terminal's end. */
export const benchDashboard = async (bench: Bench): Promise<JobResult> => {
	const folder = bench.folder('dashboard');
	const data = smallInstance(folder);
	const empty = join(folder, 'empty');
	const full = join(folder, 'full');
	const first = await unlessEnded(bench, firstFrames(bench, data, empty));
	const plugins = await unlessEnded(bench, firstFramesWithPlugins(bench, data, empty, folder));
	await makeBackups(full, backupCount);
	const firstOfMany = await unlessEnded(bench, firstFrames(bench, data, full));
	const withMany = backupCount.toLocaleString('en');
	const figures: readonly Figure[] = [
		{id: 'first-frame', what: 'from the start to the first frame, warm', unit: 'ms', values: first},
		{id: 'first-frame-many', what: `the same with ${withMany} backups`, unit: 'ms', values: firstOfMany},
		...plugins,
		...(await unlessEnded(bench, scrolling(bench, data, full))),
		...(await unlessEnded(bench, working(bench, full))),
	];
	removeFolder(folder);
	return {
		...{job: 'dashboard', data: `${withMany} backups`, title: `Dashboard, ${withMany} backups in the store`},
		...{baseline: '', contests: [], figures},
		notes: [
			'A frame counts when the piece of output that made the screen show the new selection has left the program.',
		],
	};
};
