/** The refusals of the archive reader: one sentence that names the entry, escaped, because archives come from strangers. */
import {type ArchiveFault, PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';

const damagedHint = 'Use another backup, or copy this one again from where it came from.';
const refusedHint =
	'Nothing was unpacked. If it comes from someone you trust, unpack it by hand and make a new archive.';
const notAZipHint = 'Choose a backup that ends in .zip and was made by printkeep or OctoPrint.';
const changedHint = 'Wait until whatever writes it has finished, then try again.';

/** Faults with an advice of their own. All others break a rule of safety, or are ambiguous. */
const hints: Readonly<Partial<Record<ArchiveFault, string>>> = {
	'not-a-zip': notAZipHint,
	'archive-truncated': damagedHint,
	'archive-damaged': damagedHint,
	'zip-crc': damagedHint,
	'zip-content': damagedHint,
	'zip-size-mismatch': damagedHint,
	'zip-data-after-content': damagedHint,
	'zip-trailing-data': damagedHint,
	'zip-outside': damagedHint,
	'zip-entry-count': damagedHint,
	'zip64-end': damagedHint,
	'zip64-number': damagedHint,
	'zip-changed': changedHint,
	'zip-backslash':
		'Nothing was unpacked. Some old Windows programs write such names: unpack it there and pack it again with another one.',
	'zip-method': 'Nothing was unpacked. Unpack it with 7-Zip, and pack it again with the method “Deflate”.',
	'zip-encrypted': 'Nothing was unpacked. Unpack it with its password, and pack it again without one.',
	'zip-multi-disk': 'Nothing was unpacked. Join its pieces with the program that made it.',
	'zip-colliding-name':
		'Nothing was unpacked. Restore to a disk with a file system of Linux, such as ext4, or leave that part out with --part.',
	'zip-reserved-name':
		'Nothing was unpacked. Restore to a disk with a file system of Linux, such as ext4, or leave that part out with --part.',
	'zip-too-many-entries': 'Nothing was unpacked. If you trust it, raise the setting limit-entries.',
	'zip-name-too-long': 'Nothing was unpacked. If you trust it, raise the setting limit-name.',
	'zip-bomb-total': 'Nothing was unpacked. If you trust it, raise the setting limit-total.',
	'zip-bomb-ratio': 'Nothing was unpacked. If you trust it, raise the setting limit-ratio.',
};

/** An entry's name for a sentence: escaped and quoted. */
export const quoteEntry = (name: string): string => `"${safeText(name)}"`;

/**
 * The error for a fault of an archive, with the advice that belongs to it.
 * @param message the sentence for a person; names in it are escaped already.
 */
export const archiveFault = (code: ArchiveFault, message: string, detail?: string, cause?: unknown): PrintkeepError =>
	new PrintkeepError(code, message, {
		hint: hints[code] ?? refusedHint,
		...(detail === undefined ? {} : {detail}),
		...(cause === undefined ? {} : {cause}),
	});

const faultOf =
	(code: ArchiveFault) =>
	(message: string, detail?: string, cause?: unknown): PrintkeepError =>
		archiveFault(code, message, detail, cause);

/** Bytes are not what they must be, and no narrower code says how. */
export const damaged = faultOf('archive-damaged');
/** Well-formed, perhaps, but against a rule, and no narrower code says which. */
export const refused = faultOf('archive-refused');
export const truncated = faultOf('archive-truncated');
export const notAZip = faultOf('not-a-zip');
