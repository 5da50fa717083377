/** Rules for the names of entries. The writer keeps them, the reader refuses archives that break them. */
import type {ZipFault} from '../../zip-faults.js';
import {type ArchiveLimits, defaultLimits} from './limits.js';

export type NameFault = {
	readonly code: ZipFault;
	/** Completes "its name …". */
	readonly words: string;
};

type NameRule = {
	readonly code: ZipFault;
	readonly words: (limits: ArchiveLimits) => string;
	/** @param path the name without the slash that ends a folder's. */
	readonly breaks: (path: string, limits: ArchiveLimits) => boolean;
};

/** Longer than a number of bytes; only what could be is measured. */
const isLonger = (text: string, bytes: number): boolean => text.length * 3 > bytes && Buffer.byteLength(text) > bytes;

/** In the order in which a person is told of them: a name that breaks several is reported with the first. */
const nameRules: readonly NameRule[] = [
	{code: 'zip-empty-name', words: () => 'is empty', breaks: path => path === ''},
	{
		code: 'zip-control-character',
		words: () => 'has control characters',
		breaks: path => /[\u0000-\u001f\u007f-\u009f]/.test(path),
	},
	{code: 'zip-invalid-utf8', words: () => 'is not valid Unicode', breaks: path => /\p{Surrogate}/u.test(path)},
	{code: 'zip-backslash', words: () => 'has a backslash', breaks: path => path.includes('\\')},
	{code: 'zip-absolute-name', words: () => 'is absolute', breaks: path => path.startsWith('/')},
	{code: 'zip-drive-name', words: () => 'starts with a drive letter', breaks: path => /^[A-Za-z]:/.test(path)},
	{code: 'zip-empty-name', words: () => 'has an empty folder name', breaks: path => /(^|\/)(\/|$)/.test(path)},
	{
		code: 'zip-dot-segment',
		words: () => 'leads out of its folder ("." or "..")',
		breaks: path => /(^|\/)\.{1,2}(\/|$)/.test(path),
	},
	{
		code: 'zip-name-too-long',
		words: ({nameBytes}) => `is longer than ${nameBytes} bytes`,
		breaks: (path, {nameBytes}) => isLonger(path, nameBytes),
	},
	{
		code: 'zip-too-deep',
		words: ({depth}) => `is more than ${depth} folders deep`,
		breaks: (path, {depth}) => path.length > depth && path.split('/').length > depth,
	},
	{
		code: 'zip-name-too-long',
		words: ({segmentBytes}) => `has a part longer than ${segmentBytes} bytes`,
		breaks: (path, {segmentBytes}) =>
			path.length * 3 > segmentBytes && path.split('/').some(segment => isLonger(segment, segmentBytes)),
	},
];

/** Nearly all names: of printable ASCII, without backslash and colon, no part empty or beginning with a dot. */
const unremarkable = /^(?:[!-\-0-9;-[\]-~][ -.0-9;-[\]-~]*\/)*[!-\-0-9;-[\]-~][ -.0-9;-[\]-~]*\/?$/;

/**
 * Tells which rule an entry's name breaks; null when it is fine.
 * @param name the whole entry name; folders end with `/`.
 */
export const entryNameFault = (name: string, limits: ArchiveLimits = defaultLimits): NameFault | null => {
	if (
		name.length <= limits.depth &&
		name.length <= limits.nameBytes &&
		name.length <= limits.segmentBytes &&
		unremarkable.test(name)
	) {
		return null;
	}

	const path = name.endsWith('/') ? name.slice(0, -1) : name;
	const broken = nameRules.find(rule => rule.breaks(path, limits));
	return broken ? {code: broken.code, words: broken.words(limits)} : null;
};

/** What is wrong with an entry's name, in words that complete "its name …"; null when nothing is. */
export const entryNameProblem = (name: string, limits: ArchiveLimits = defaultLimits): string | null =>
	entryNameFault(name, limits)?.words ?? null;
