/** Files and folders marked inside an archive; a marked folder stands for all below it. Pure. */

export type MarkedPaths = ReadonlySet<string>;

export const noMarkedPaths: MarkedPaths = new Set();

/** The folder that holds a path; '' for the top. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** The last part of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** True when the path itself or a folder above it is marked. */
export const isCovered = (marks: MarkedPaths, path: string): boolean => {
	for (let current = path; current !== ''; current = parentOf(current)) {
		if (marks.has(current)) {
			return true;
		}
	}

	return false;
};

/** True when something below a folder is marked, but not the folder. */
export const holdsMarks = (marks: MarkedPaths, folder: string): boolean =>
	[...marks].some(path => isBelow(path, folder));

/**
 * Marks or unmarks. Marking a folder takes the marks of what lies below it with it. What is covered by a marked folder above cannot be
 * unmarked by itself, so it stays.
 */
export const toggleMark = (marks: MarkedPaths, path: string): MarkedPaths => {
	const next = new Set(marks);
	if (next.delete(path) || isCovered(marks, path)) {
		return next;
	}

	for (const marked of marks) {
		if (isBelow(marked, path)) {
			next.delete(marked);
		}
	}

	next.add(path);
	return next;
};
