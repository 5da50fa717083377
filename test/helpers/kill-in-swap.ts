import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {systemClock} from '../../source/clock.js';
import {createBreathe} from '../../source/engine/breathe.js';
import {createCatalog} from '../../source/engine/catalog.js';
import {systemDisk} from '../../source/engine/disk.js';
import {runRestore} from '../../source/engine/jobs/restore.js';
import {createInlinePool} from '../../source/engine/pool/pool.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {makeTarget} from './engine-client.js';
import {Death} from './mortal-disk.js';

/** Restores a backup with a disk that dies, as with a kill, when the configuration has left and its successor has not come. */
export const killInSwap = async ({
	dataFolder,
	store,
	backup,
	stateFolder,
}: {
	readonly dataFolder: string;
	readonly store: string;
	readonly backup: string;
	readonly stateFolder: string;
}): Promise<void> => {
	const target = makeTarget(dataFolder, store);
	const isDead = (): boolean => existsSync(backup) && !existsSync(join(dataFolder, 'config.yaml'));
	const disk = Object.fromEntries(
		Object.entries({...systemDisk, exchange: undefined}).map(([name, call]) => [
			name,
			typeof call === 'function'
				? (...args: never[]): unknown => {
						if (isDead()) {
							throw new Death('the power is gone');
						}

						return (call as (...given: never[]) => unknown)(...args);
					}
				: call,
		]),
	) as typeof systemDisk;
	const ports = {...systemPorts({environment: {}, stateFolder}), disk};
	const {signal} = new AbortController();
	const silent = (): void => undefined;
	const report = {
		phase: silent,
		total: silent,
		advance: silent,
		currentFile: silent,
		skipped: silent,
		cancellable: silent,
		log: silent,
	};
	const catalog = await createCatalog(target, join(dataFolder, 'data/backup'), ports);
	await runRestore(
		{ports, signal, breathe: createBreathe(systemClock, signal), report, pool: () => createInlinePool(ports.disk)},
		{type: 'restore', target, source: {type: 'file', path: backup}, allowNewer: true},
		catalog,
	).catch(() => undefined);
};
