/** How long a cancelled job may take to clean up before the process leaves without it. */
const graceMilliseconds = 5000;

type Job = {readonly cancel: () => void; readonly finished: Promise<unknown>};

/** The signals of a plain command. */
export type Signals = {
	/**
	 * Resolves with an exit code when a signal ends the command: 130 after SIGINT, 143 after SIGTERM, 129 after SIGHUP. A running job is
	 * cancelled first and waited for. SIGHUP leaves a command that is at work alone: the terminal is gone, the work is not, and after the job of a plan
	 * comes that of the restore. Such a command ends by itself.
	 */
	readonly ended: Promise<number>;
	/** The exit code of the first signal that came; undefined when none did. */
	readonly received: () => number | undefined;
	/** True once a signal ends the command: what is begun now would be cut off with the process. */
	readonly isEnding: () => boolean;
	/** Tells which job is running; returns the function to call when it has ended. */
	readonly track: (job: Job) => () => void;
	/** Lets go of the signals, so that somebody else can handle them. */
	readonly release: () => void;
};

/** What of a process is used; `process` itself fits. */
export type SignalSource = {
	readonly on: (signal: NodeJS.Signals, listener: () => void) => unknown;
	readonly off: (signal: NodeJS.Signals, listener: () => void) => unknown;
};

/** Waits for the job, but no longer than it is given. How it ended is not asked: the signal decides the exit code. */
const endOf = async (finished: Promise<unknown>, milliseconds: number): Promise<void> =>
	new Promise(resolve => {
		const timer = setTimeout(resolve, milliseconds);
		const stop = (): void => {
			clearTimeout(timer);
			resolve();
		};

		finished.then(stop, stop);
	});

/** Starts to listen for signals. A second SIGINT or SIGTERM while a job is being cancelled ends the wait at once. */
export const listenForSignals = (source: SignalSource): Signals => {
	let job: Job | undefined;
	let ending = false;
	let received: number | undefined;
	let end: (code: number) => void = () => undefined;
	const ended = new Promise<number>(resolve => {
		end = resolve;
	});

	const stop = (code: number) => (): void => {
		received ??= code;
		if (ending || !job) {
			ending = true;
			end(code);
			return;
		}

		ending = true;
		job.cancel();
		void endOf(job.finished, graceMilliseconds).then(() => end(code));
	};

	const hangUp = (): void => {
		received ??= 129;
		if (!job) {
			ending = true;
			end(129);
		}
	};

	const listeners = [
		['SIGINT', stop(130)],
		['SIGTERM', stop(143)],
		['SIGHUP', hangUp],
	] as const;
	for (const [signal, listener] of listeners) {
		source.on(signal, listener);
	}

	return {
		ended,
		received: () => received,
		isEnding: () => ending,
		track(running) {
			job = running;
			return () => {
				job = undefined;
			};
		},
		release() {
			for (const [signal, listener] of listeners) {
				source.off(signal, listener);
			}
		},
	};
};
