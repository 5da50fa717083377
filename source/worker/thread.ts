/** Entry of the engine's thread: answers requests, passes events on, never ends the process. */
import {parentPort, workerData} from 'node:worker_threads';
import {createEngine} from '../engine/engine.js';
import {type SystemOptions, systemPorts} from '../engine/system-ports.js';
import {toErrorData} from '../errors.js';
import {type PluginProgram, pluginsFromSettings} from '../settings/plugins-from-settings.js';
import type {FromWorker, ToWorker} from './messages.js';

const port = parentPort;
if (!port) {
	throw new Error('The engine thread has nobody to talk to.');
}

const options = workerData as SystemOptions & {readonly plugins?: PluginProgram};
const engine = createEngine(
	systemPorts({...options, startPlugins: options.plugins && pluginsFromSettings(options.plugins)}),
);
const send = (message: FromWorker): void => port.postMessage(message);

engine.subscribe(event => send({type: 'event', event}));
port.on('message', async (message: ToWorker) => {
	if (message.type === 'close') {
		await engine.close();
		send({type: 'closed'});
		port.close();
		return;
	}

	const {id, method, params} = message;
	try {
		// The pairing of method and parameters was checked where the message was made.
		const value = await engine.request(method, params as never);
		send({type: 'reply', id, ok: true, value});
	} catch (error) {
		send({type: 'reply', id, ok: false, error: toErrorData(error)});
	}
});
send({type: 'ready'});
