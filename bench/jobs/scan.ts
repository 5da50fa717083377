import {join} from 'node:path';
import {type Bench, plainCommand, removeFolder} from '../bench.js';
import type {Size} from '../options.js';
import type {JobResult} from '../results.js';

/** Walking a data folder and asking for size and time of every file. */
export const benchScan = async (bench: Bench, size: Size): Promise<JobResult> => {
	const {printkeep, peers} = bench;
	const data = bench.data(size);
	const folder = bench.folder('scan');
	const store = join(folder, 'store');
	const own = {own: true} as const;
	const find = {
		name: 'find -printf',
		command: plainCommand(folder, 'find', data, '-printf', '%p %s %T@ %C@ %i %m\\n'),
	};
	const contests = await bench.hold(
		[
			...(peers.has('find') ? [find] : []),
			{...own, name: 'printkeep --version', command: printkeep.command('--version')},
			{
				...own,
				name: 'printkeep backup --dry-run',
				command: printkeep.command('backup', '--basedir', data, '--store', store, '--dry-run'),
			},
		],
		bench.options.rounds(size) * 3,
	);
	removeFolder(folder);
	return {
		...{job: 'scan', data: size, title: `Scan, ${size}`, baseline: 'find -printf', contests, figures: []},
		notes: ['A dry run walks everything a backup would take, and writes nothing.'],
	};
};
