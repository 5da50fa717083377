/** Versions as Python packages have them: PEP 440, with its order. Source: https://peps.python.org/pep-0440/ */

export type PythonVersion = {
	readonly epoch: number;
	/** `1.11.8` is [1, 11, 8]. */
	readonly release: readonly number[];
	readonly pre: {readonly letter: 'a' | 'b' | 'rc'; readonly number: number} | null;
	readonly post: number | null;
	readonly dev: number | null;
	readonly local: readonly (string | number)[];
};

/**
 * The pattern of PEP 440, appendix B, with bounds. Interpreters of Debian's have a `+` at the end that stands for nothing.
 */
const pattern =
	/^v?(?:(\d{1,15})!)?(\d{1,15}(?:\.\d{1,15}){0,20})(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d{1,15})?)?(?:-(\d{1,15})|[-_.]?(post|rev|r)[-_.]?(\d{1,15})?)?(?:[-_.]?(dev)[-_.]?(\d{1,15})?)?(?:\+([a-z\d]+(?:[-_.][a-z\d]+)*))?\+?$/iu;

const letters: Readonly<Record<string, 'a' | 'b' | 'rc'>> = {
	a: 'a',
	alpha: 'a',
	b: 'b',
	beta: 'b',
	c: 'rc',
	rc: 'rc',
	pre: 'rc',
	preview: 'rc',
};

/** Reads a version; undefined when it is none. */
export const parseVersion = (text: string): PythonVersion | undefined => {
	const match = text.length > 300 ? null : pattern.exec(text.trim());
	if (!match) {
		return undefined;
	}

	const [, epoch, release = '', letter, preNumber, bare, post, postNumber, dev, devNumber, local] = match;
	const known = letter === undefined ? undefined : letters[letter.toLowerCase()];
	return {
		epoch: Number(epoch ?? 0),
		release: release.split('.').map(Number),
		pre: known === undefined ? null : {letter: known, number: Number(preNumber ?? 0)},
		post: bare === undefined ? (post === undefined ? null : Number(postNumber ?? 0)) : Number(bare),
		dev: dev === undefined ? null : Number(devNumber ?? 0),
		local:
			local === undefined
				? []
				: local
						.toLowerCase()
						.split(/[-_.]/u)
						.map(part => (/^\d{1,15}$/u.test(part) ? Number(part) : part)),
	};
};

/** The version in its one normal form: `v1.0-RC1` is `1.0rc1`. */
export const formatVersion = ({epoch, release, pre, post, dev, local}: PythonVersion): string =>
	[
		epoch === 0 ? '' : `${epoch}!`,
		release.join('.'),
		pre === null ? '' : `${pre.letter}${pre.number}`,
		post === null ? '' : `.post${post}`,
		dev === null ? '' : `.dev${dev}`,
		local.length === 0 ? '' : `+${local.join('.')}`,
	].join('');

/** Its epoch and release alone: `1.12.0rc1` is a `1.12.0`. */
export const baseOf = ({epoch, release}: PythonVersion): PythonVersion => ({
	epoch,
	release,
	pre: null,
	post: null,
	dev: null,
	local: [],
});

/** True for alpha, beta, candidate and development versions. */
export const isPrerelease = ({pre, dev}: PythonVersion): boolean => pre !== null || dev !== null;

const compareNumbers = (a: readonly number[], b: readonly number[]): number => {
	for (let index = 0; index < Math.max(a.length, b.length); index++) {
		const difference = (a[index] ?? 0) - (b[index] ?? 0);
		if (difference !== 0) {
			return difference;
		}
	}

	return 0;
};

/** Where the part before a release stands: a development version of a release comes before its candidates, the release itself after them. */
const preRank = ({pre, post, dev}: PythonVersion): readonly number[] =>
	pre === null ? (post === null && dev !== null ? [-1] : [3]) : [['a', 'b', 'rc'].indexOf(pre.letter), pre.number];

const compareLocal = (a: PythonVersion['local'], b: PythonVersion['local']): number => {
	for (let index = 0; index < Math.max(a.length, b.length); index++) {
		const left = a[index];
		const right = b[index];
		if (left === right) {
			continue;
		}

		// What is longer comes after what it begins with, and numbers come after words.
		if (left === undefined || right === undefined) {
			return left === undefined ? -1 : 1;
		}

		if (typeof left === 'number') {
			return typeof right === 'number' ? left - right : 1;
		}

		return typeof right === 'number' || left < right ? -1 : 1;
	}

	return 0;
};

/** Below zero when `a` comes before `b`, zero when they are the same version, above zero else. */
export const compareVersions = (a: PythonVersion, b: PythonVersion): number =>
	a.epoch - b.epoch ||
	compareNumbers(a.release, b.release) ||
	compareNumbers(preRank(a), preRank(b)) ||
	(a.post ?? -1) - (b.post ?? -1) ||
	(a.dev ?? Number.MAX_SAFE_INTEGER) - (b.dev ?? Number.MAX_SAFE_INTEGER) ||
	compareLocal(a.local, b.local);

/** True when two texts name the same version, however they are written; texts that are none are compared as they are. */
export const isSameVersion = (a: string, b: string): boolean => {
	const left = parseVersion(a);
	const right = parseVersion(b);
	return left && right ? compareVersions(left, right) === 0 : a === b;
};
