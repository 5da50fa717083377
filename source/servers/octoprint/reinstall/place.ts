import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef} from '../../../client/protocol.js';
import {PrintkeepError} from '../../../errors.js';
import {safeText} from '../../../format/safe-text.js';
import type {ServerPorts} from '../../adapter.js';
import {look} from '../../look.js';
import {searchPath} from '../../search-path.js';
import {findEnvironment, interpreterIn} from '../environment.js';

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
	/** The environment variables its programs get. */
	readonly variables: Readonly<Record<string, string | undefined>>;
};

/** What belongs to another interpreter or to the caller's own session, and would lead the environment's astray. */
const foreign = /^(?:PYTHON(?:HOME|PATH|STARTUP|EXECUTABLE|INSPECT)|VIRTUAL_ENV|__PYVENV_LAUNCHER__)$/u;
const callersOwn = /^(?:XDG_|SUDO_|MAIL$|USER$|LOGNAME$|HOME$|TMPDIR$|SHELL$)/u;

const variablesFor = (
	{environment, homeDirectories}: ServerPorts,
	{user, work}: Pick<Place, 'user' | 'work'>,
): Place['variables'] => {
	const kept = Object.entries(environment).filter(([name]) => !foreign.test(name) && !(user && callersOwn.test(name)));
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
 * @throws permission-denied when root's environment has an interpreter that is not root's.
 */
const userOf = (packages: string, python: string): Place['user'] => {
	if (process.geteuid?.() !== 0) {
		return undefined;
	}

	const {uid, gid} = fs.statSync(packages);
	if (uid !== 0) {
		return {uid, gid};
	}

	if (fs.statSync(python).uid !== 0) {
		throw new PrintkeepError(
			'permission-denied',
			`${safeText(python)} belongs to another user than the environment it is in, and is not run as root.`,
			{hint: 'Run printkeep as the user that OctoPrint runs as.'},
		);
	}

	return undefined;
};

/**
 * Finds the environment of an instance's server and prepares working in it.
 * @param folder a private folder that is empty. `work` in it is for the caller to remove as the user.
 * @throws failed when there is none, permission-denied
 */
export const preparePlace = (ports: ServerPorts, instance: InstanceRef, folder: string): Place => {
	const found = findEnvironment(ports, instance);
	const python = found && interpreterIn(found);
	if (!found || python === undefined) {
		throw new PrintkeepError('failed', 'The Python environment that OctoPrint runs in was not found.', {
			hint: 'Tell where it is with: printkeep config set python PATH',
		});
	}

	const {prefix, folders} = found;
	const user = userOf(folders.find(each => each.startsWith(`${prefix}/`)) ?? prefix, python);
	const work = path.join(folder, 'work');
	fs.mkdirSync(work, {mode: 0o700});
	if (user) {
		fs.chownSync(work, user.uid, user.gid);
		// Whoever it belongs to may pass through, and cannot see or make names in it.
		fs.chmodSync(folder, 0o711);
	}

	return {prefix, python, user, folder, work, variables: variablesFor(ports, {user, work})};
};
