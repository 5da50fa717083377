import * as fs from 'node:fs';
import * as path from 'node:path';
import {safeText} from '../../../format/safe-text.js';
import type {ServerPorts} from '../../adapter.js';
import {baseOf, compareVersions, parseVersion} from '../../python-version.js';
import type {Facts} from './facts.js';
import type {Place} from './place.js';

/** A board may have to compile what a plugin needs, which takes its time. */
const timeoutMilliseconds = 45 * 60_000;
const keptBytes = 60_000;

/** What pip is to install. */
export type Installation = {
	/** Absolute path of an archive, or a name with its exact version. */
	readonly what: string;
	/** True builds it with what is installed, as plugins of old need it. */
	readonly isLegacy: boolean;
	readonly followDependencyLinks: boolean;
};

export type PipResult =
	| {readonly type: 'installed'}
	/**
	 * - `missing`: the package index has no such version
	 * - `incompatible`: it does not run here, by its own word
	 * - `legacy`: it has to be built with what is installed
	 */
	| {
			readonly type: 'missing' | 'incompatible' | 'legacy' | 'failed';
			/** One sentence, safe to print. */
			readonly reason: string;
			/** What pip said, for the log. */
			readonly detail: string;
	  };

/** Names and passwords of package indexes are nobody's business. */
const withoutSecrets = (text: string): string => text.replaceAll(/\/\/[^\s/@]+@/gu, '//…@');

/** The line that says most: the exception a build ended with, else pip's own last word that is more than a name. */
const lastError = (text: string): string | undefined => {
	const lines = text.split('\n').map(line => line.trim());
	return (
		lines.findLast(line => /^(?:[a-z_]+\.)*[A-Z]\w*(?:Error|Exception): \S/u.test(line)) ??
		lines.map(line => /^(?:ERROR|error): (\S+ .*)$/u.exec(line)?.[1]).findLast(line => line !== undefined)
	);
};

const patterns: readonly {
	readonly pattern: RegExp;
	readonly type: 'missing' | 'incompatible' | 'legacy' | 'failed';
	readonly reason: string;
}[] = [
	{
		pattern: /No module named ['"]?octoprint_setuptools/u,
		type: 'legacy',
		reason: 'It can only be built with what is installed beside OctoPrint.',
	},
	{
		pattern: /externally-managed-environment/u,
		type: 'failed',
		reason:
			'This Python belongs to the system, which lets nobody install into it: OctoPrint should have an environment of its own.',
	},
	{pattern: /No space left on device|\[Errno 28\]/u, type: 'failed', reason: 'The disk is full.'},
	{
		pattern: /requires a different Python|Requires-Python/u,
		type: 'incompatible',
		reason: 'It is for another version of Python.',
	},
	{
		pattern: /The user requested \(constraint\)|ResolutionImpossible|conflicting dependencies/u,
		type: 'incompatible',
		reason: 'It needs another version of OctoPrint, or of something that OctoPrint needs.',
	},
	{
		pattern: /No matching distribution found for/u,
		type: 'missing',
		reason: 'Something it needs cannot be had from the package index.',
	},
];

const isBefore = (version: string | null, limit: string): boolean => {
	const a = version === null ? undefined : parseVersion(version);
	const b = parseVersion(limit);
	return a !== undefined && b !== undefined && compareVersions(baseOf(a), b) < 0;
};

const judge = (text: string, installation: Installation): Exclude<PipResult, {type: 'installed'}> => {
	const detail = withoutSecrets(text.trim()).slice(-keptBytes);
	const known = patterns.find(({pattern}) => pattern.test(text));
	if (known) {
		const {type, reason} = known;
		// Only of what was asked for itself does it mean that there is no such version.
		const isOther = type === 'missing' && !text.includes(`No matching distribution found for ${installation.what}`);
		return isOther ? {type: 'failed', reason, detail} : {type, reason, detail};
	}

	const line = lastError(text);
	return {
		type: 'failed',
		reason: line === undefined ? 'pip failed.' : `pip says: ${safeText(withoutSecrets(line)).slice(0, 300)}`,
		detail,
	};
};

const argumentsFor = (
	{what, isLegacy, followDependencyLinks}: Installation,
	{pip, isVirtual, isWritable, hasUserPackages}: Facts,
	constraints: string,
): readonly string[] => [
	...['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check'],
	...['--constraint', constraints],
	...(isLegacy && !isBefore(pip, '19') ? ['--use-pep517', '--no-build-isolation'] : []),
	...(followDependencyLinks && isBefore(pip, '19') ? ['--process-dependency-links'] : []),
	...(!isVirtual && !isWritable && hasUserPackages ? ['--user'] : []),
	what,
];

/**
 * Writes down what has to stay as it is: the server itself must not be exchanged for what a plugin likes better.
 * @returns the file, for pip.
 */
export const writeConstraints = ({folder}: Place, {octoprint}: Pick<Facts, 'octoprint'>): string => {
	const file = path.join(folder, 'constraints.txt');
	const version = octoprint === null ? undefined : parseVersion(octoprint);
	fs.writeFileSync(file, version ? `OctoPrint==${octoprint}\n` : '', {mode: 0o644, flag: 'wx'});
	// Whoever masks the mode of new files: the user whom pip runs as has to read it.
	fs.chmodSync(file, 0o644);
	return file;
};

/**
 * Runs pip. Its exit code alone says whether something was installed.
 * @throws cancelled
 */
export const pipInstall = async (
	{runBounded}: Pick<ServerPorts, 'runBounded'>,
	{
		place: {python, work, user, variables},
		facts,
		constraints,
		installation,
		signal,
	}: {
		readonly place: Place;
		readonly facts: Facts;
		readonly constraints: string;
		readonly installation: Installation;
		readonly signal: AbortSignal;
	},
): Promise<PipResult> => {
	const {ended, exitCode, output, errors} = await runBounded({
		file: python,
		args: argumentsFor(installation, facts, constraints),
		workingFolder: work,
		environment: variables,
		user,
		timeoutMilliseconds,
		keptBytes,
		signal,
	});
	signal.throwIfAborted();
	if (ended === 'timeout') {
		return {type: 'failed', reason: `pip took over ${timeoutMilliseconds / 60_000} minutes.`, detail: errors};
	}

	return exitCode === 0 ? {type: 'installed'} : judge(`${output}\n${errors}`, installation);
};
