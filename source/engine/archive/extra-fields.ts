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

const timestampOf = (data: Buffer): number | null =>
	data.length >= 5 && ((data[0] ?? 0) & 1) === 1 ? data.readInt32LE(1) : null;

/**
 * Reads the fields printkeep understands; the others are skipped.
 * @param describe names the entry, for the refusal.
 * @throws zip-extra-damaged when the lengths do not fit; zip64-field, zip-name-mismatch when a field that matters is there twice.
 */
export const readExtraFields = (extra: Buffer, describe: () => string): ExtraFields => {
	if (extra.length === 0) {
		return none;
	}

	let zip64: Buffer | null = null;
	let modifiedSeconds: number | null = null;
	let unicodePath: Buffer | null = null;
	let position = 0;
	while (position < extra.length) {
		if (position + 4 > extra.length) {
			throw archiveFault('zip-extra-damaged', `${describe()} has damaged extra fields.`);
		}

		const id = extra.readUInt16LE(position);
		const start = position + 4;
		position = start + extra.readUInt16LE(position + 2);
		if (position > extra.length) {
			throw archiveFault('zip-extra-damaged', `${describe()} has damaged extra fields.`);
		}

		switch (id) {
			case extraZip64: {
				if (zip64) {
					throw archiveFault('zip64-field', `${describe()} says its size twice.`);
				}

				zip64 = extra.subarray(start, position);
				break;
			}

			case extraUnicodePath: {
				if (unicodePath) {
					throw archiveFault('zip-name-mismatch', `${describe()} has two names.`);
				}

				unicodePath = extra.subarray(start, position);
				break;
			}

			case extraTimestamp: {
				modifiedSeconds ??= timestampOf(extra.subarray(start, position));
				break;
			}

			default:
		}
	}

	return {zip64, modifiedSeconds, unicodePath};
};
