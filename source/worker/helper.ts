/** Entry of a helper thread: does one task after the other. */
import {parentPort, workerData} from 'node:worker_threads';
import {systemDisk} from '../engine/disk.js';
import {taskHandlers} from '../engine/pool/handlers.js';
import type {HelperData, TaskMessage, TaskReply, ThreadMessage} from '../engine/pool/pool.js';
import {createSweep} from '../engine/pool/sweep.js';
import {lowerThisThread} from '../engine/priority.js';
import {toErrorData} from '../errors.js';

const port = parentPort;
if (!port) {
	throw new Error('The helper thread has nobody to talk to.');
}

const thread = (workerData as HelperData | null)?.isNice === true ? lowerThisThread() : null;
if (thread !== null) {
	port.postMessage({thread} satisfies ThreadMessage);
}

const sweep = createSweep();
port.on('message', async ({id, name, input}: TaskMessage) => {
	try {
		// The pairing of name and input was checked where the message was made.
		const {output, transfer} = await taskHandlers[name](input as never, systemDisk);
		port.postMessage({id, ok: true, output} satisfies TaskReply, [...transfer]);
		sweep();
	} catch (error) {
		port.postMessage({id, ok: false, error: toErrorData(error)} satisfies TaskReply);
	}
});
