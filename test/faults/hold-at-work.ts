/**
 * Stops a program in the middle of its job. A test that waits for a phase and does something then is late where its own process was busy, or the machine is:
 * the job may be over by the time. What holds the lock of the store is not, and stays as it is while it is stopped.
 */
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {waitFor} from '../helpers/wait-for.js';
import type {Counts} from './counts.js';
import type {Scene} from './fault-scene.js';

/** Phases last some tenths of a second: so often in a row nobody misses one. */
const mostTries = 20;

/** One letter for what a process is doing, as the kernel has it; null when it is gone. */
const stateOf = (pid: number): string | null => {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
		return text.charAt(text.lastIndexOf(')') + 2);
	} catch {
		return null;
	}
};

/** Whether a signal was sent to a process and not taken by it yet. */
export const isPending = (pid: number, signalNumber: number): boolean => {
	try {
		const [, mask = '0'] = /^ShdPnd:\s*([0-9a-f]+)$/mu.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
		return ((BigInt(`0x${mask}`) >> BigInt(signalNumber - 1)) & 1n) === 1n;
	} catch {
		return false;
	}
};

/** Stops a process. Resolves with whether its job is not over: with false it goes on, or has ended. */
const stop = async (pid: number, {store}: Scene): Promise<boolean> => {
	try {
		process.kill(pid, 'SIGSTOP');
	} catch {
		return false;
	}

	const state = await waitFor(
		'the process to stand still',
		() => ('TZX'.includes(stateOf(pid) ?? 'X') ? (stateOf(pid) ?? 'X') : null),
		{
			interval: 1,
		},
	);
	if (state === 'T' && existsSync(join(store, '.printkeep.lock'))) {
		return true;
	}

	try {
		process.kill(pid, 'SIGCONT');
	} catch {
		// It has ended meanwhile.
	}

	return false;
};

/**
 * Starts a program and stops it at a moment of its job; starts anew as often as the moment was missed.
 * @param begin resets the scene, starts the program and waits for the moment.
 * @returns the program, standing still: whoever is done with it lets it go on with SIGCONT.
 */
export const startAndHold = async <Started extends {readonly pid: number}>(
	scene: Scene,
	counts: Counts,
	{begin, ended}: {readonly begin: () => Promise<Started>; readonly ended: (started: Started) => Promise<unknown>},
): Promise<Started> => {
	for (let tries = 0; tries < mostTries; tries++) {
		const started = await begin();
		if (await stop(started.pid, scene)) {
			return started;
		}

		await ended(started);
		counts.add('jobs that were over before they could be stopped, started anew');
	}

	throw new Error(`The job was over ${mostTries} times before it could be stopped`);
};
