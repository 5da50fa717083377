import type {PartSize} from '../../client/protocol.js';
import type {Layout} from '../../servers/adapter.js';
import {estimateArchiveBytes} from './estimate.js';
import {Walk} from './walk.js';

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
	const walk = new Walk({layout, excludes, onlyPart: part});
	for (let met = walk.step(); met; met = walk.step()) {
		signal?.throwIfAborted();
		if (met === 'pause') {
			await breathe();
		} else if (met.type === 'file') {
			const {stats, name} = met.child;
			const size = Number(stats.size);
			files++;
			bytes += size;
			estimatedBytes += estimateArchiveBytes(name.target, size);
		}
	}

	return {name: part, bytes, files, estimatedBytes};
};
