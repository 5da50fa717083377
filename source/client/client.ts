import type {EngineEvent, MethodName, Params, Result} from './protocol.js';

/** How everyone outside the engine talks to it; implemented by the worker client and the in-process client. */
export type Client = {
	/** Calls a method. Rejects with a PrintkeepError. */
	readonly request: <Name extends MethodName>(method: Name, params: Params<Name>) => Promise<Result<Name>>;
	/** Listens to events; returns the function that stops it. */
	readonly subscribe: (listener: (event: EngineEvent) => void) => () => void;
	/** Stops watching, waits for nothing, frees the thread. A running job is cancelled first and waited for. */
	readonly close: () => Promise<void>;
};
