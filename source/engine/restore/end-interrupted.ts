import type {Target} from '../../client/protocol.js';
import {adapterFor} from '../adapter-for.js';
import type {EnginePorts} from '../ports.js';
import {dataRoot, type Recovery, recoverInterrupted} from './recover.js';
import {startStoppedServer} from './server-note.js';

/** What was ended, and what is left to be done by a person; empty when nothing is. */
export type Ended = Recovery & {readonly hint: string};

/** A server that has started meanwhile has read a data folder that was in pieces. */
const restartHint = async (ports: EnginePorts, {instance}: Pick<Target, 'instance'>): Promise<string> => {
	const adapter = await adapterFor(ports, instance.kind);
	try {
		return (await adapter.isRunning(ports.server, instance)) === true
			? (await adapter.afterRestore(ports.server, instance)).join(' ')
			: '';
	} catch {
		return 'Restart the server if it is running.';
	}
};

/**
 * Ends the interrupted restore or undo of an instance and then starts the server that was stopped for it. Can itself be interrupted at any point and
 * repeated. The caller holds the instance's lock.
 * @throws needs-recovery, the system error of a step that failed. A server that does not start is no failure.
 */
export const endInterrupted = async (
	ports: EnginePorts,
	target: Pick<Target, 'instance' | 'service'>,
): Promise<Ended> => {
	const {type, message} = await recoverInterrupted(ports, target.instance);
	const restart = await startStoppedServer(ports, target, dataRoot(target.instance));
	const messages = [message, restart.message].filter(text => text !== '').join(' ');
	if (type === 'none' || type === 'cleaned') {
		return {type: messages === '' ? type : 'cleaned', message: messages, hint: restart.hint};
	}

	return {
		type,
		message: messages,
		hint: restart.message === '' ? await restartHint(ports, target) : restart.hint,
	};
};
