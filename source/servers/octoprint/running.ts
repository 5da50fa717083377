import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef} from '../../client/protocol.js';
import type {ServerPorts} from '../adapter.js';
import {look} from '../look.js';
import {findProcesses, hidesProcesses, type ProcessInfo} from '../processes.js';
import {parseServerCommand, type ServerCommand} from './command-line.js';
import {isInOtherContainer} from './container.js';

/** A running OctoPrint and the folders it uses, as seen from this process; null where that cannot be told. */
export type RunningServer = {
	readonly pid: number;
	readonly dataFolder: string | null;
	readonly configFile: string | null;
	readonly python: string | null;
	/** Where its user's packages are installed, when it was told (the official container image does that). */
	readonly userBase: string | null;
	readonly uid: number | null;
	/** Where it was told to listen, as written; null when only its configuration tells. */
	readonly host: string | null;
	readonly port: string | null;
	/** True when it has a network of its own, as in a container: its addresses mean nothing here. */
	readonly hasOwnNetwork: boolean;
};

const networkOf = ({processFolder}: ServerPorts, pid: number | 'self'): string | null => {
	try {
		return fs.readlinkSync(path.join(processFolder, String(pid), 'ns/net'));
	} catch {
		return null;
	}
};

const homeOf = (ports: ServerPorts, uid: number | null): string | null =>
	uid === null ? null : (ports.homeDirectories().find(home => look(home)?.uid === uid) ?? null);

const describe = (ports: ServerPorts, command: ServerCommand, info: ProcessInfo): RunningServer => {
	const {environment, workingFolder, rootFolder, uid} = info;
	// A process in a container has its own view of the file system; through it the folder can be found from here.
	const seenFromHere = (file: string | null): string | null => {
		if (file === null || (!path.isAbsolute(file) && workingFolder === null)) {
			return null;
		}

		const absolute = path.resolve(workingFolder ?? '/', file);
		const throughRoot = rootFolder === null ? absolute : path.join(rootFolder, absolute);
		const here = look(absolute);
		const there = look(throughRoot);
		// A path of a container's that may not be looked into says nothing here.
		if (rootFolder === null && !here && isInOtherContainer(ports, info.pid)) {
			return null;
		}

		return there && !(here && here.dev === there.dev && here.ino === there.ino) ? throughRoot : absolute;
	};

	const network = networkOf(ports, info.pid);
	const ownNetwork = networkOf(ports, 'self');
	const home = environment.get('HOME') ?? homeOf(ports, uid);
	const dataFolder =
		command.dataFolder ??
		environment.get('OCTOPRINT_BASEDIR') ??
		(home === null ? null : path.join(home, '.octoprint'));
	return {
		pid: info.pid,
		dataFolder: seenFromHere(dataFolder),
		configFile: seenFromHere(command.configFile ?? environment.get('OCTOPRINT_CONFIG') ?? null),
		python: seenFromHere(command.python),
		userBase: seenFromHere(environment.get('PYTHONUSERBASE') ?? null),
		uid,
		host: command.host ?? environment.get('OCTOPRINT_SERVE_HOST') ?? environment.get('OCTOPRINT_HOST') ?? null,
		port: command.port ?? environment.get('OCTOPRINT_SERVE_PORT') ?? environment.get('OCTOPRINT_PORT') ?? null,
		hasOwnNetwork: network !== null && ownNetwork !== null && network !== ownNetwork,
	};
};

/** The OctoPrint servers running on this host; null when processes cannot be seen. */
export const runningServers = (ports: ServerPorts): readonly RunningServer[] | null =>
	findProcesses(ports, arguments_ => parseServerCommand(arguments_) !== undefined)?.flatMap(info => {
		const command = parseServerCommand(info.arguments);
		return command ? [describe(ports, command, info)] : [];
	}) ?? null;

const isSameFolder = (a: string, b: string): boolean => {
	const left = look(a);
	const right = look(b);
	return left && right ? left.dev === right.dev && left.ino === right.ino : path.resolve(a) === path.resolve(b);
};

/** The servers running on a data folder. Null when processes cannot be seen. */
export const serversOn = (ports: ServerPorts, dataFolder: string): readonly RunningServer[] | null =>
	runningServers(ports)?.filter(server => server.dataFolder !== null && isSameFolder(server.dataFolder, dataFolder)) ??
	null;

/**
 * True when a server runs on the instance's data folder; null when that cannot be known, also when one is there that does not tell which folder it uses: of a
 * user without a home, or in a container that may not be looked into.
 */
export const isRunning = (ports: ServerPorts, {dataFolder}: Pick<InstanceRef, 'dataFolder'>): boolean | null => {
	const servers = serversOn(ports, dataFolder);
	if (servers === null || servers.length > 0) {
		return servers === null ? null : true;
	}

	if (runningServers(ports)?.some(server => server.dataFolder === null)) {
		return null;
	}

	const owner = look(dataFolder)?.uid;
	const self = process.getuid?.();
	return self !== 0 && owner !== self && hidesProcesses(ports) ? null : false;
};
