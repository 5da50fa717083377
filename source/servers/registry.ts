import type {ServerKind} from '../client/protocol.js';
import type {ServerAdapter} from './adapter.js';
import {octoprintAdapter} from './octoprint/adapter.js';

/** The code that knows each kind of server. */
export const adapters: Readonly<Record<ServerKind, ServerAdapter>> = {octoprint: octoprintAdapter};
