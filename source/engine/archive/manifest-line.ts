/** The manifest's line of a file. Its fields stand in a fixed order, the hash after everything a look at the file can tell. */
import type {ManifestFile} from './types.js';

const billion = 1_000_000_000n;

const fractionDigits = 9;

/** "1700000000.123456789" of nanoseconds since the epoch, also before 1970. */
export const secondsText = (nanoseconds: bigint): string => {
	if (nanoseconds >= billion) {
		const digits = String(nanoseconds);
		return `${digits.slice(0, -fractionDigits)}.${digits.slice(-fractionDigits)}`;
	}

	const fraction = ((nanoseconds % billion) + billion) % billion;
	const seconds = (nanoseconds - fraction) / billion;
	return `${seconds}.${String(fraction).padStart(fractionDigits, '0')}`;
};

/** What a look at a file tells. */
export type FileIdentity = Pick<
	ManifestFile,
	'path' | 'part' | 'bytes' | 'mode' | 'modified' | 'uid' | 'gid' | 'rawPath' | 'inode' | 'changed' | 'sourceBytes'
>;

/** The line up to its hash: the same for a file as long as nothing about it has changed. */
export const manifestLineStart = (file: FileIdentity): string =>
	`{"path":${JSON.stringify(file.path)},"part":${JSON.stringify(file.part)},"bytes":${file.bytes},"mode":${file.mode},"modified":"${
		file.modified
	}","uid":${file.uid},"gid":${file.gid}${file.rawPath === undefined ? '' : `,"rawPath":"${file.rawPath}"`}${
		file.inode === undefined ? '' : `,"inode":"${file.inode}"`
	}${file.changed === undefined ? '' : `,"changed":"${file.changed}"`}${
		file.sourceBytes === undefined ? '' : `,"sourceBytes":${file.sourceBytes}`
	},"sha256":"`;

/** The whole line, without what separates it from the next. */
export const manifestLine = (file: ManifestFile): string =>
	`${manifestLineStart(file)}${file.sha256}"${file.tables === undefined ? '' : `,"tables":${JSON.stringify(file.tables)}`}}`;
