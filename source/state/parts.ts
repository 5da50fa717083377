/** What is known of the parts of the instance: pure. */
import type {Part, PartLeftOut, PartSize} from '../client/protocol.js';
import type {ErrorData} from '../errors.js';
import type {PartsState} from './model.js';

export type PartsEvent =
	| {readonly type: 'parts-loading'}
	| {readonly type: 'parts-loaded'; readonly parts: readonly Part[]}
	| {readonly type: 'part-measured'; readonly size: PartSize}
	| {readonly type: 'part-unmeasured'; readonly name: string; readonly error: ErrorData}
	| {readonly type: 'parts-failed'; readonly error: ErrorData}
	| {readonly type: 'left-out-asked'; readonly asking: boolean}
	| {readonly type: 'left-out-known'; readonly parts: readonly PartLeftOut[]};

/** The parts after an event. */
export const reduceParts = (parts: PartsState, event: PartsEvent): PartsState => {
	switch (event.type) {
		case 'parts-loading':
			return {...parts, state: 'loading', error: null, sizes: new Map(), unmeasured: new Map()};
		case 'parts-loaded':
			return {...parts, state: 'ready', error: null, list: event.parts};
		case 'part-measured':
			return {...parts, sizes: new Map([...parts.sizes, [event.size.name, event.size]])};
		case 'part-unmeasured':
			return {...parts, unmeasured: new Map([...parts.unmeasured, [event.name, event.error]])};
		case 'parts-failed':
			return {...parts, state: 'failed', error: event.error};
		case 'left-out-asked':
			return {...parts, asking: event.asking};
		case 'left-out-known': {
			const known = new Map(event.parts.map(part => [part.name, part]));
			return {
				...parts,
				asking: false,
				list: parts.list.map(part => ({...part, leftOut: known.get(part.name)?.leftOut ?? part.leftOut})),
				notes: new Map(event.parts.map(({name, notes}) => [name, notes])),
			};
		}
	}
};
