/** The parts of a PEP 440 version that OctoPrint compares. */
type Release = {readonly epoch: number; readonly numbers: readonly number[]};

/**
 * The pattern of PEP 440, appendix B, reduced to what says where the release part ends. Anything that does not match is no version.
 */
const pattern =
	/^v?(?:(\d{1,9})!)?(\d{1,9}(?:\.\d{1,9}){0,20})(?:[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?\d*)?(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?(?:\+[a-z\d]+(?:[-_.][a-z\d]+)*)?\+?$/iu;

/** Reads a version; undefined when it is none. */
export const parseRelease = (version: string): Release | undefined => {
	const match = pattern.exec(version.trim());
	return match ? {epoch: Number(match[1] ?? 0), numbers: (match[2] ?? '').split('.').map(Number)} : undefined;
};

const withoutLastNumber = ({epoch, numbers}: Release): readonly number[] => [
	epoch,
	...(numbers.length > 1 ? numbers.slice(0, -1) : numbers),
];

/**
 * True when a backup is of a newer version than the installed server by OctoPrint's rule: the release parts are compared without their last numbers, so
 * that a newer patch is fine. Unknown versions are never newer.
 */
export const isNewer = (backup: string | null, installed: string | null): boolean => {
	const a = backup === null ? undefined : parseRelease(backup);
	const b = installed === null ? undefined : parseRelease(installed);
	if (!a || !b) {
		return false;
	}

	const left = withoutLastNumber(a);
	const right = withoutLastNumber(b);
	for (let index = 0; index < Math.max(left.length, right.length); index++) {
		const difference = (left[index] ?? 0) - (right[index] ?? 0);
		if (difference !== 0) {
			return difference > 0;
		}
	}

	return false;
};
