import {safeText} from '../../../format/safe-text.js';
import {fulfils, parseSpecifiers} from '../../python-specifiers.js';
import {baseOf, type PythonVersion, parseVersion} from '../../python-version.js';
import type {RepositoryPlugin} from './repository.js';

/** What a plugin would run on. */
export type Surroundings = {
	/** Version of the installed OctoPrint. */
	readonly octoprint: string;
	/** Version of its interpreter. */
	readonly python: string;
	/** The interpreter's own name of the system: `linux`, `darwin`. */
	readonly platform: string;
};

/** OctoPrint's names of systems. Source: `octoprint/util/platform`. */
const systemName = (platform: string): string => {
	if (platform === 'win32') {
		return 'windows';
	}

	return platform === 'darwin' ? 'macos' : (/^(?:linux|freebsd)|^android$/u.exec(platform)?.[0] ?? 'unmapped');
};

const fitsSystem = (names: readonly string[], platform: string): boolean => {
	const matches = (name: string): boolean => name === systemName(platform) || platform.startsWith(name);
	const excluded = names.filter(name => name.startsWith('!') && name.length > 1).map(name => name.slice(1));
	const wanted = names.filter(name => !name.startsWith('!'));
	return !excluded.some(matches) && (wanted.length === 0 || wanted.some(matches));
};

/** A bare version means that one and newer. */
const fitsOctoPrint = (entries: readonly string[], version: PythonVersion): boolean =>
	entries.some(entry => {
		const specifiers = parseSpecifiers(/^(?:[<>=]|!=|~=)/u.test(entry) ? entry : `>=${entry}`);
		return specifiers !== undefined && fulfils(baseOf(version), specifiers);
	});

/** What OctoPrint takes a plugin for that does not say which Python it runs on. */
const unsaidPython = '>=2.7,<3';

/**
 * Why a plugin does not run here by what the repository says of it, as a sentence; empty when it does. The rules are those of OctoPrint's plugin manager, which
 * OctoPrint's own restore does not ask about Python.
 */
export const incompatibility = (
	{compatibility}: Pick<RepositoryPlugin, 'compatibility'>,
	{octoprint, python, platform}: Surroundings,
): string => {
	if (compatibility === null) {
		return '';
	}

	const server = parseVersion(octoprint);
	if (compatibility.octoprint.length > 0 && server && !fitsOctoPrint(compatibility.octoprint, server)) {
		return `It is for OctoPrint ${safeText(compatibility.octoprint.join(' or '))}, and this is ${safeText(octoprint)}.`;
	}

	const interpreter = parseVersion(python);
	const specifiers = parseSpecifiers(compatibility.python ?? unsaidPython);
	if (interpreter && !(specifiers && fulfils(interpreter, specifiers))) {
		return compatibility.python === null
			? `Its author does not say that it runs on Python 3, and this is Python ${safeText(python)}.`
			: `It is for Python ${safeText(compatibility.python)}, and this is ${safeText(python)}.`;
	}

	return fitsSystem(compatibility.os, platform)
		? ''
		: `It is for ${safeText(compatibility.os.join(', '))}, and this is ${safeText(systemName(platform))}.`;
};
