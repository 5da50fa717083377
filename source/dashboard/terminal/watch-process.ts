/** What is used of a process; `process` itself fits. */
export type DashboardProcess = {
	readonly pid: number;
	readonly on: (event: string, listener: (value: unknown) => void) => unknown;
	readonly off: (event: string, listener: (value: unknown) => void) => unknown;
	readonly kill: (pid: number, signal: NodeJS.Signals) => unknown;
};

export type StreamEvents = {
	readonly on: (event: string, listener: (value: unknown) => void) => unknown;
	readonly off: (event: string, listener: (value: unknown) => void) => unknown;
};

/** What can happen to the program from outside. */
export type ProcessEvent =
	| {readonly type: 'interrupt'}
	| {readonly type: 'terminate'}
	/** The terminal is gone: SIGHUP, or reading and writing fails because the connection dropped. */
	| {readonly type: 'hang-up'}
	| {readonly type: 'continue'}
	| {readonly type: 'crash'; readonly error: unknown};

/**
 * Listens to signals, to failing streams and to errors nobody caught. Errors of the streams are always taken, since an unheard one would end
 * the process, and with it a job that needs no terminal.
 * @returns the function that stops listening; the streams stay guarded, for what is written on the way out.
 */
export const watchProcess = (
	source: DashboardProcess,
	streams: readonly StreamEvents[],
	report: (event: ProcessEvent) => void,
): (() => void) => {
	const signals = {
		SIGINT: {type: 'interrupt'},
		SIGTERM: {type: 'terminate'},
		SIGHUP: {type: 'hang-up'},
		SIGCONT: {type: 'continue'},
	} as const satisfies Record<string, ProcessEvent>;
	const listeners = [
		...Object.entries(signals).map(([signal, event]) => [signal, () => report(event)] as const),
		['uncaughtException', (error: unknown) => report({type: 'crash', error})] as const,
		['unhandledRejection', (error: unknown) => report({type: 'crash', error})] as const,
	];
	for (const [event, listener] of listeners) {
		source.on(event, listener);
	}

	for (const stream of streams) {
		stream.on('error', () => report({type: 'hang-up'}));
		stream.on('end', () => report({type: 'hang-up'}));
	}

	return () => {
		for (const [event, listener] of listeners) {
			source.off(event, listener);
		}
	};
};
