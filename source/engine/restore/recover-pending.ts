import type {Result, Target} from '../../client/protocol.js';
import {isPrintkeepError, toErrorData} from '../../errors.js';
import {addHistory} from '../history.js';
import {acquireLock, lockPaths} from '../lock.js';
import type {EnginePorts} from '../ports.js';
import {type BytePath, lookAt} from './byte-path.js';
import {type Ended, endInterrupted} from './end-interrupted.js';
import {journalPath} from './journal.js';
import {dataRoot} from './recover.js';
import {findServerNote} from './server-note.js';
import {workFolderCandidates} from './work-folder.js';

type Pending = Result<'recover.pending'>;

const nothing: Pending = {type: 'none', message: '', hint: ''};

/** Looks at the names alone. What another user keeps private is for that user's printkeep to end. */
const isPending = (dataFolder: BytePath): boolean => {
	try {
		return (
			workFolderCandidates(dataFolder).some(work => lookAt(journalPath(work)) !== undefined) ||
			findServerNote(dataFolder) !== undefined
		);
	} catch {
		return false;
	}
};

const note = async (ports: EnginePorts, target: Target, message: string): Promise<void> => {
	const {disk, stateFolder, clock, randomHex} = ports;
	try {
		await addHistory(disk, {
			stateFolder,
			target,
			record: {at: clock.now(), job: 'recover', outcome: 'done', key: null, message},
			randomHex: randomHex(8),
		});
	} catch {
		// The data counts. A recovery must not need a state folder that can be written.
	}
};

const end = async (ports: EnginePorts, target: Target): Promise<Ended> => {
	// Only the instance is locked: the store may be anywhere, and need not be there.
	const {instance: paths} = lockPaths({...target, store: target.instance.dataFolder});
	const {disk, clock, hostName, randomHex} = ports;
	const {processFolder} = ports.server;
	const lock = await acquireLock({paths, disk, clock, hostName, randomHex, processFolder, job: 'recover'});
	try {
		return await endInterrupted(ports, target);
	} finally {
		lock.release();
	}
};

/**
 * Ends an interrupted restore or undo of an instance, unless a living printkeep is at work on it. Where nothing is pending that costs a look at four
 * names. Never throws: what could not be ended is told as `failed`, and nothing is lost by that.
 */
export const recoverPending = async (ports: EnginePorts, target: Target): Promise<Pending> => {
	if (!isPending(dataRoot(target.instance))) {
		return nothing;
	}

	try {
		const ended = await end(ports, target);
		if (ended.type !== 'none') {
			await note(ports, target, ended.message);
		}

		return ended;
	} catch (error) {
		if (isPrintkeepError(error) && error.code === 'busy') {
			return nothing;
		}

		const {message, hint} = toErrorData(error, 'A step of it failed');
		return {
			type: 'failed',
			message: `An interrupted restore could not be ended. ${message}`,
			hint: hint === '' ? 'Put right what stands in the way, then run: printkeep recover' : hint,
		};
	}
};
