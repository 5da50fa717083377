/** What a backup would take in: the walk over an instance's parts, their sizes, and the parts that stay out. */
export {estimateArchiveBytes} from './scan/estimate.js';
export {resolveExcludes} from './scan/excludes.js';
export {measurePart} from './scan/measure.js';
export {
	type ScanItem,
	type ScannedFile,
	type ScannedFolder,
	type ScannedLink,
	type ScanOptions,
	type ScanProblem,
	scan,
} from './scan/walk.js';
