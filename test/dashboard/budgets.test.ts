import {describe, expect, test, vi} from 'vitest';
import {jobProgress, jobStarted} from '../helpers/job-events.js';
import {renderApp} from '../helpers/render-app.js';
import {aBackup, createScriptedClient, scriptedNow} from '../helpers/scripted-client.js';
import {waitFor} from '../helpers/wait-for.js';

// Colours cost bytes, and chalk decides when it is imported.
vi.hoisted(() => {
	process.env.FORCE_COLOR = '1';
});

const day = 24;

const open = async (count: number) => {
	const backups = Array.from({length: count}, (_, index) =>
		aBackup(
			index * day,
			{note: index % 3 === 0 ? 'a note' : ''},
			`octopi_octoprint-octoprint_${String(index).padStart(5, '0')}z_manual.zip`,
		),
	);
	const client = createScriptedClient({backups});
	let now = scriptedNow;
	const app = await renderApp({client, color: true, clock: {now: () => now, monotonic: () => performance.now()}});
	await app.shows('Newest');
	const bytesOf = async (act: () => Promise<unknown>): Promise<number> => {
		await app.settle();
		const before = Buffer.byteLength(app.terminal.written());
		await act();
		await app.settle();
		return Buffer.byteLength(app.terminal.written()) - before;
	};

	return {
		app,
		client,
		bytesOf,
		pass: (milliseconds: number) => {
			now += milliseconds;
		},
	};
};

test('colours are really written', async () => {
	const {app} = await open(3);
	expect(app.terminal.written()).toContain('\u{1B}[36m');
});

describe('what is written to the terminal', () => {
	test('a cursor move takes at most 400 bytes', async () => {
		const {app, bytesOf} = await open(40);
		await app.press('2');
		for (let step = 0; step < 12; step++) {
			expect(await bytesOf(async () => app.press('Down'))).toBeLessThanOrEqual(400);
		}
	});

	test('progress takes at most 1 kB a second, at four messages a second', async () => {
		const {client, bytesOf} = await open(3);
		client.emit(jobStarted());
		for (let second = 0; second < 20; second++) {
			const bytes = await bytesOf(async () => {
				for (let quarter = 0; quarter < 4; quarter++) {
					client.emit(
						jobProgress(second * 4 + quarter, {currentFile: `uploads/some/folder/part-${second}-${quarter}.gcode`}),
					);
					await new Promise(resolve => {
						setTimeout(resolve, 40);
					});
				}
			});
			expect(bytes).toBeLessThanOrEqual(1000);
		}
	});

	test('nor does it take more with names that are long and have nothing in common', async () => {
		const {client, bytesOf} = await open(3);
		client.emit(jobStarted());
		for (let second = 0; second < 5; second++) {
			const bytes = await bytesOf(async () => {
				for (let quarter = 0; quarter < 4; quarter++) {
					const letter = String.fromCodePoint(97 + second * 4 + quarter);
					client.emit(jobProgress(second * 4 + quarter, {currentFile: `${letter.repeat(50)}/${letter.repeat(40)}`}));
					await new Promise(resolve => {
						setTimeout(resolve, 40);
					});
				}
			});
			expect(bytes).toBeLessThanOrEqual(1000);
		}
	});

	test('nothing while nothing happens, even when a minute has passed unseen', async () => {
		const {app, bytesOf, client, pass} = await open(3);
		await app.press('2');
		expect(
			await bytesOf(async () => {
				pass(30_000);
				client.emit({type: 'log', level: 'info', at: scriptedNow, text: 'Something that does not show here.'});
				await new Promise(resolve => {
					setTimeout(resolve, 300);
				});
			}),
		).toBe(0);
	});

	test('the first screens take at most 4 kB', async () => {
		const {app} = await open(40);
		expect(Buffer.byteLength(app.terminal.written())).toBeLessThanOrEqual(4096);
	});
});

/** Milliseconds from a key to what it writes, sorted. */
const keyToFrame = async (count: number): Promise<readonly number[]> => {
	const {app} = await open(count);
	await app.press('2');
	await app.shows('When');
	const times: number[] = [];
	for (let step = 0; step < 60; step++) {
		// Frames are at least a thirtieth of a second apart; what is measured is the work, not that pause.
		await new Promise(resolve => {
			setTimeout(resolve, 40);
		});
		const before = app.terminal.written().length;
		const start = performance.now();
		app.terminal.send(step % 10 === 9 ? '\u{1B}[5~' : '\u{1B}[B');
		while (app.terminal.written().length === before) {
			await new Promise(resolve => {
				setImmediate(resolve);
			});
		}

		times.push(performance.now() - start);
	}

	return times.sort((a, b) => a - b);
};

test('scrolling through 5,000 backups takes no longer than through 50', {timeout: 60_000}, async () => {
	const few = await keyToFrame(50);
	const many = await keyToFrame(5000);
	// Compared with each other, since other work on this machine slows down both; the absolute limit is measured by the benchmarks.
	expect(many[30]).toBeLessThan(2 * (few[30] ?? 0) + 5);
});

test('5,000 backups are read and the last one is reached', async () => {
	const {app} = await open(5000);
	await app.press('2');
	await app.shows('When');
	await waitFor('all pages', () => app.dashboard.store.get().backups.ordered.length === 5000);
	await app.press('G');
	await app.shows('octoprint_04999z');
});
