import {type Instance as InkInstance, render} from 'ink';
import {createElement, type ReactElement} from 'react';
import type {Client} from '../client/client.js';
import type {EngineEvent} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import {toPrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {Paths} from '../settings/paths.js';
import type {TargetOptions} from '../settings/resolve-target.js';
import type {Settings} from '../settings/schema.js';
import type {SettingsStore} from '../settings/store.js';
import {App} from './app.js';
import {createDashboard} from './create-dashboard.js';
import {endedJob} from './ended-job.js';
import {errorText} from './error-text.js';
import {chooseSymbols} from './symbols.js';
import {capabilitiesOf} from './terminal/capabilities.js';
import {repaint} from './terminal/repaint.js';
import {createSession} from './terminal/session.js';
import {createSuspension, type SuspendTerminal, type Suspension} from './terminal/suspension.js';
import {titleWriter} from './terminal/title-writer.js';
import type {DashboardProcess} from './terminal/watch-process.js';
import {watchProcess} from './terminal/watch-process.js';

export type DashboardOptions = {
	/** Starts the engine; called after the first frame is on the screen. */
	readonly createClient: () => Client | Promise<Client>;
	readonly settings: SettingsStore;
	readonly paths: Paths;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Which instance and store were asked for. */
	readonly target: TargetOptions;
	/** False: no escape sequences for colour or weight. */
	readonly color: boolean;
	readonly log: {readonly record: (event: EngineEvent) => void; readonly path: string};
	readonly clock: Clock;
	readonly streams: {
		readonly stdin: NodeJS.ReadStream;
		readonly stdout: NodeJS.WriteStream;
		readonly stderr: NodeJS.WritableStream;
	};
	/** `process`. */
	readonly process: DashboardProcess;
	/** Opens the dashboard on made-up data after this one was left; missing when that cannot be offered. */
	readonly startDemo?: (() => Promise<number>) | undefined;
};

/** Why the dashboard ends. */
type Ending =
	| {readonly type: 'quit'; readonly exitCode: number}
	| {readonly type: 'demo'}
	/** The running job, if any, is cancelled and given five seconds. */
	| {readonly type: 'stop'; readonly exitCode: number}
	/** The terminal is gone; the job goes on to its end. */
	| {readonly type: 'hang-up'}
	| {readonly type: 'crash'; readonly error: unknown};

/** How long a cancelled job may take to clean up. */
const graceMilliseconds = 5000;

const within = async (work: Promise<unknown>, milliseconds: number): Promise<void> => {
	const {promise, resolve} = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, milliseconds);
	work.then(
		() => resolve(),
		() => resolve(),
	);
	await promise;
	clearTimeout(timer);
};

/**
 * Shows the dashboard until it is left, however that happens, and puts the terminal back as it was.
 * @returns the exit code: 0, or 130 (Ctrl+C, INT), 143 (TERM), 129 (HUP), or that of the error that ended it.
 */
export const startDashboard = async (options: DashboardOptions): Promise<number> => {
	const {environment, streams, clock} = options;
	const settings: Settings = options.settings.read();
	const {promise: ended, resolve: end} = Promise.withResolvers<Ending>();
	const write = (text: string): void => {
		streams.stdout.write(text);
	};

	const session = createSession(write, capabilitiesOf(environment, settings.windowTitle), 'printkeep');
	let ink: InkInstance | undefined;
	let isOver = false;
	let suspension: Suspension | undefined;
	let suspendTerminal: SuspendTerminal | undefined;
	const dashboard = createDashboard({
		...options,
		symbols: chooseSymbols(environment, settings.symbols),
		host: {
			quit: exitCode => end({type: 'quit', exitCode}),
			stop: exitCode => end({type: 'stop', exitCode}),
			suspend: () => suspension?.suspend(),
			repaint: () => {
				if (ink && !isOver) {
					repaint(ink, streams.stdout, app);
				}
			},
			openDemo: options.startDemo && (() => end({type: 'demo'})),
		},
	});
	suspension = createSuspension(options.process, session, () => suspendTerminal);

	// A signal that comes while a job is waited for ends the waiting.
	const {promise: hurried, resolve: hurry} = Promise.withResolvers<number>();
	const stop = (exitCode: number): void => (isOver ? hurry(exitCode) : end({type: 'stop', exitCode}));
	const stopWatching = watchProcess(options.process, [streams.stdin, streams.stdout, streams.stderr], event => {
		switch (event.type) {
			case 'interrupt':
				stop(130);
				break;
			case 'terminate':
				stop(143);
				break;
			case 'hang-up':
				end({type: 'hang-up'});
				break;
			case 'continue':
				suspension?.resume();
				break;
			case 'crash':
				end({type: 'crash', error: event.error});
				break;
		}
	});

	session.enter();
	const app = (): ReactElement =>
		createElement(App, {
			dashboard: dashboard.value,
			onTerminal: suspend => {
				suspendTerminal = suspend;
			},
		});
	ink = render(app(), {
		stdin: streams.stdin,
		stdout: streams.stdout,
		stderr: streams.stderr,
		// Whether there is a terminal was decided before; the variable CI does not change it.
		interactive: true,
		alternateScreen: true,
		incrementalRendering: true,
		// At the default of 30 a key that follows another waits up to 33 ms for its frame. Nothing but keys draws this often.
		maxFps: 60,
		patchConsole: false,
		exitOnCtrlC: false,
	});
	const stopTitle = titleWriter(dashboard.value.store, session);
	ink.waitUntilExit().then(
		() => end({type: 'quit', exitCode: 0}),
		(error: unknown) => end({type: 'crash', error}),
	);
	// The first frame does not wait for the engine.
	setImmediate(() => void dashboard.connect());

	const ending = await ended;
	isOver = true;
	stopTitle();
	ink.unmount();
	session.leave();
	const job = dashboard.jobEnded();
	if (ending.type === 'quit' && dashboard.value.router.get().leaving) {
		// Whoever waited for the job is told how it ended where they are now.
		const ended = endedJob(dashboard.value.store.get());
		streams.stdout.write(ended ? `${safeText(ended.text)}\n` : '');
	}

	let hangUpCode = 129;
	switch (ending.type) {
		case 'hang-up': {
			const signalled = await Promise.race([job.then(() => undefined), hurried]);
			if (signalled !== undefined) {
				hangUpCode = signalled;
				void dashboard.value.actions.cancelNow();
				await within(job, graceMilliseconds);
			}

			break;
		}

		case 'stop':
			void dashboard.value.actions.cancelNow();
			await Promise.race([within(job, graceMilliseconds), hurried]);
			break;
		case 'quit':
		case 'demo':
		case 'crash':
			break;
	}

	await within(dashboard.close(), graceMilliseconds);
	suspension.close();
	stopWatching();
	switch (ending.type) {
		case 'quit':
		case 'stop':
			return ending.exitCode;
		case 'hang-up':
			return hangUpCode;
		case 'demo':
			return options.startDemo ? options.startDemo() : 0;
		case 'crash': {
			const error = toPrintkeepError(ending.error, 'The dashboard stopped');
			options.log.record({
				type: 'log',
				level: 'error',
				at: clock.now(),
				text: error.message,
				...(error.detail === undefined ? {} : {detail: error.detail}),
			});
			streams.stderr.write(errorText(error, options.log.path));
			return 1;
		}
	}
};
