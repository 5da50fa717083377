/** What a backup would take in: the walk over an instance's parts, their sizes, and the parts that stay out. */
export {estimateArchiveBytes} from './scan/estimate.js';
export {resolveExcludes} from './scan/excludes.js';
export type {ScanItem, ScannedFile, ScannedFolder, ScannedLink, ScanOptions, ScanProblem} from './scan/items.js';
export {measurePart} from './scan/measure.js';
export {fileItem, itemOf, type Met, scan, Walk} from './scan/walk.js';
