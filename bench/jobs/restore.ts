import {copyFileSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {type Bench, plainCommand, removeFolder, runAside} from '../bench.js';
import type {Contender} from '../contest.js';
import type {Size} from '../options.js';
import {phasesOf} from '../printkeep.js';
import {newRepository, resticCommand} from '../restic.js';
import type {JobResult} from '../results.js';
import {octoprint, peer} from './create.js';

/** Everything back onto a fresh instance, as after the death of a card; the same archive, made by printkeep, for all who read ZIP. */
export const benchRestore = async (bench: Bench, size: Size): Promise<JobResult> => {
	const {peers, printkeep, python, cores} = bench;
	const data = bench.data(size);
	const folder = bench.folder('restore');
	const store = join(folder, 'store');
	const archive = join(store, 'bench.zip');
	const repository = join(folder, 'restic');
	printkeep.run('backup', '--basedir', data, '--store', store, '--name', 'bench.zip', '--yes', '--json');
	if (peers.has('restic')) {
		newRepository(repository);
		runAside(resticCommand(repository, data, 'backup', '.'));
	}

	const work = join(folder, 'work');
	const fresh = join(work, 'fresh');
	const unpacked = join(work, 'unpacked');
	/** Into an empty folder. */
	const intoFolder = {
		prepare: () => mkdirSync(unpacked, {recursive: true}),
		cleanUp: () => removeFolder(work),
	};
	/** Into an instance that was set up and nothing more. */
	const intoInstance = {
		prepare: () => {
			mkdirSync(fresh, {recursive: true});
			for (const name of ['config.yaml', 'users.yaml']) {
				copyFileSync(join(data, name), join(fresh, name));
			}
		},
		cleanUp: () => removeFolder(work),
	};
	const restore = ['restore', 'bench.zip', '--store', store, '--yes', '--json'];
	const contenders: ReadonlyArray<readonly [boolean, Contender]> = [
		[
			true,
			{
				...intoInstance,
				name: octoprint,
				command: plainCommand(folder, python, peer('octoprint_restore.py'), archive, fresh, join(work, 'temporary')),
			},
		],
		[
			peers.has('unzip'),
			{...intoFolder, name: 'unzip', command: plainCommand(folder, 'unzip', '-q', archive, '-d', unpacked)},
		],
		[
			peers.has('7z'),
			{
				...intoFolder,
				name: '7z x',
				command: plainCommand(folder, '7z', 'x', '-y', `-mmt=${cores}`, `-o${unpacked}`, archive),
			},
		],
		[
			peers.has('bsdtar'),
			{...intoFolder, name: 'bsdtar -x', command: plainCommand(folder, 'bsdtar', '-xf', archive, '-C', unpacked)},
		],
		[
			true,
			{
				...intoFolder,
				name: 'yauzl',
				command: plainCommand(folder, process.execPath, peer('yauzl-read.mjs'), archive, unpacked),
			},
		],
		[
			peers.has('restic'),
			{
				...intoFolder,
				name: 'restic restore',
				command: resticCommand(repository, folder, 'restore', 'latest', '--target', unpacked),
			},
		],
		[true, {...intoFolder, name: 'cp -r', command: plainCommand(folder, 'cp', '-r', data, unpacked)}],
		[
			true,
			{
				...intoInstance,
				name: 'printkeep',
				own: true,
				command: printkeep.command(...restore, '--basedir', fresh),
				phases: phasesOf,
			},
		],
		[
			true,
			{
				...intoFolder,
				name: 'printkeep --to',
				own: true,
				command: printkeep.command(...restore, '--basedir', data, '--to', unpacked),
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
		...{job: 'restore', data: size, title: `Restore, ${size}`, baseline: octoprint, contests, figures: []},
		notes: [
			'`cp -r` copies the data itself, for scale. printkeep checks the whole archive first, compares it with what is there, unpacks, syncs every file, exchanges and checks the result; the phases tell the unpacking from the rest. The others only unpack: what they leave unwritten is in “flush”.',
		],
	};
};
