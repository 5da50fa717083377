import type {EngineEvent} from '../../client/protocol.js';

/** Shows the events of a job as they come. */
export type Printer = {
	readonly event: (event: EngineEvent) => void;
	/** Takes away what is not meant to stay, before anything else is printed. */
	readonly clear: () => void;
};
