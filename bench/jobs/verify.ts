import {join} from 'node:path';
import {type Bench, plainCommand, removeFolder, runAside} from '../bench.js';
import type {Contender} from '../contest.js';
import type {Size} from '../options.js';
import {phasesOf} from '../printkeep.js';
import {newRepository, resticCommand} from '../restic.js';
import type {JobResult} from '../results.js';
import {peer} from './create.js';

/** Reading a whole archive and checking it; the same archive, made by printkeep, for all who read ZIP. */
export const benchVerify = async (bench: Bench, size: Size): Promise<JobResult> => {
	const {peers, printkeep, python, cores} = bench;
	const data = bench.data(size);
	const folder = bench.folder('verify');
	const store = join(folder, 'store');
	const archive = join(store, 'bench.zip');
	const repository = join(folder, 'restic');
	printkeep.run('backup', '--basedir', data, '--store', store, '--name', 'bench.zip', '--yes', '--json');
	if (peers.has('restic')) {
		newRepository(repository);
		runAside(resticCommand(repository, data, 'backup', '.'));
	}

	const baseline = 'Python zipfile';
	const contenders: ReadonlyArray<readonly [boolean, Contender]> = [
		[true, {name: baseline, command: plainCommand(folder, python, peer('zipfile_test.py'), archive)}],
		[peers.has('unzip'), {name: 'unzip -t', command: plainCommand(folder, 'unzip', '-tqq', archive)}],
		[peers.has('7z'), {name: '7z t', command: plainCommand(folder, '7z', 't', `-mmt=${cores}`, archive)}],
		[peers.has('bsdtar'), {name: 'bsdtar -xO', command: plainCommand(folder, 'bsdtar', '-xOf', archive)}],
		[true, {name: 'yauzl', command: plainCommand(folder, process.execPath, peer('yauzl-read.mjs'), archive)}],
		[peers.has('restic'), {name: 'restic check', command: resticCommand(repository, folder, 'check', '--read-data')}],
		[
			true,
			{
				name: 'printkeep',
				own: true,
				command: printkeep.command('verify', 'bench.zip', '--basedir', data, '--store', store, '--yes', '--json'),
				phases: phasesOf,
			},
		],
	];
	const contests = await bench.hold(
		contenders.flatMap(([isThere, contender]) => (isThere ? [contender] : [])),
		bench.options.rounds(size),
	);
	removeFolder(folder);
	return {
		...{job: 'verify', data: size, title: `Verify, ${size}`, baseline, contests, figures: []},
		notes: [
			'All but restic read the same archive, printkeep’s. The others check the CRC of each entry; printkeep the SHA-256 of each file, of the archive, and the structure as well.',
		],
	};
};
