import type {BuiltInKind} from '../client/protocol.js';
import type {ServerAdapter} from './adapter.js';
import {octoprintAdapter} from './octoprint/adapter.js';

/** The code that knows each kind of server printkeep knows itself. */
export const adapters: Readonly<Record<BuiltInKind, ServerAdapter>> = {octoprint: octoprintAdapter};
