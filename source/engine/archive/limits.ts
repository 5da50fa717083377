/** How much an archive may claim before it is refused. */
export type ArchiveLimits = {
	/** Each takes about 430 bytes of memory while the archive is open: half a million of them still fit on a board with 512 MB. */
	readonly entries: number;
	/** Length of the list of contents, which is held in memory as it is. */
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
	/**
	 * Unpacked to packed size of one entry above 1 MB. DEFLATE cannot reach 1,033. Less would refuse honest backups: G-code of a laser raster reaches 466,
	 * of a waiting loop 513, and the empty pages of a database 1,026. What is a bomb all the same, the whole archive shows.
	 */
	readonly entryRatio: number;
	/** Unpacked size to archive size, for archives that are not printkeep's and unpack to more than `totalRatioFromBytes`. */
	readonly totalRatio: number;
	readonly totalRatioFromBytes: number;
};

export const defaultLimits: ArchiveLimits = {
	entries: 500_000,
	directoryBytes: 128 * 1024 * 1024,
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
