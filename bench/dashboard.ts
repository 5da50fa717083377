import {readFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {openPty, type Pty} from '../test/helpers/pty.js';
import type {Bench} from './bench.js';

/**
 * Opens the dashboard in a pseudo terminal; the signal that ends the bench ends it.
 * @param more variables of its environment.
 */
export const openDashboard = async (
	{printkeep, signal}: Bench,
	data: string,
	store: string,
	more: Readonly<Record<string, string>> = {},
): Promise<Pty> => {
	signal.throwIfAborted();
	const {program, environment} = printkeep;
	const pty = await openPty([process.execPath, program, '--basedir', data, '--store', store], {
		env: {...environment, LC_ALL: 'C.UTF-8', TERM: 'xterm-256color', ...more},
	});
	signal.addEventListener('abort', pty.close, {once: true});
	return pty;
};

export const quit = async (pty: Pty): Promise<void> => {
	await pty.type('q');
	await pty.exit;
};

/** The row the pointer is on and what it says: different after every move. */
const selection = (screen: string): string => {
	const lines = screen.split('\n');
	const row = lines.findIndex(line => line.startsWith('›'));
	return `${row} ${lines[row] ?? ''} ${lines[19] ?? ''}`;
};

/** Presses keys one by one, each when the frame of the one before has come; gives the milliseconds each took. */
export const pressMany = async (pty: Pty, keys: readonly string[], pause: number): Promise<readonly number[]> => {
	const taken: number[] = [];
	for (const key of keys) {
		const before = selection(pty.screen());
		const sent = await pty.type(key);
		const shown = await pty.whenScreen(screen => selection(screen) !== before);
		taken.push(shown - sent);
		await delay(pause);
	}

	return taken;
};

/** Peak memory of a living process, threads included, as the kernel has counted it. */
export const peakBytesOf = (pid: number): number =>
	Number(/VmHWM:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
