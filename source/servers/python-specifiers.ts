/** Version specifiers of Python packages: `>=1.3.6,<2`. Source: https://peps.python.org/pep-0440/#version-specifiers */
import {
	baseOf,
	compareVersions,
	formatVersion,
	isPrerelease,
	type PythonVersion,
	parseVersion,
} from './python-version.js';

type Operator = '~=' | '==' | '!=' | '<=' | '>=' | '<' | '>' | '===';

type Clause =
	| {readonly type: 'compare'; readonly operator: Exclude<Operator, '==='>; readonly version: PythonVersion}
	/** `==1.4.*` and `!=1.4.*`. */
	| {readonly type: 'prefix'; readonly isEqual: boolean; readonly version: PythonVersion}
	/** `===1.4`: the same text. */
	| {readonly type: 'text'; readonly text: string};

export type Specifiers = readonly Clause[];

const clausePattern = /^(===|~=|==|!=|<=|>=|<|>)\s*(\S+)$/u;

const parseClause = (text: string): Clause | undefined => {
	const match = clausePattern.exec(text);
	const operator = match?.[1] as Operator | undefined;
	const operand = match?.[2] ?? '';
	if (operator === undefined) {
		return undefined;
	}

	if (operator === '===') {
		return {type: 'text', text: operand.toLowerCase()};
	}

	const hasWildcard = operand.endsWith('.*');
	const version = parseVersion(hasWildcard ? operand.slice(0, -2) : operand);
	if (!version) {
		return undefined;
	}

	const isEquality = operator === '==' || operator === '!=';
	if (hasWildcard) {
		const isPlain = compareVersions(version, baseOf(version)) === 0;
		return isEquality && isPlain ? {type: 'prefix', isEqual: operator === '==', version} : undefined;
	}

	if (!isEquality && version.local.length > 0) {
		return undefined;
	}

	return operator === '~=' && version.release.length < 2 ? undefined : {type: 'compare', operator, version};
};

/** Reads specifiers, all of which have to hold; undefined when they are none. An empty text is no condition at all. */
export const parseSpecifiers = (text: string): Specifiers | undefined => {
	const clauses: Clause[] = [];
	for (const part of text.length > 1000 ? [text] : text.split(',')) {
		const trimmed = part.trim();
		const clause = trimmed === '' ? null : parseClause(trimmed);
		if (clause === undefined) {
			return undefined;
		}

		if (clause !== null) {
			clauses.push(clause);
		}
	}

	return clauses;
};

const hasPrefix = (version: PythonVersion, {epoch, release}: Pick<PythonVersion, 'epoch' | 'release'>): boolean =>
	version.epoch === epoch && release.every((number, index) => (version.release[index] ?? 0) === number);

const withoutLocal = (version: PythonVersion): PythonVersion => ({...version, local: []});

const hasSameBase = (a: PythonVersion, b: PythonVersion): boolean => compareVersions(baseOf(a), baseOf(b)) === 0;

const isEqual = (version: PythonVersion, wanted: PythonVersion): boolean =>
	compareVersions(wanted.local.length === 0 ? withoutLocal(version) : version, wanted) === 0;

/** `<4` does not mean the candidates of 4. */
const leadsUpTo = (version: PythonVersion, wanted: PythonVersion): boolean =>
	!isPrerelease(wanted) &&
	isPrerelease(version) &&
	hasSameBase(version, wanted) &&
	(wanted.post === null || (version.post === wanted.post && version.pre === null));

/** `>1.7` does not mean 1.7.post1. */
const followsOn = (version: PythonVersion, wanted: PythonVersion): boolean =>
	wanted.post === null &&
	wanted.dev === null &&
	version.post !== null &&
	compareVersions({...version, post: null, dev: null, local: []}, wanted) === 0;

const holds = (clause: Clause, version: PythonVersion): boolean => {
	if (clause.type === 'text') {
		return formatVersion(version) === clause.text;
	}

	if (clause.type === 'prefix') {
		return hasPrefix(version, clause.version) === clause.isEqual;
	}

	const {operator, version: wanted} = clause;
	const order = compareVersions(withoutLocal(version), wanted);
	switch (operator) {
		case '==':
			return isEqual(version, wanted);
		case '!=':
			return !isEqual(version, wanted);
		case '<=':
			return order <= 0;
		case '>=':
			return order >= 0;
		case '~=':
			return order >= 0 && hasPrefix(version, {epoch: wanted.epoch, release: wanted.release.slice(0, -1)});
		case '<':
			return order < 0 && !leadsUpTo(version, wanted);
		case '>':
			return order > 0 && !followsOn(version, wanted);
	}
};

/** True when a version fulfils all of the specifiers. Candidates and development versions count as any other, unlike where pip chooses what to install. */
export const fulfils = (version: PythonVersion, specifiers: Specifiers): boolean =>
	specifiers.every(clause => holds(clause, version));
