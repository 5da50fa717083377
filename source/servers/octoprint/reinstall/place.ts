import * as fs from 'node:fs';
import type {InstanceRef} from '../../../client/protocol.js';
import {PrintkeepError} from '../../../errors.js';
import {safeText} from '../../../format/safe-text.js';
import type {ServerPorts} from '../../adapter.js';
import {look} from '../../look.js';
import {realPathOf} from '../../real-path.js';
import {whyNotRoots} from '../../roots-alone.js';
import {makeScratchFolder} from '../../scratch-folder.js';
import {searchPath} from '../../search-path.js';
import {isTrusted} from '../../trusted-file.js';
import {findEnvironment, interpreterIn, type PythonEnvironment} from '../environment.js';

/** Where plugins are installed, and as whom. */
export type Place = {
	/** The environment's folder. */
	readonly prefix: string;
	/** Its interpreter. */
	readonly python: string;
	/** Whom the interpreter runs as; undefined is the caller. */
	readonly user: {readonly uid: number; readonly gid: number} | undefined;
	/** Private folder of the caller's, in which nobody else makes names. */
	readonly folder: string;
	/** Folder in it that belongs to whom the interpreter runs as, and that it works in. */
	readonly work: string;
	/** Removes both. Never throws. */
	readonly remove: () => Promise<void>;
	/** The environment variables its programs get. */
	readonly variables: Readonly<Record<string, string | undefined>>;
};

/** What belongs to another interpreter, and would lead the environment's astray. */
const foreign = /^(?:PYTHON(?:HOME|PATH|STARTUP|EXECUTABLE|INSPECT)|VIRTUAL_ENV|__PYVENV_LAUNCHER__)$/u;

/** All of root's variables that another user gets: what pip is to do, and how the network and the compiler are reached. The others may hold secrets of root's. */
const forOthers =
	/^(?:PIP_\w+|(?:https?|ftp|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|(?:REQUESTS|CURL)_CA_BUNDLE|CC|CXX|(?:C|CXX|CPP|LD|MAKE)FLAGS|TZ)$/iu;

const variablesFor = (
	{environment, homeDirectories}: ServerPorts,
	{user, work}: Pick<Place, 'user' | 'work'>,
): Place['variables'] => {
	const kept = Object.entries(environment).filter(([name]) => (user ? forOthers.test(name) : !foreign.test(name)));
	return {
		...Object.fromEntries(kept),
		...(user ? {HOME: homeDirectories().find(home => look(home)?.uid === user.uid) ?? work} : {}),
		PATH: searchPath(environment.PATH),
		// Setup scripts are read in the encoding of the language.
		LC_ALL: 'C.UTF-8',
		// Whatever is unpacked and built goes with the folder.
		TMPDIR: work,
	};
};

/**
 * Whom an environment belongs to: nothing in it must become root's, and what others can change must not be run by root.
 * @throws permission-denied when root would run what it does not trust.
 */
const userOf = ({prefix, folders}: PythonEnvironment, python: string): Place['user'] => {
	if (process.geteuid?.() !== 0) {
		return undefined;
	}

	const {uid, gid} = fs.statSync(folders.find(each => each.startsWith(`${prefix}/`)) ?? prefix);
	const stranger = [realPathOf(python), ...folders].find(file => !isTrusted(file, uid));
	if (stranger !== undefined) {
		throw new PrintkeepError(
			'permission-denied',
			`${safeText(stranger)} belongs neither to root nor to the owner of OctoPrint's environment, or everybody may change it: root does not run it.`,
			{hint: 'Run printkeep as the user that OctoPrint runs as.'},
		);
	}

	if (uid !== 0) {
		return {uid, gid};
	}

	const foreign = whyNotRoots([python, ...folders]);
	if (foreign !== '') {
		throw new PrintkeepError('permission-denied', `Root does not run what others can change: ${safeText(foreign)}.`, {
			hint: 'Run printkeep as the user that OctoPrint runs as.',
		});
	}

	return undefined;
};

/**
 * Finds the environment of an instance's server and prepares working in it. The caller removes the place.
 * @throws failed when there is none that can be used from here, permission-denied, the system's error
 */
export const preparePlace = async (ports: ServerPorts, instance: InstanceRef): Promise<Place> => {
	const environment = findEnvironment(ports, instance);
	const python = environment && interpreterIn(environment);
	if (!environment || python === undefined) {
		throw new PrintkeepError('failed', 'The Python environment that OctoPrint runs in was not found.', {
			hint: 'Tell where it is with: printkeep config set python PATH',
		});
	}

	// Through there it can be looked into, but its programs would be run with the libraries of this system.
	if (python.startsWith(`${ports.processFolder}/`)) {
		throw new PrintkeepError(
			'failed',
			'OctoPrint runs in a container, and its plugins can only be installed in there.',
			{
				hint: 'Install them with OctoPrint’s plugin manager, or run printkeep in the container.',
			},
		);
	}

	const user = userOf(environment, python);
	// One that is set for root alone may not be for anybody else.
	const parent = (user ? undefined : ports.environment.TMPDIR) ?? '/tmp';
	const {path: work, outer: folder, remove} = await makeScratchFolder(ports, {parent, user, purpose: 'install'});
	return {prefix: environment.prefix, python, user, folder, work, remove, variables: variablesFor(ports, {user, work})};
};
