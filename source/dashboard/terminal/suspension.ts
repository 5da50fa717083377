import type {TerminalSession} from './session.js';
import type {DashboardProcess} from './watch-process.js';

/** Gives the terminal back to the shell and takes it again. */
export type Suspension = {readonly suspend: () => void; readonly resume: () => void; readonly close: () => void};

/** Hands the terminal over; resolves with the way to take it back. Ink's `suspendTerminal`. */
export type SuspendTerminal = () => Promise<{readonly resume: () => Promise<void>}>;

/**
 * Stops the program as Ctrl+Z does, with the terminal restored before and taken again after; also when SIGTSTP comes from elsewhere.
 * @param suspendTerminal gives undefined while nothing is drawn.
 */
export const createSuspension = (
	process: DashboardProcess,
	session: TerminalSession,
	suspendTerminal: () => SuspendTerminal | undefined,
): Suspension => {
	let takeTerminal: (() => Promise<void>) | undefined;
	let isBusy = false;
	const resume = (): void => {
		const take = takeTerminal;
		takeTerminal = undefined;
		if (take) {
			process.on('SIGTSTP', onStop);
			session.enter();
			void take().finally(() => {
				isBusy = false;
			});
		}
	};

	const suspend = async (): Promise<void> => {
		const handOver = suspendTerminal();
		if (isBusy || !handOver) {
			return;
		}

		isBusy = true;
		const suspended = await handOver();
		takeTerminal = suspended.resume;
		session.leave();
		// With our listener gone the signal does what it does by default, to the whole group, as the key would.
		process.off('SIGTSTP', onStop);
		process.kill(0, 'SIGTSTP');
		// Reached when the program goes on. Where there is no shell to come back to, nothing stops, and that is at once.
		setTimeout(resume, 50);
	};

	const onStop = (): void => void suspend();
	process.on('SIGTSTP', onStop);
	return {
		suspend: onStop,
		resume,
		close: () => {
			process.off('SIGTSTP', onStop);
		},
	};
};
