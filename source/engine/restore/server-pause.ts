import type {JobRequest} from '../../client/protocol.js';
import {toPrintkeepError} from '../../errors.js';
import type {JobContext} from '../jobs/context.js';
import type {BytePath} from './byte-path.js';
import {type Guarded, guardServer} from './guard.js';
import {findPending} from './recover.js';
import {removeServerNote, writeServerNote} from './server-note.js';

type Choice = Pick<Extract<JobRequest, {type: 'undo'}>, 'evenIfPrinting' | 'stopServer'>;

/** What a person chose about the server. */
export type ServerChoice = {readonly [Name in keyof Choice]: Choice[Name] | undefined};

export type ServerPause = {
	/**
	 * Notes that the server is going to be stopped, and stops it; does nothing when it does not run or is to be left alone.
	 * @throws printing, failed, the system error: it runs as before then, or `resume` starts it again.
	 */
	readonly stop: (work: BytePath) => Promise<void>;
	/** Starts it again if it was stopped, once the data folder is whole. Never fails: what a person has to do then is a next step. */
	readonly resume: () => Promise<{readonly isRestarted: boolean; readonly next: readonly string[]}>;
};

/** True while neither the old nor the new tree is complete: a server must not start on that. */
const isInPieces = (dataFolder: string): boolean => {
	try {
		const phase = findPending({dataFolder})?.journal.phase;
		return phase === 'forward' || phase === 'back';
	} catch {
		return true;
	}
};

/**
 * Makes sure that nothing is printing, and prepares stopping the server for the exchange.
 * @throws printing
 */
export const pauseServer = async (
	{ports, report}: Pick<JobContext, 'ports' | 'report'>,
	guarded: Guarded,
	choice: ServerChoice,
): Promise<ServerPause> => {
	const guard = await guardServer({ports}, {...guarded, ...choice});
	const {dataFolder} = guarded.instance;
	let noted: BytePath | undefined;
	let isStopped = false;
	return {
		async stop(work) {
			if (guard.record) {
				report.phase('stopping');
				noted = work;
				await writeServerNote(ports, work, guard.record);
			}

			isStopped = await guard.stop();
		},
		async resume() {
			if (noted === undefined || isInPieces(dataFolder)) {
				return {isRestarted: false, next: []};
			}

			try {
				if (isStopped) {
					report.phase('starting');
				}

				await guard.start();
				return {isRestarted: isStopped, next: []};
			} catch (error) {
				const {message, hint} = toPrintkeepError(error, 'The server could not be started again');
				report.log('warning', message, hint);
				return {isRestarted: true, next: [`${message} ${hint}`.trim()]};
			} finally {
				await removeServerNote(ports.disk, noted);
			}
		},
	};
};
