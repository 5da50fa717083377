/** Entry of a helper thread: does one task after the other. */
import {parentPort} from 'node:worker_threads';
import {systemDisk} from '../engine/disk.js';
import {taskHandlers} from '../engine/pool/handlers.js';
import type {TaskMessage, TaskReply} from '../engine/pool/pool.js';
import {toErrorData} from '../errors.js';

const port = parentPort;
if (!port) {
	throw new Error('The helper thread has nobody to talk to.');
}

port.on('message', ({id, name, input}: TaskMessage) => {
	try {
		// The pairing of name and input was checked where the message was made.
		const {output, transfer} = taskHandlers[name](input as never, systemDisk);
		port.postMessage({id, ok: true, output} satisfies TaskReply, [...transfer]);
	} catch (error) {
		port.postMessage({id, ok: false, error: toErrorData(error)} satisfies TaskReply);
	}
});
