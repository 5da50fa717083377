import type {EngineEvent, MethodName, Params} from '../client/protocol.js';
import type {ErrorData} from '../errors.js';

/** What crosses between the dashboard's thread and the engine's. */
export type RequestMessage = {
	readonly [Name in MethodName]: {
		readonly type: 'request';
		readonly id: number;
		readonly method: Name;
		readonly params: Params<Name>;
	};
}[MethodName];

export type ToWorker = RequestMessage | {readonly type: 'close'};

export type FromWorker =
	| {readonly type: 'ready'}
	| {readonly type: 'reply'; readonly id: number; readonly ok: true; readonly value: unknown}
	| {readonly type: 'reply'; readonly id: number; readonly ok: false; readonly error: ErrorData}
	| {readonly type: 'event'; readonly event: EngineEvent}
	| {readonly type: 'closed'};
