import {join} from 'node:path';
import {type Bench, plainCommand, removeFolder} from '../bench.js';
import {makeBackups} from '../make-backups.js';
import type {JobResult} from '../results.js';
import {smallInstance} from '../small-instance.js';
import {octoprint, peer} from './create.js';

export const backupCount = 5000;

/** A list of 5,000 backups. */
export const benchList = async (bench: Bench): Promise<JobResult> => {
	const {printkeep, python} = bench;
	const folder = bench.folder('list');
	const store = join(folder, 'store');
	const data = smallInstance(folder);
	await makeBackups(store, backupCount);
	const contests = await bench.hold(
		[
			{name: octoprint, command: plainCommand(folder, python, peer('octoprint_list.py'), store)},
			{
				name: 'printkeep',
				own: true,
				command: printkeep.command('list', '--json', '--basedir', data, '--store', store),
			},
		],
		5,
	);
	removeFolder(folder);
	return {
		...{job: 'list', data: `${backupCount} backups`, title: `List of ${backupCount.toLocaleString('en')} backups`},
		...{baseline: octoprint, contests, figures: []},
		notes: ['Both open every archive: OctoPrint for the version in it, printkeep for everything it says of itself.'],
	};
};
