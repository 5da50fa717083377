import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {expect, onTestFinished, test} from 'vitest';
import {makeBackups} from '../../bench/make-backups.js';
import {makeInstance} from '../helpers/make-instance.js';
import {bytesBetween, openPty, type Pty} from '../helpers/pty.js';
import {cliPath, isolatedEnvironment, runPrintkeep} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** What may be written to a terminal, which can be a slow line to a printer in a shed. */
const budgets = {firstPaint: 4000, idle: 0, cursorMove: 400, progressPerSecond: 1000};

const openDashboard = async (extraBytes?: number): Promise<Pty> => {
	const root = temporaryDirectory();
	const store = join(root, 'store');
	const {dataFolder} = makeInstance(root, extraBytes === undefined ? {} : {extraBytes});
	await makeBackups(store, 60);
	const home = join(root, 'home');
	const target = ['--basedir', dataFolder, '--store', store];
	// Slow enough for a backup that lasts some seconds, whatever the machine.
	expect(await runPrintkeep(['config', 'set', 'max-rate', '15MB/s', ...target], {home})).toMatchObject({code: 0});
	const pty = await openPty([process.execPath, cliPath, ...target], {
		env: {...isolatedEnvironment(home), TERM: 'xterm-256color'},
	});
	onTestFinished(pty.close);
	await pty.whenScreen(screen => /Backups +60 backups/u.test(screen));
	return pty;
};

/** Moment after which nothing was written for a while. */
const settle = async (pty: Pty): Promise<number> => {
	for (;;) {
		const before = pty.chunks.length;
		await delay(400);
		if (pty.chunks.length === before) {
			return pty.chunks.at(-1)?.at ?? 0;
		}
	}
};

const pointerRow = (screen: string): number => screen.split('\n').findIndex(line => line.startsWith('›'));

test('the first paint, from the first byte to everything being there', async () => {
	const pty = await openDashboard();
	const settled = await settle(pty);
	const written = bytesBetween(pty, 0, settled);
	console.log(`first paint: ${written} bytes`);
	expect(written).toBeLessThanOrEqual(budgets.firstPaint);
	expect(written).toBeGreaterThan(500);
});

test('nothing at all in ten idle seconds, on the home screen and on the list', async () => {
	const pty = await openDashboard();
	for (const screenKey of ['1', '2']) {
		await pty.type(screenKey);
		const settled = await settle(pty);
		// Time itself is what is tested here.
		await delay(10_000);
		expect(bytesBetween(pty, settled, Number.POSITIVE_INFINITY)).toBe(budgets.idle);
	}
});

test('a move of the cursor, while the list scrolls too', async () => {
	const pty = await openDashboard();
	await pty.type('2');
	await pty.whenScreen(screen => pointerRow(screen) > 0);
	await settle(pty);
	const moves: number[] = [];
	const scrolls: number[] = [];
	for (let move = 0; move < 40; move++) {
		const row = pointerRow(pty.screen());
		const from = await pty.type(move < 30 ? 'j' : '\u001b[A');
		await settle(pty);
		const written = bytesBetween(pty, from, Number.POSITIVE_INFINITY);
		// Where the list scrolls, the pointer stays and every row changes: no move of the cursor alone.
		(pointerRow(pty.screen()) === row ? scrolls : moves).push(written);
	}

	console.log(`cursor move: ${moves.join(' ')} bytes; scrolling: ${scrolls.join(' ')}`);
	expect(moves.length).toBeGreaterThan(20);
	expect(Math.max(...moves)).toBeLessThanOrEqual(budgets.cursorMove);
	expect(Math.min(...moves)).toBeGreaterThan(20);
	expect(Math.max(...scrolls, 0)).toBeLessThanOrEqual(budgets.firstPaint);
});

test('the progress of a backup', async () => {
	const pty = await openDashboard(60_000_000);
	await settle(pty);
	await pty.type('b');
	await pty.whenScreen(screen => screen.includes('Enter start'));
	await settle(pty);
	await pty.type('\r');
	// From the first figure on: before it the screen has changed, which is no progress.
	const from = await pty.whenScreen(screen => /\d%/u.test(screen));
	const to = await pty.whenScreen(screen => /Backups +61 backups|Backed up: /u.test(screen), 60_000);
	// Without the frames that show the end of it: a new row in the list, and that it is done, together or one after the other.
	const sizes = pty.chunks.filter(({at}) => at > from && at < to).map(({bytes}) => bytes);
	const perSecond = sizes.reduce((sum, bytes) => sum + bytes, 0) / ((to - from) / 1000);
	console.log(`progress: ${perSecond.toFixed(0)} bytes a second over ${((to - from) / 1000).toFixed(1)} s`);
	// One that is over at once proves nothing.
	expect(to - from).toBeGreaterThan(2000);
	expect(perSecond).toBeLessThanOrEqual(budgets.progressPerSecond);
});
