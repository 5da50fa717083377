import {EventEmitter} from 'node:events';
import {join} from 'node:path';
import {Writable} from 'node:stream';
import {describe, expect, test} from 'vitest';
import {systemClock} from '../../source/clock.js';
import {startDashboard} from '../../source/dashboard/start.js';
import {resolvePaths} from '../../source/settings/paths.js';
import {openSettings} from '../../source/settings/store.js';
import {jobCancelled, jobProgress, jobStarted} from '../helpers/job-events.js';
import {aBackup, createScriptedClient, type Script} from '../helpers/scripted-client.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {bytesOf, openVirtualTerminal} from '../helpers/virtual-terminal.js';
import {waitFor} from '../helpers/wait-for.js';

const start = async (script: Script = {}, extra: {readonly startDemo?: () => Promise<number>} = {}) => {
	const folder = temporaryDirectory();
	const environment = {PRINTKEEP_CONFIG_DIR: join(folder, 'settings'), TERM: 'xterm', LANG: 'C.UTF-8'};
	const paths = resolvePaths({environment, homeDirectory: folder});
	const terminal = openVirtualTerminal(80, 24);
	const source = new EventEmitter();
	const stopped: string[] = [];
	const client = createScriptedClient({backups: [aBackup(3)], ...script});
	let closed = false;
	let errors = '';
	const stderr = new Writable({
		write(chunk, _encoding, done) {
			errors += String(chunk);
			done();
		},
	});
	const done = startDashboard({
		createClient: () => ({
			...client,
			close: async () => {
				closed = true;
			},
		}),
		settings: openSettings(paths),
		paths,
		environment,
		target: {basedir: '/home/pi/.octoprint', store: '/srv/backups'},
		color: false,
		log: {record: () => undefined, path: paths.logFile},
		clock: systemClock,
		streams: {stdin: terminal.stdin, stdout: terminal.stdout, stderr},
		process: {
			pid: 1,
			on: (event, listener) => source.on(event, listener),
			off: (event, listener) => source.off(event, listener),
			kill: (_, signal) => stopped.push(signal),
		},
		...extra,
	});
	const screen = async (): Promise<string> => (await terminal.screen()).join('\n');
	const shows = async (text: string): Promise<string> =>
		waitFor(text, async () => {
			const shown = await screen();
			return shown.includes(text) && shown;
		});
	await shows('Newest');
	return {
		terminal,
		source,
		client,
		done,
		stopped,
		shows,
		press: (key: string) => terminal.send(bytesOf(key)),
		isClosed: () => closed,
		errors: () => errors,
	};
};

type Started = Awaited<ReturnType<typeof start>>;

/** Everything that was changed on the terminal is as it was. */
const expectRestored = async ({terminal, source}: Started): Promise<void> => {
	expect(await terminal.isAlternate()).toBe(false);
	expect(terminal.isRaw()).toBe(false);
	const written = terminal.written();
	for (const [on, off] of [
		['\u{1B}[?7l', '\u{1B}[?7h'],
		['\u{1B}[22;0t', '\u{1B}[23;0t'],
		['\u{1B}[?25l', '\u{1B}[?25h'],
		['\u{1B}[?2004h', '\u{1B}[?2004l'],
		['\u{1B}[?1049h', '\u{1B}[?1049l'],
	] as const) {
		expect(written).toContain(on);
		expect(written.lastIndexOf(off)).toBeGreaterThan(written.lastIndexOf(on));
	}

	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGTSTP', 'SIGCONT', 'uncaughtException']) {
		expect(source.listenerCount(signal), signal).toBe(0);
	}
};

describe('the terminal is put back and the exit code is right', () => {
	test('after q', async () => {
		const app = await start();
		app.press('q');
		expect(await app.done).toBe(0);
		await expectRestored(app);
		expect(app.isClosed()).toBe(true);
		expect(app.errors()).toBe('');
	});

	test('after Ctrl+C', async () => {
		const app = await start();
		app.press('Ctrl+c');
		expect(await app.done).toBe(130);
		await expectRestored(app);
	});

	test.each([
		['SIGINT', 130],
		['SIGTERM', 143],
		['SIGHUP', 129],
	] as const)('after %s', async (signal, code) => {
		const app = await start();
		app.source.emit(signal);
		expect(await app.done).toBe(code);
		await expectRestored(app);
	});

	test('after an error nobody expected, which is told in a sentence without a stack trace', async () => {
		const app = await start();
		app.source.emit('uncaughtException', new TypeError('x is not a function'));
		expect(await app.done).toBe(1);
		await expectRestored(app);
		expect(app.errors()).toMatch(
			/^printkeep: The dashboard stopped: x is not a function\n.*report it.*\nLog: .*printkeep\.log\n$/u,
		);
		expect(app.errors()).not.toContain('    at ');
	});
});

describe('a running job', () => {
	test('is cancelled by SIGTERM, and waited for', async () => {
		const app = await start();
		app.client.emit(jobStarted());
		app.client.emit(jobProgress(10));
		await app.shows('10%');
		let isOver = false;
		void app.done.then(() => {
			isOver = true;
		});
		app.source.emit('SIGTERM');
		await waitFor('the job to be cancelled', () => app.client.calls.some(({method}) => method === 'job.cancel'));
		expect(await app.terminal.isAlternate()).toBe(false);
		expect(isOver).toBe(false);
		app.client.emit(jobCancelled());
		expect(await app.done).toBe(143);
	});

	test('goes on when the connection is lost, and the program ends after it', async () => {
		const app = await start();
		app.client.emit(jobStarted());
		app.client.emit(jobProgress(10));
		await app.shows('10%');
		let isOver = false;
		void app.done.then(() => {
			isOver = true;
		});
		app.source.emit('SIGHUP');
		// A terminal that is gone fails at every write; nobody may die of it.
		app.terminal.stdout.emit('error', Object.assign(new Error('write EIO'), {code: 'EIO'}));
		app.terminal.stdin.emit('error', Object.assign(new Error('read EIO'), {code: 'EIO'}));
		await waitFor('the screen to be left', async () => !(await app.terminal.isAlternate()));
		app.client.emit(jobProgress(50));
		expect(isOver).toBe(false);
		expect(app.isClosed()).toBe(false);
		expect(app.client.calls.some(({method}) => method === 'job.cancel')).toBe(false);
		app.client.emit(jobCancelled());
		expect(await app.done).toBe(129);
		expect(app.isClosed()).toBe(true);
	});

	test('that goes on without a terminal can still be ended by SIGTERM', async () => {
		const app = await start();
		app.client.emit(jobStarted());
		app.client.emit(jobProgress(10));
		await app.shows('10%');
		app.source.emit('SIGHUP');
		await waitFor('the screen to be left', async () => !(await app.terminal.isAlternate()));
		app.source.emit('SIGTERM');
		await waitFor('the job to be cancelled', () => app.client.calls.some(({method}) => method === 'job.cancel'));
		app.client.emit(jobCancelled());
		expect(await app.done).toBe(143);
	});

	test('shows in the title and the task bar, and is gone from both at the end', async () => {
		const app = await start();
		app.client.emit(jobStarted());
		app.client.emit(jobProgress(10));
		await app.shows('10%');
		expect(app.terminal.written()).toContain('\u{1B}]0;Backing up octoprint\u{7}\u{1B}]9;4;3;0\u{7}');
		app.client.emit(jobCancelled());
		await app.shows('cancelled');
		app.press('q');
		await app.done;
		const written = app.terminal.written();
		expect(written.lastIndexOf('\u{1B}]9;4;0;0\u{7}')).toBeGreaterThan(written.lastIndexOf('\u{1B}]9;4;3'));
		expect(written.lastIndexOf('\u{1B}]0;printkeep\u{7}')).toBeGreaterThan(
			written.lastIndexOf('Backing up octoprint\u{7}'),
		);
	});
});

test('leaving after the job tells how it ended, where the person is then', async () => {
	const app = await start();
	app.client.emit(jobStarted());
	await app.shows('Backing up octoprint');
	app.press('q');
	await app.shows('Finish it, then quit');
	app.press('Enter');
	await app.shows('closes as soon as the job has ended');
	app.client.emit(jobCancelled());
	expect(await app.done).toBe(130);
	await expectRestored(app);
	expect((await app.terminal.screen()).join('\n')).toContain('Backing up octoprint: cancelled');
});

describe('suspending', () => {
	test('gives the terminal back, stops the whole group, and shows the same screen again', async () => {
		const app = await start();
		app.press('2');
		const before = await app.shows('Space mark');
		app.press('Ctrl+z');
		await waitFor('the stop', () => app.stopped.length > 0);
		expect(app.stopped).toEqual(['SIGTSTP']);
		await waitFor('the screen to be taken again', async () => {
			const shown = (await app.terminal.screen()).join('\n');
			return (await app.terminal.isAlternate()) && shown === before;
		});
		expect(app.source.listenerCount('SIGTSTP')).toBe(1);
		app.press('q');
		expect(await app.done).toBe(0);
		await expectRestored(app);
	});
});

test('Ctrl+L draws everything anew', async () => {
	const app = await start();
	const before = await app.shows('Newest');
	app.terminal.stdout.write('\u{1B}[10;10Hgarbage of another program\u{1B}[24;1H');
	await app.shows('garbage');
	app.press('Ctrl+l');
	await waitFor('the garbage to go', async () => (await app.terminal.screen()).join('\n') === before);
	// What erases the screen draws it too: no other write comes between, in which it would be seen empty.
	expect(app.terminal.writes().find(text => text.includes('\u{1B}[H\u{1B}[2J'))).toContain('Newest');
	app.press('q');
	await app.done;
});
