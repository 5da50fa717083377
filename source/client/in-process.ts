import {createEngine} from '../engine/engine.js';
import type {EnginePorts} from '../engine/ports.js';
import type {Client} from './client.js';

/** A client whose engine runs in this very thread: for commands, which have no screen to keep alive. */
export const createInProcessClient = (ports: EnginePorts): Client => {
	const engine = createEngine(ports);
	return {request: engine.request, subscribe: engine.subscribe, close: engine.close};
};
