/** With which interpreter, as whom and with what around it OctoPrint's plugins may be asked; or why they may not. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef} from '../../client/protocol.js';
import type {LoneProgram, ServerPorts} from '../adapter.js';
import {look} from '../look.js';
import {packageFolders} from '../python-environment.js';
import {realPathOf} from '../real-path.js';
import {isTrusted} from '../trusted-file.js';
import {findEnvironment, interpreterIn, type PythonEnvironment} from './environment.js';
import {serversOn} from './running.js';

export type PluginRunner = {
	readonly environment: PythonEnvironment;
	/** Absolute path; links in it are part of how Python finds its environment, and not resolved. */
	readonly interpreter: string;
	/** Missing when the process has to be the caller's own. */
	readonly user: LoneProgram['user'];
	/** A folder in which both the caller and that user may make files. */
	readonly temporaryFolder: string;
	/** Where the packages of the server's user are, if there are any. */
	readonly userBase: string | null;
};

const groupOf = (uid: number, fallback: number): number => {
	try {
		const line = fs
			.readFileSync('/etc/passwd', 'utf8')
			.split('\n')
			.map(text => text.split(':'))
			.find(fields => fields[2] === String(uid));
		const gid = Number(line?.[3]);
		return Number.isInteger(gid) && line ? gid : fallback;
	} catch {
		return fallback;
	}
};

const userBaseOf = (ports: ServerPorts, base: string, uid: number): string | null => {
	const home = ports.homeDirectories().find(folder => look(folder)?.uid === uid);
	return (
		[
			...(serversOn(ports, base) ?? []).map(server => server.userBase),
			// The official container image keeps them there.
			path.join(path.dirname(base), 'plugins'),
			...(home === undefined ? [] : [path.join(home, '.local')]),
		].find(folder => folder !== null && packageFolders(folder).length > 0) ?? null
	);
};

/** Finds out how the plugins of an instance can be asked. The reason is the end of a sentence. */
export const findPluginRunner = (
	ports: ServerPorts,
	instance: InstanceRef,
): PluginRunner | {readonly reason: string} => {
	const base = realPathOf(instance.dataFolder);
	const environment = findEnvironment(ports, instance);
	const interpreter = environment && interpreterIn(environment);
	if (!environment || interpreter === undefined) {
		return {reason: 'its Python environment was not found'};
	}

	// Through there it can be looked into, but its programs would be run with the libraries of this system.
	if (interpreter.startsWith(`${ports.processFolder}/`)) {
		return {reason: 'it runs in a container'};
	}

	const owner = look(base);
	const self = process.geteuid?.();
	if (!owner || self === undefined) {
		return {reason: 'the owner of its data folder cannot be told'};
	}

	if (self !== 0 && self !== owner.uid) {
		return {reason: 'its data folder belongs to another user, and so must whoever asks them'};
	}

	const stranger = [realPathOf(interpreter), ...environment.folders].find(file => !isTrusted(file, owner.uid));
	if (stranger !== undefined) {
		return {
			reason: `${stranger} belongs neither to the owner of the data folder nor to root, or everybody may change it`,
		};
	}

	const isOther = self !== owner.uid;
	return {
		environment,
		interpreter,
		user: isOther ? {uid: owner.uid, gid: groupOf(owner.uid, owner.gid)} : undefined,
		// One that is set for root alone may not be for anybody else.
		temporaryFolder: (isOther ? undefined : ports.environment.TMPDIR) ?? '/tmp',
		userBase: userBaseOf(ports, base, owner.uid),
	};
};
