/** The refusals of the archive reader: one sentence that names the entry, escaped, because archives come from strangers. */
import type {ErrorCode} from '../../errors.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';

const damagedHint = 'Use another backup, or copy this one again from where it came from.';
const refusedHint =
	'Nothing was unpacked. If it comes from someone you trust, unpack it by hand and make a new archive.';

/** An entry's name for a sentence: escaped and quoted. */
export const quoteEntry = (name: string): string => `"${safeText(name)}"`;

const archiveError =
	(code: ErrorCode, hint: string) =>
	(message: string, detail?: string, cause?: unknown): PrintkeepError =>
		new PrintkeepError(code, message, {
			hint,
			...(detail === undefined ? {} : {detail}),
			...(cause === undefined ? {} : {cause}),
		});

/** Bytes are not what they must be. */
export const damaged = archiveError('archive-damaged', damagedHint);
/** Well-formed, perhaps, but against a rule of safety or ambiguous. */
export const refused = archiveError('archive-refused', refusedHint);
export const truncated = archiveError('archive-truncated', damagedHint);
export const notAZip = archiveError(
	'not-a-zip',
	'Choose a backup that ends in .zip and was made by printkeep or OctoPrint.',
);
