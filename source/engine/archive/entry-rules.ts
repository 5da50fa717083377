/**
 * What a single entry may be, as a table: each rule has the code of its fault and says in words how an entry breaks it. The rules know records, not
 * bytes, so that whatever reads the bytes can be changed without touching them.
 */
import type {ZipFault} from '../../zip-faults.js';
import type {ArchiveLimits} from './limits.js';
import {
	flagEncrypted,
	flagMaskedHeaders,
	flagStrongEncryption,
	knownFlags,
	localHeaderBytes,
	methodAes,
	methodDeflated,
	methodStored,
	modeDirectory,
	modeLink,
	modeRegular,
	modeTypeMask,
} from './zip-format.js';

/** What the rules look at: a record of the central directory, however it was read. */
export type EntryFacts = {
	/** Decoded. */
	readonly name: string;
	readonly type: 'file' | 'directory';
	/** Length of the name and of all extra fields in the record. */
	readonly nameBytes: number;
	readonly extraBytes: number;
	readonly disk: number;
	readonly flags: number;
	readonly rawMethod: number;
	readonly compressedBytes: number;
	readonly bytes: number;
	readonly headerOffset: number;
	/** High half of the external attributes, file type included, whatever system wrote it. */
	readonly rawMode: number;
	/** True when the low half, MS-DOS's own, says that it is a folder. */
	readonly isDosFolder: boolean;
};

export type EntryContext = {
	/** Position of the central directory: all entries lie before it. */
	readonly directoryOffset: number;
	readonly limits: ArchiveLimits;
};

export type EntryRule = {
	readonly code: ZipFault;
	/** Completes 'The entry "x" …'; null when the entry keeps the rule. */
	readonly finds: (entry: EntryFacts, context: EntryContext) => string | null;
};

const ratioFromBytes = 1024 * 1024;

const methodNames: Readonly<Record<number, string>> = {
	1: 'Shrink',
	6: 'Implode',
	9: 'Deflate64',
	12: 'bzip2',
	14: 'LZMA',
	20: 'Zstandard',
	93: 'Zstandard',
	95: 'XZ',
	98: 'PPMd',
};

const when = (isBroken: boolean, words: string): string | null => (isBroken ? words : null);

const fileType = ({rawMode}: EntryFacts): number => rawMode & modeTypeMask;

/** In the order in which they are applied. Names have a table of their own, in names.ts. */
export const entryRules: readonly EntryRule[] = [
	{
		code: 'zip-extra-too-large',
		finds: ({extraBytes}, {limits}) =>
			when(extraBytes > limits.extraBytes, `has ${extraBytes} bytes of extra fields, more than any ordinary one`),
	},
	{
		code: 'zip-multi-disk',
		finds: ({disk}) => when(disk !== 0, 'lies in another file: the archive is split over several'),
	},
	{
		code: 'zip-encrypted',
		finds: ({flags, rawMethod}) =>
			when(
				(flags & (flagEncrypted | flagStrongEncryption | flagMaskedHeaders)) !== 0 || rawMethod === methodAes,
				'is encrypted',
			),
	},
	{
		code: 'zip-flags',
		finds: ({flags}) => when((flags & ~knownFlags) !== 0, 'uses features that ordinary ZIP archives do not have'),
	},
	{
		code: 'zip-method',
		finds: ({rawMethod}) =>
			when(
				rawMethod !== methodStored && rawMethod !== methodDeflated,
				`is compressed with ${methodNames[rawMethod] ?? `method ${rawMethod}`}, which printkeep does not read`,
			),
	},
	{code: 'zip-symlink', finds: entry => when(fileType(entry) === modeLink, 'is a symbolic link')},
	{
		code: 'zip-special-file',
		finds: entry =>
			when(![0, modeRegular, modeDirectory, modeLink].includes(fileType(entry)), 'is a device, a pipe or a socket'),
	},
	{
		code: 'zip-file-and-folder',
		finds: entry =>
			when(
				entry.type === 'directory'
					? fileType(entry) === modeRegular
					: fileType(entry) === modeDirectory || (entry.isDosFolder && fileType(entry) === 0),
				'is a file and a folder at once',
			),
	},
	{
		code: 'zip-directory-with-data',
		finds: ({type, bytes, compressedBytes}) =>
			when(type === 'directory' && (bytes !== 0 || compressedBytes !== 0), 'is a folder that has content like a file'),
	},
	{
		code: 'zip-size-mismatch',
		finds: ({rawMethod, bytes, compressedBytes}) =>
			when(rawMethod === methodStored && bytes !== compressedBytes, 'has two different sizes'),
	},
	{
		code: 'zip-bomb-ratio',
		finds: ({bytes, compressedBytes}, {limits}) =>
			when(
				bytes > ratioFromBytes && bytes > compressedBytes * limits.entryRatio,
				`claims to unpack to more than ${limits.entryRatio} times its size`,
			),
	},
	{
		code: 'zip-outside',
		finds: ({headerOffset, nameBytes, compressedBytes}, {directoryOffset}) =>
			when(
				headerOffset + localHeaderBytes + nameBytes + compressedBytes > directoryOffset,
				'lies outside of the archive',
			),
	},
];
