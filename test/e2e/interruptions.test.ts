import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {makeInstance} from '../helpers/make-instance.js';
import {openPty, type Pty} from '../helpers/pty.js';
import {cliPath, isolatedEnvironment, type Output, runPrintkeep} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';

type Place = {
	readonly root: string;
	readonly home: string;
	readonly target: readonly string[];
	/** Names in the store but printkeep's own index, hidden ones too. */
	readonly stored: () => readonly string[];
	readonly printkeep: (...args: readonly string[]) => Promise<Output>;
};

/** Reads so slowly that every backup lasts some seconds, whatever the machine: there is time to interrupt it. */
const rate = '8MB/s';

const makePlace = async (): Promise<Place> => {
	const root = temporaryDirectory();
	const home = join(root, 'home');
	const store = join(root, 'store');
	const {dataFolder} = makeInstance(root, {extraBytes: 28_000_000});
	const target = ['--basedir', dataFolder, '--store', store];
	expect(await runPrintkeep(['config', 'set', 'max-rate', rate, ...target], {home})).toMatchObject({code: 0});
	return {
		root,
		home,
		target,
		stored: () => readdirSync(store).filter(name => name !== '.printkeep.json'),
		printkeep: async (...args) => runPrintkeep([...args, ...target], {home}),
	};
};

const openDashboard = async ({home, target}: Place): Promise<Pty> => {
	const pty = await openPty([process.execPath, cliPath, ...target], {env: isolatedEnvironment(home)});
	onTestFinished(pty.close);
	await pty.whenScreen(screen => /Backups +\d+ backup/u.test(screen));
	return pty;
};

/** Starts a backup from the dashboard and waits until it is writing. */
const startBackup = async (pty: Pty): Promise<void> => {
	await pty.type('b');
	await pty.whenScreen(screen => /uploads .*\d MB/u.test(screen));
	await pty.type('\r');
	await pty.whenScreen(screen => /Writing .*\d%/u.test(screen));
};

describe('a job that is interrupted', () => {
	test('TERM cancels it within five seconds, and leaves nothing half-written', async () => {
		const place = await makePlace();
		const pty = await openDashboard(place);
		await startBackup(pty);
		const start = performance.now();
		pty.signal('SIGTERM');
		expect(await pty.exit).toBe(143);
		expect(performance.now() - start).toBeLessThan(5000);
		expect(place.stored()).toEqual([]);
	});

	test('a lost connection ends the screen, not the job; the next start shows the result', async () => {
		const place = await makePlace();
		const pty = await openDashboard(place);
		await startBackup(pty);
		expect(place.stored().filter(name => !name.startsWith('.'))).toEqual([]);
		pty.hangUp();
		expect(await pty.exit).toBe(129);
		expect(place.stored()).toHaveLength(1);
		expect(await place.printkeep('verify', '--all')).toMatchObject({code: 0});

		const again = await openDashboard(place);
		await again.whenScreen(screen => /Backups +1 backup/u.test(screen) && /Last good backup +just now/u.test(screen));
	});

	test('a quit is asked about, and can wait for the end of it', async () => {
		const place = await makePlace();
		const pty = await openDashboard(place);
		await startBackup(pty);
		await pty.type('q');
		await pty.whenScreen(screen => /Finish/iu.test(screen) && /Cancel/iu.test(screen) && /Stay/iu.test(screen));
		await pty.type('\r');
		expect(await pty.exit).toBe(0);
		expect(place.stored()).toHaveLength(1);
	});

	for (const [signal, code] of [
		['SIGINT', 130],
		['SIGTERM', 143],
	] as const) {
		test(`${signal} cancels a command, and leaves nothing half-written`, async () => {
			const place = await makePlace();
			let kill: ((signal: NodeJS.Signals) => boolean) | undefined;
			let sent = false;
			const output = await runPrintkeep(['backup', '--json', ...place.target], {
				home: place.home,
				onStart(child) {
					kill = child.kill;
				},
				onOutput(text) {
					if (!sent && /"phase":"writing"[^\n]*"filesDone":[1-9]/u.test(text)) {
						sent = true;
						kill?.(signal);
					}
				},
			});
			expect(sent).toBe(true);
			expect(output.code, output.stderr).toBe(code);
			expect(place.stored()).toEqual([]);
		});
	}

	test('killed outright, it leaves what the next start explains and cleans', async () => {
		const place = await makePlace();
		let kill: ((signal: NodeJS.Signals) => boolean) | undefined;
		const output = await runPrintkeep(['backup', '--json', ...place.target], {
			home: place.home,
			onStart(child) {
				kill = child.kill;
			},
			onOutput(text) {
				if (/"phase":"writing"[^\n]*"filesDone":[1-9]/u.test(text)) {
					kill?.('SIGKILL');
				}
			},
		});
		expect(output.code).toBe(137);
		expect(place.stored().length).toBeGreaterThan(0);
		expect(place.stored().every(name => name.startsWith('.'))).toBe(true);
		expect((await place.printkeep('list', '--json')).stdout).toContain('"total": 0');

		const pty = await openDashboard(place);
		await pty.whenScreen(screen => /left behind|half-written|left over/iu.test(screen));
		await pty.type('q');
		await pty.exit;

		expect(await place.printkeep('recover', '--yes')).toMatchObject({code: 0});
		expect(place.stored()).toEqual([]);
		// The lock of the dead process does not stand in the way.
		expect(await place.printkeep('config', 'unset', 'max-rate')).toMatchObject({code: 0});
		expect(await place.printkeep('backup')).toMatchObject({code: 0});
	});
});

describe('two at once', () => {
	test('the second is refused and told who is at work; its dashboard only looks on', async () => {
		const place = await makePlace();
		const first = await openDashboard(place);
		await startBackup(first);
		// It stays at work for as long as it takes to look.
		first.signal('SIGSTOP');
		const second = await openDashboard(place);
		const refused = await place.printkeep('backup');
		expect(refused.code).toBe(11);
		expect(refused.stderr).toContain(String(first.pid));
		await second.whenScreen(screen => screen.includes(String(first.pid)));
		await second.type('b');
		first.signal('SIGCONT');
		await waitFor('the first to finish', () => first.screen().includes('Backed up'), {timeout: 30_000});
		// What the first has made appears in the second by itself, which can work again.
		await second.type('2');
		await second.whenScreen(screen => /› .*verified/u.test(screen));
		await second.whenScreen(screen => !screen.includes(String(first.pid)));
		expect(await place.printkeep('verify', '--all')).toMatchObject({code: 0});
	});
});
