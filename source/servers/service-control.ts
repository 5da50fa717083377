/** Stopping and starting a server, and waiting until that is so. */
import {setTimeout as delay} from 'node:timers/promises';
import type {InstanceRef} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {ProgramResult, ServerAdapter, ServerPorts} from './adapter.js';
import type {Command, ServiceCommands} from './service.js';

export type ControlOptions = {
	readonly ports: ServerPorts;
	readonly clock: Clock;
	readonly adapter: Pick<ServerAdapter, 'isRunning'>;
	readonly instance: InstanceRef;
	readonly commands: ServiceCommands;
};

/** Longer than systemd gives a service to end by itself, after which it is killed. */
const commandMilliseconds = 100_000;
const goneMilliseconds = 60_000;
const startedMilliseconds = 15_000;
const pollMilliseconds = 200;

const whyOf = ({exitCode, errors}: ProgramResult): string => {
	const line = errors.trim().split('\n')[0] ?? '';
	return safeText(line === '' ? `it ended with exit code ${exitCode ?? 'unknown'}` : line).replace(/\.$/u, '');
};

/** Looks every now and then until something is so; false when the time is over. */
const waitUntil = async (clock: Clock, milliseconds: number, isSo: () => Promise<boolean>): Promise<boolean> => {
	const start = clock.monotonic();
	while (!(await isSo())) {
		if (clock.monotonic() - start >= milliseconds) {
			return false;
		}

		await delay(pollMilliseconds);
	}

	return true;
};

const run = async ({execute}: ServerPorts, [file, ...args]: Command): Promise<ProgramResult> =>
	execute(file, args, commandMilliseconds);

/** What systemd says about the unit; empty for a person's own commands. */
const stateOf = async ({ports, commands: {state}}: Pick<ControlOptions, 'ports' | 'commands'>): Promise<string> => {
	if (!state) {
		return '';
	}

	const [file, ...args] = state;
	return (await ports.run(file, args, 5000)) ?? '';
};

/** At the start of a sentence: a unit goes by its name, a person's own command is not the name of anything. */
const subjectOf = ({by, name}: ServiceCommands): string => (by === 'command' ? 'The server' : safeText(name));

/**
 * Starts the server and waits until it is there; one that runs already is left alone.
 * @throws failed: it could not be started, or has not appeared within some seconds.
 */
export const startServer = async ({ports, clock, adapter, instance, commands}: ControlOptions): Promise<void> => {
	// One that systemd is still stopping is there only for the moment; its start waits in the queue until it is gone.
	const isEnding = /^ActiveState=deactivating$/mu.test(await stateOf({ports, commands}));
	if (!isEnding && (await adapter.isRunning(ports, instance)) === true) {
		return;
	}

	const {start, words} = commands;
	const failed = (why: string): PrintkeepError =>
		new PrintkeepError('failed', `${subjectOf(commands)} could not be started again: ${why}.`, {
			hint: `Start it yourself: ${words.start}`,
		});
	const result = await run(ports, start);
	if (result.exitCode !== 0) {
		throw failed(whyOf(result));
	}

	let unitState = '';
	const hasStarted = await waitUntil(clock, startedMilliseconds, async () => {
		unitState = await stateOf({ports, commands});
		if (/^ActiveState=failed$/mu.test(unitState)) {
			throw failed('systemd says that it failed');
		}

		return (await adapter.isRunning(ports, instance)) !== false;
	});
	// While the machine starts, systemd puts it in its queue, behind what has to come first.
	const isQueued = /^Job=[1-9]/mu.test(unitState);
	if (!hasStarted && !isQueued) {
		throw failed('its process has not appeared');
	}
};

/**
 * Stops the server and waits until no process of it is left on the data folder. What could not be stopped completely is started again.
 * @throws failed: it is running still.
 */
export const stopServer = async (options: ControlOptions): Promise<void> => {
	const {ports, clock, adapter, instance, commands} = options;
	const {by, stop, words} = commands;
	const failed = (why: string): PrintkeepError =>
		new PrintkeepError('failed', `${subjectOf(commands)} could not be stopped: ${why}. Nothing has been changed.`, {
			hint:
				by === 'command'
					? `Stop it yourself, or set another stop-command than this one: ${words.stop}`
					: `Stop it yourself, then try again: ${words.stop}`,
		});
	const result = await run(ports, stop);
	const isGone = async (): Promise<boolean> => {
		const isRunning = await adapter.isRunning(ports, instance);
		// Where processes cannot be seen, the word of systemd or of the command has to do.
		return isRunning === null ? !/^ActiveState=(?!inactive|failed)/mu.test(await stateOf(options)) : !isRunning;
	};
	if (result.exitCode === 0 && (await waitUntil(clock, goneMilliseconds, isGone))) {
		return;
	}

	const failure = failed(
		result.exitCode === 0
			? `a process of the server is still running on ${safeText(instance.dataFolder)}`
			: whyOf(result),
	);
	try {
		await startServer(options);
	} catch {
		// That it could not be stopped is what matters; how to start it is not to be guessed from here.
	}

	throw failure;
};
