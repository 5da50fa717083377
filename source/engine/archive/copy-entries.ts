import {isPrintkeepError} from '../../errors.js';
import {archiveFault} from './errors.js';
import {readFully} from './pread.js';
import type {CopiedEntries} from './writer-types.js';

/** Larger pieces gain nothing. */
const pieceBytes = 128 * 1024;
let memory: Buffer | undefined;

/** What the disk does not give back of an earlier backup is that backup's fault, not the new one's. */
const readEarlier = (descriptor: number, piece: Buffer, position: number): void => {
	try {
		readFully(descriptor, piece, position);
	} catch (error) {
		throw isPrintkeepError(error)
			? error
			: archiveFault(
					'archive-damaged',
					'The earlier backup cannot be read.',
					String((error as NodeJS.ErrnoException).code),
					error,
				);
	}
};

/**
 * Copies entries as they lie in another archive.
 * @param hooks.onRead told how many more bytes were read.
 * @throws zip-changed when that archive is shorter, archive-damaged when it cannot be read; what `write` throws
 */
export const copyEntries = async (
	{descriptor, start, end, onBytes}: CopiedEntries,
	{
		write,
		breathe,
		onRead,
	}: {
		readonly write: (bytes: Uint8Array) => void;
		readonly breathe: () => Promise<void>;
		readonly onRead?: ((bytes: number) => void) | undefined;
	},
): Promise<void> => {
	memory ??= Buffer.allocUnsafeSlow(pieceBytes);
	for (let position = start; position < end; position += pieceBytes) {
		await breathe();
		const piece = memory.subarray(0, Math.min(pieceBytes, end - position));
		readEarlier(descriptor, piece, position);
		write(piece);
		onBytes?.(piece.length);
		onRead?.(piece.length);
	}
};
