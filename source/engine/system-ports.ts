import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {systemClock} from '../clock.js';
import {systemServerPorts} from '../servers/ports.js';
import {adapters} from '../servers/registry.js';
import {systemDisk} from './disk.js';
import {startThreadPool} from './pool/pool.js';
import type {EnginePorts} from './ports.js';
import {lowerThisThread} from './priority.js';

/** What an engine on this machine is given; plain data, so that it crosses into a worker thread. */
export type SystemOptions = {
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Private folder for history. */
	readonly stateFolder: string;
	/** Address of the program of helper threads; without one there are none. */
	readonly helperUrl?: string | undefined;
	/** True when the thread of the engine ends with its job. */
	readonly isForOneJob?: boolean | undefined;
};

/** The ports of the real machine. */
export const systemPorts = ({
	environment,
	stateFolder,
	helperUrl,
	isForOneJob = false,
	startPlugins,
}: SystemOptions & Pick<EnginePorts, 'startPlugins'>): EnginePorts => ({
	disk: systemDisk,
	clock: systemClock,
	server: systemServerPorts(environment),
	adapters,
	hostName: hostname(),
	stateFolder,
	randomHex: bytes => randomBytes(bytes).toString('hex'),
	startPool:
		helperUrl === undefined ? undefined : (size, options) => startThreadPool(new URL(helperUrl), size, options),
	isForOneJob,
	startPlugins,
	lowerOwnThread: isForOneJob ? lowerThisThread : undefined,
});
