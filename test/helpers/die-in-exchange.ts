/** A program that restores a backup and kills itself right after an exchange. Run by a test: data folder, store, backup, the how-manieth exchange. */
import {systemClock} from '../../source/clock.js';
import {createBreathe} from '../../source/engine/breathe.js';
import {createCatalog} from '../../source/engine/catalog.js';
import {type Disk, systemDisk} from '../../source/engine/disk.js';
import {runRestore} from '../../source/engine/jobs/restore.js';
import {createInlinePool} from '../../source/engine/pool/pool.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {makeTarget} from './engine-client.js';

const [dataFolder = '', store = '', backup = '', number = '1', stateFolder = ''] = process.argv.slice(2);
const target = makeTarget(dataFolder, store);
let left = Number(number);
const {exchange} = systemDisk;
const disk: Disk = {
	...systemDisk,
	exchange(first, second) {
		const isDone = exchange?.(first, second) ?? false;
		if (--left === 0) {
			process.kill(process.pid, 'SIGKILL');
		}

		return isDone;
	},
};
const ports = {...systemPorts({environment: {}, stateFolder}), disk};
const {signal} = new AbortController();
const silent = (): void => undefined;
await runRestore(
	{
		ports,
		signal,
		breathe: createBreathe(systemClock, signal),
		pool: () => createInlinePool(ports.disk),
		report: {
			phase: silent,
			total: silent,
			advance: silent,
			currentFile: silent,
			skipped: silent,
			cancellable: silent,
			log: silent,
		},
	},
	{
		type: 'restore',
		target,
		source: {type: 'file', path: backup},
		allowNewer: false,
		evenIfPrinting: true,
		stopServer: false,
	},
	await createCatalog(target, `${dataFolder}/data/backup`, ports),
);
