import type {PartSize} from '../../client/protocol.js';
import type {Layout} from '../../servers/adapter.js';
import {estimateArchiveBytes} from './estimate.js';
import {scan} from './walk.js';

/** Walks one part and adds up its files; also of parts that are never backed up. An unknown part is empty. */
export const measurePart = async ({
	layout,
	part,
	excludes = [],
	signal,
	breathe,
}: {
	readonly layout: Layout;
	readonly part: string;
	/** Parts left out: some rules depend on them. */
	readonly excludes?: readonly string[];
	readonly signal?: AbortSignal;
	readonly breathe: () => Promise<void>;
}): Promise<PartSize> => {
	let bytes = 0;
	let files = 0;
	let estimatedBytes = 0;
	for await (const item of scan({layout, excludes, onlyPart: part, breathe, ...(signal ? {signal} : {})})) {
		if (item.type === 'file') {
			files++;
			bytes += item.bytes;
			estimatedBytes += estimateArchiveBytes(item.target, item.bytes);
		}
	}

	return {name: part, bytes, files, estimatedBytes};
};
