import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type Bench, plainCommand, removeFolder, sizeOf} from '../bench.js';
import type {Contender} from '../contest.js';
import type {Size} from '../options.js';
import {phasesOf} from '../printkeep.js';
import {newRepository, resticCommand} from '../restic.js';
import type {JobResult} from '../results.js';

export const peer = (name: string): string => fileURLToPath(new URL(`../peers/${name}`, import.meta.url));

/** What everything is compared with. */
export const octoprint = 'OctoPrint’s method';

/** The other programs that make an archive of a folder, each into a new one. */
export const createPeers = (bench: Bench, data: string, folder: string): readonly Contender[] => {
	const {peers, python, cores} = bench;
	const archive = join(folder, 'archive.zip');
	const zip = {size: () => sizeOf(archive), cleanUp: () => rmSync(archive, {force: true})};
	const repository = join(folder, 'restic');
	const ofPeers: ReadonlyArray<readonly [boolean, Contender]> = [
		[true, {...zip, name: octoprint, command: plainCommand(data, python, peer('octoprint_backup.py'), data, archive)}],
		[peers.has('zip'), {...zip, name: 'zip -6', command: plainCommand(data, 'zip', '-q', '-r', '-6', archive, '.')}],
		[
			peers.has('7z'),
			{...zip, name: '7z', command: plainCommand(data, '7z', 'a', '-tzip', `-mmt=${cores}`, archive, '.')},
		],
		[
			peers.has('7z'),
			{
				...zip,
				name: '7z -mx=1',
				command: plainCommand(data, '7z', 'a', '-tzip', '-mx=1', `-mmt=${cores}`, archive, '.'),
			},
		],
		[
			peers.has('bsdtar'),
			{...zip, name: 'bsdtar', command: plainCommand(data, 'bsdtar', '-a', '-cf', archive, '-C', data, '.')},
		],
		[
			true,
			{...zip, name: 'yazl', command: plainCommand(data, process.execPath, peer('yazl-create.mjs'), data, archive)},
		],
		[
			peers.has('restic'),
			{
				name: 'restic, first',
				command: resticCommand(repository, data, 'backup', '.'),
				prepare: () => newRepository(repository),
				size: () => sizeOf(join(repository, 'repository')),
				cleanUp: () => removeFolder(repository),
			},
		],
	];
	return ofPeers.flatMap(([isThere, contender]) => (isThere ? [contender] : []));
};

/** printkeep's first backup of a folder into an empty store, in each of its profiles that the build has. */
export const createOwn = (bench: Bench, data: string, folder: string): readonly Contender[] => {
	const {printkeep} = bench;
	const store = join(folder, 'store');
	const profiles = printkeep.hasOption('backup', '--profile') ? ['fast', 'small'] : [];
	return [null, ...profiles].map(profile => ({
		name: profile === null ? 'printkeep' : `printkeep --profile ${profile}`,
		own: true,
		command: printkeep.command(
			...['backup', '--basedir', data, '--store', store, '--name', 'bench.zip', '--yes', '--json'],
			...(profile === null ? [] : ['--profile', profile]),
		),
		size: () => sizeOf(join(store, 'bench.zip')),
		cleanUp: () => removeFolder(store),
		phases: phasesOf,
	}));
};

/** The first backup of everything. */
export const benchCreate = async (bench: Bench, size: Size): Promise<JobResult> => {
	const data = bench.data(size);
	const folder = bench.folder('create');
	const contests = await bench.hold(
		[...createPeers(bench, data, folder), ...createOwn(bench, data, folder)],
		bench.options.rounds(size),
	);
	removeFolder(folder);
	return {
		...{job: 'create', data: size, title: `First backup, ${size}`, baseline: octoprint, contests, figures: []},
		notes: [
			'printkeep’s time has everything in it: its own start, the sync, and reading the whole archive back and comparing it. The others neither sync nor check. It runs at the lowest priority, as it usually does.',
		],
	};
};
