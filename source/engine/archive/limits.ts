/** How much an archive may claim before it is refused. */
export type ArchiveLimits = {
	readonly entries: number;
	readonly directoryBytes: number;
	/** Name of an entry, in UTF-8 bytes. */
	readonly nameBytes: number;
	/** One segment of a name, in UTF-8 bytes: three times the limit of file systems, since printkeep escapes bytes that no archive can hold as `%XX`. */
	readonly segmentBytes: number;
	/** The same for archives of other programs, which escape nothing. */
	readonly foreignSegmentBytes: number;
	readonly depth: number;
	/** Extra fields of one entry. */
	readonly extraBytes: number;
	/** Sum of the unpacked sizes. The space check of a restore is stricter. */
	readonly totalBytes: number;
	/** Unpacked to packed size of one entry above 1 MB. DEFLATE cannot reach 1,033. */
	readonly entryRatio: number;
	/** Unpacked size to archive size, for archives that are not printkeep's and unpack to more than `totalRatioFromBytes`. */
	readonly totalRatio: number;
	readonly totalRatioFromBytes: number;
};

export const defaultLimits: ArchiveLimits = {
	entries: 1_000_000,
	directoryBytes: 256 * 1024 * 1024,
	nameBytes: 4096,
	segmentBytes: 3 * 255 + 16,
	foreignSegmentBytes: 255,
	depth: 256,
	extraBytes: 4096,
	totalBytes: 16 * 1024 ** 4,
	entryRatio: 1033,
	totalRatio: 200,
	totalRatioFromBytes: 1024 ** 3,
};

/** The limits that hold: the defaults, changed by a person's settings. A longer list of entries may take as much more room. */
export const limitsOf = (settings: Partial<ArchiveLimits> = {}): ArchiveLimits => {
	const {entries = defaultLimits.entries} = settings;
	const room = Math.max(1, entries / defaultLimits.entries);
	return {...defaultLimits, directoryBytes: Math.floor(defaultLimits.directoryBytes * room), ...settings};
};
