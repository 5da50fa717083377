import {type PythonVersion, parseVersion} from '../python-version.js';

const withoutLastNumber = ({epoch, release}: PythonVersion): readonly number[] => [
	epoch,
	...(release.length > 1 ? release.slice(0, -1) : release),
];

/**
 * True when a backup is of a newer version than the installed server by OctoPrint's rule: the release parts are compared without their last numbers, so
 * that a newer patch is fine. Unknown versions are never newer.
 */
export const isNewer = (backup: string | null, installed: string | null): boolean => {
	const a = backup === null ? undefined : parseVersion(backup);
	const b = installed === null ? undefined : parseVersion(installed);
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
