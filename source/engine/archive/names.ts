/** Rules for the names of entries. The writer keeps them, the reader refuses archives that break them. */
import {type ArchiveLimits, defaultLimits} from './limits.js';

const ordinary = /^[\x20-\x7e]*$/;
const control = /[\u0000-\u001f\u007f-\u009f]/;
const loneSurrogate = /\p{Surrogate}/u;
const emptySegment = /(^|\/)(\/|$)/;
const dotSegment = /(^|\/)\.{1,2}(\/|$)/;

/**
 * Tells what is wrong with an entry's name, in words that complete "its name …"; null when nothing is.
 * @param name the whole entry name; folders end with `/`.
 */
export const entryNameProblem = (name: string, limits: ArchiveLimits = defaultLimits): string | null => {
	const path = name.endsWith('/') ? name.slice(0, -1) : name;
	if (path === '') {
		return 'is empty';
	}

	if (!ordinary.test(path)) {
		if (control.test(path)) {
			return 'has control characters';
		}

		if (loneSurrogate.test(path)) {
			return 'is not valid Unicode';
		}
	}

	if (path.includes('\\')) {
		return 'has a backslash';
	}

	if (path.startsWith('/')) {
		return 'is absolute';
	}

	if (/^[A-Za-z]:/.test(path)) {
		return 'starts with a drive letter';
	}

	if (emptySegment.test(path)) {
		return 'has an empty folder name';
	}

	if (dotSegment.test(path)) {
		return 'leads out of its folder ("." or "..")';
	}

	// Only names that could be too long are measured; nearly none are.
	if (path.length * 3 > limits.nameBytes && Buffer.byteLength(path) > limits.nameBytes) {
		return `is longer than ${limits.nameBytes} bytes`;
	}

	if (path.length * 3 > limits.segmentBytes || path.length > limits.depth) {
		const segments = path.split('/');
		if (segments.length > limits.depth) {
			return `is more than ${limits.depth} folders deep`;
		}

		if (
			segments.some(
				segment => segment.length * 3 > limits.segmentBytes && Buffer.byteLength(segment) > limits.segmentBytes,
			)
		) {
			return `has a part longer than ${limits.segmentBytes} bytes`;
		}
	}

	return null;
};
