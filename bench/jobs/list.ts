import {join} from 'node:path';
import {type Bench, plainCommand, removeFolder} from '../bench.js';
import {makeBackups} from '../make-backups.js';
import type {JobResult} from '../results.js';
import {smallInstance} from '../small-instance.js';
import {octoprint, peer} from './create.js';

export const backupCount = 5000;

/** A list of 5,000 backups: with nothing known about them, and when it was listed before. */
export const benchList = async (bench: Bench): Promise<JobResult> => {
	const {printkeep, python} = bench;
	const folder = bench.folder('list');
	const store = join(folder, 'store');
	const data = smallInstance(folder);
	await makeBackups(store, backupCount);
	const list = printkeep.command('list', '--json', '--basedir', data, '--store', store);
	const forget = (): void => removeFolder(printkeep.environment.HOME ?? folder);
	const contests = await bench.hold(
		[
			{name: octoprint, command: plainCommand(folder, python, peer('octoprint_list.py'), store)},
			{name: 'printkeep, for the first time', own: true, command: list, prepare: forget},
			{name: 'printkeep', own: true, command: list},
		],
		5,
	);
	removeFolder(folder);
	return {
		...{job: 'list', data: `${backupCount} backups`, title: `List of ${backupCount.toLocaleString('en')} backups`},
		...{baseline: octoprint, contests, figures: []},
		notes: [
			'OctoPrint opens every archive whenever it lists them; printkeep keeps what it has read, until the file changes.',
		],
	};
};
