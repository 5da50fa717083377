import {type Bench, plainCommand} from '../bench.js';
import type {JobResult} from '../results.js';

/** How long it takes to say a version, and Node to do nothing. */
export const benchStart = async (bench: Bench): Promise<JobResult> => {
	const folder = bench.folder('start');
	const contests = await bench.hold(
		[
			{name: 'node -e 0', command: plainCommand(folder, process.execPath, '-e', '0')},
			{name: 'printkeep --version', own: true, command: bench.printkeep.command('--version')},
			{name: 'printkeep --help', own: true, command: bench.printkeep.command('--help')},
		],
		15,
	);
	return {
		...{job: 'start', data: '', title: 'Start', baseline: 'node -e 0', contests, figures: [], notes: []},
	};
};
