/** The header in front of an entry's data. It must say the same as the central directory, or two programs would unpack two different things. */
import type {DirectoryRecord} from './directory.js';
import {archiveFault, quoteEntry} from './errors.js';
import {readExtraFields} from './extra-fields.js';
import {defaultLimits} from './limits.js';
import {
	descriptorSignature,
	flagDescriptor,
	localHeaderBytes,
	localHeaderSignature,
	max32,
	methodStored,
} from './zip-format.js';

/**
 * Length of a local header.
 * @param header at least its first 30 bytes.
 * @throws zip-local-mismatch when there is none.
 */
export const localHeaderLength = (header: Buffer, record: DirectoryRecord): number => {
	if (header.readUInt32LE(0) !== localHeaderSignature) {
		throw archiveFault(
			'zip-local-mismatch',
			`The entry ${quoteEntry(record.name)} does not start where the list of contents says.`,
		);
	}

	return localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
};

/**
 * Compares a whole local header with the entry's record.
 * @param rawName the name's bytes in the central directory.
 * @throws zip-local-mismatch when they contradict each other, zip-unknown-length, zip-extra-too-large, zip-extra-damaged, zip64-field
 */
export const checkLocalHeader = (header: Buffer, record: DirectoryRecord, rawName: Uint8Array): void => {
	const describe = (): string => `The entry ${quoteEntry(record.name)}`;
	const contradicts = (what: string): Error =>
		archiveFault('zip-local-mismatch', `${describe()} has two different ${what} in the archive.`);
	const nameBytes = header.readUInt16LE(26);
	const extraStart = localHeaderBytes + nameBytes;
	if (nameBytes !== rawName.length || header.compare(rawName, 0, nameBytes, localHeaderBytes, extraStart) !== 0) {
		throw contradicts('names');
	}

	const flags = header.readUInt16LE(6);
	if (flags !== record.flags) {
		throw contradicts('kinds of storage');
	}

	if (header.readUInt16LE(8) !== record.rawMethod) {
		throw contradicts('compression methods');
	}

	const extraBytes = header.length - extraStart;
	if (extraBytes > defaultLimits.extraBytes) {
		throw archiveFault('zip-extra-too-large', `${describe()} has ${extraBytes} bytes of extra fields.`);
	}

	const {zip64, unicodePath} = readExtraFields(header, extraStart, header.length, describe);
	// A reader that goes from header to header would take this name.
	if (unicodePath && unicodePath.toString('utf8', 5).replace(leadingDots, '') !== record.name) {
		throw contradicts('names');
	}

	const crc32 = header.readUInt32LE(14);
	let compressedBytes = header.readUInt32LE(18);
	let bytes = header.readUInt32LE(22);
	if (zip64) {
		// In the local header both sizes are there; 64-bit tools that stream leave them zero for the descriptor.
		if (zip64.length < 16) {
			throw archiveFault('zip64-field', `${describe()} has a damaged size.`);
		}

		const large = {bytes: zip64.readBigUInt64LE(0), compressedBytes: zip64.readBigUInt64LE(8)};
		if (
			(bytes !== max32 && BigInt(bytes) !== large.bytes) ||
			(compressedBytes !== max32 && BigInt(compressedBytes) !== large.compressedBytes)
		) {
			throw contradicts('sizes');
		}

		bytes = Number(large.bytes);
		compressedBytes = Number(large.compressedBytes);
	}

	const isSame = crc32 === record.crc32 && compressedBytes === record.compressedBytes && bytes === record.bytes;
	if (isSame) {
		return;
	}

	// What a descriptor tells later may be zero here; some tools know the size, but not the checksum.
	const isLater =
		(flags & flagDescriptor) !== 0 &&
		[0, record.crc32].includes(crc32) &&
		[0, record.compressedBytes].includes(compressedBytes) &&
		[0, record.bytes].includes(bytes);
	if (!isLater) {
		throw contradicts('sizes or checksums');
	}

	if (record.rawMethod === methodStored && compressedBytes !== record.compressedBytes) {
		throw archiveFault('zip-unknown-length', `${describe()} does not say where it ends.`);
	}
};

/** Some tools list everything below "./". */
const leadingDots = /^(\.\/)+(?=[^/])/;

/** Lengths a data descriptor can have: with or without signature, with 32-bit or 64-bit sizes. */
const descriptorForms = [
	{bytes: 16, signature: true, wide: false},
	{bytes: 24, signature: true, wide: true},
	{bytes: 12, signature: false, wide: false},
	{bytes: 20, signature: false, wide: true},
] as const;

/**
 * Checks what lies between an entry's data and the next entry: nothing, or the data descriptor that its flags promise.
 * @throws zip-gap, zip-descriptor
 */
export const checkGap = (gap: Buffer, record: DirectoryRecord): void => {
	if ((record.flags & flagDescriptor) === 0) {
		if (gap.length > 0) {
			throw archiveFault(
				'zip-gap',
				`There are ${gap.length} bytes after the entry ${quoteEntry(record.name)} that belong to no entry.`,
			);
		}

		return;
	}

	const fits = descriptorForms.some(({bytes, signature, wide}) => {
		if (gap.length !== bytes || (signature && gap.readUInt32LE(0) !== descriptorSignature)) {
			return false;
		}

		const start = signature ? 4 : 0;
		const sizes = wide
			? [gap.readBigUInt64LE(start + 4), gap.readBigUInt64LE(start + 12)]
			: [BigInt(gap.readUInt32LE(start + 4)), BigInt(gap.readUInt32LE(start + 8))];
		return (
			gap.readUInt32LE(start) === record.crc32 &&
			sizes[0] === BigInt(record.compressedBytes) &&
			sizes[1] === BigInt(record.bytes)
		);
	});
	if (!fits) {
		throw archiveFault(
			'zip-descriptor',
			`What follows the entry ${quoteEntry(record.name)} contradicts the list of contents.`,
		);
	}
};
