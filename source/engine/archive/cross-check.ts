/** A second opinion on archives that printkeep did not write: what yauzl sees must be what printkeep sees. */
import type {DirectoryRecord} from './directory.js';
import {archiveFault} from './errors.js';
import type {OpenArchive} from './reader.js';
import {listWithYauzl} from './yauzl-access.js';

/**
 * Lists the archive with yauzl and compares names, places, sizes and checksums.
 * @throws zip-ambiguous when the two disagree, cancelled
 */
export const crossCheck = async ({bytes, internals}: OpenArchive, breathe: () => Promise<void>): Promise<void> => {
	const {directory, descriptor, source} = internals;
	const rawName = ({nameStart, nameBytes}: DirectoryRecord): Buffer => {
		const {bytes: held, start} = source.directory.at(nameStart, nameBytes);
		return held.subarray(start, start + nameBytes);
	};
	const disagree = (detail: string, cause?: unknown): Error =>
		archiveFault('zip-ambiguous', 'Two ways of reading the archive disagree about what is in it.', detail, cause);
	let number = 0;
	let stopped: unknown;
	try {
		await listWithYauzl(descriptor, bytes, async entry => {
			try {
				await breathe();
			} catch (error) {
				stopped = error;
				throw error;
			}

			const record = number < directory.length ? directory.record(number) : undefined;
			number++;
			const agrees =
				record !== undefined &&
				entry.rawName.equals(rawName(record)) &&
				entry.headerOffset === record.headerOffset &&
				entry.compressedBytes === record.compressedBytes &&
				entry.bytes === record.bytes &&
				entry.crc32 === record.crc32 &&
				entry.method === record.rawMethod;
			if (!agrees) {
				throw new Error(`entry ${number}: ${JSON.stringify({...entry, rawName: entry.rawName.toString('hex')})}`);
			}
		});
	} catch (error) {
		throw stopped ?? disagree(error instanceof Error ? error.message : String(error), error);
	}

	if (number !== directory.length) {
		throw disagree(`${number} entries instead of ${directory.length}`);
	}
};
