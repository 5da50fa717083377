import type {Readable} from 'node:stream';
import {crc32} from 'node:zlib';
import {isPrintkeepError} from '../../errors.js';
import type {DirectoryRecord} from './directory.js';
import {archiveFault, quoteEntry} from './errors.js';

/**
 * Takes a member that yauzl reads, and checks its size and CRC-32.
 * @param onChunk false: no more is wanted, and nothing is checked.
 * @throws zip-content, zip-size-mismatch, zip-crc; what `onChunk` throws
 */
export const takeStream = async (
	stream: Readable,
	record: DirectoryRecord,
	onChunk: (chunk: Buffer) => boolean,
): Promise<void> => {
	let bytes = 0;
	let checksum = 0;
	try {
		for await (const chunk of stream as AsyncIterable<Buffer>) {
			bytes += chunk.length;
			checksum = crc32(chunk, checksum);
			if (!onChunk(chunk)) {
				return;
			}
		}
	} catch (error) {
		throw isPrintkeepError(error)
			? error
			: archiveFault(
					'zip-content',
					`The entry ${quoteEntry(record.name)} cannot be unpacked.`,
					error instanceof Error ? error.message : undefined,
					error,
				);
	}

	if (bytes !== record.bytes) {
		throw archiveFault(
			'zip-size-mismatch',
			`The entry ${quoteEntry(record.name)} does not have the size the archive says.`,
		);
	}

	if (checksum !== record.crc32) {
		throw archiveFault('zip-crc', `The entry ${quoteEntry(record.name)} is damaged: its checksum does not match.`);
	}
};
