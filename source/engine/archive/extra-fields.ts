/** Extra fields of a header: (id, length, data) after one another. */
import {archiveFault} from './errors.js';
import {extraTimestamp, extraUnicodePath, extraZip64} from './zip-format.js';

export type ExtraFields = {
	/** Values of the ZIP64 field, eight bytes each. */
	readonly zip64: Buffer | null;
	/** Modification time in seconds since the epoch, from the extended timestamp. */
	readonly modifiedSeconds: number | null;
	/** Content of Info-ZIP's Unicode path field. */
	readonly unicodePath: Buffer | null;
};

const none: ExtraFields = {zip64: null, modifiedSeconds: null, unicodePath: null};

const timestampOf = (bytes: Buffer, start: number, end: number): number | null =>
	end - start >= 5 && ((bytes[start] ?? 0) & 1) === 1 ? bytes.readInt32LE(start + 1) : null;

/**
 * Reads the fields printkeep understands; the others are skipped.
 * @param header has them from `first` to before `last`; what comes out lies in it.
 * @param describe names the entry, for the refusal.
 * @throws zip-extra-damaged when the lengths do not fit; zip64-field, zip-name-mismatch when a field that matters is there twice.
 */
export const readExtraFields = (header: Buffer, first: number, last: number, describe: () => string): ExtraFields => {
	if (first === last) {
		return none;
	}

	let zip64: Buffer | null = null;
	let modifiedSeconds: number | null = null;
	let unicodePath: Buffer | null = null;
	let position = first;
	while (position < last) {
		if (position + 4 > last) {
			throw archiveFault('zip-extra-damaged', `${describe()} has damaged extra fields.`);
		}

		const id = header.readUInt16LE(position);
		const start = position + 4;
		position = start + header.readUInt16LE(position + 2);
		if (position > last) {
			throw archiveFault('zip-extra-damaged', `${describe()} has damaged extra fields.`);
		}

		switch (id) {
			case extraZip64: {
				if (zip64) {
					throw archiveFault('zip64-field', `${describe()} says its size twice.`);
				}

				zip64 = header.subarray(start, position);
				break;
			}

			case extraUnicodePath: {
				if (unicodePath) {
					throw archiveFault('zip-name-mismatch', `${describe()} has two names.`);
				}

				unicodePath = header.subarray(start, position);
				break;
			}

			case extraTimestamp: {
				modifiedSeconds ??= timestampOf(header, start, position);
				break;
			}

			default:
		}
	}

	return {zip64, modifiedSeconds, unicodePath};
};
