import {existsSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {type Bench, plainCommand, removeFolder, runAside, sizeOf} from '../bench.js';
import type {Contender} from '../contest.js';
import {changeSome} from '../data-sets.js';
import type {Size} from '../options.js';
import {phasesOf} from '../printkeep.js';
import {newRepository, resticCommand} from '../restic.js';
import type {JobResult} from '../results.js';
import {octoprint, peer} from './create.js';

/** The backup before, as each program keeps it, and the next one made from it. Every round starts from the same state. */
type Repeater = {
	/** Makes the first one, or brings it to what the data is now. */
	readonly advance: () => void;
	readonly contender: Contender;
};

const shell = (cwd: string, script: string, ...args: readonly string[]) =>
	plainCommand(cwd, 'sh', '-c', script, 'sh', ...args);

const zipRepeaters = (bench: Bench, data: string, folder: string): readonly Repeater[] => {
	const {peers, cores} = bench;
	const before = join(folder, 'before.zip');
	const next = join(folder, 'next.zip');
	const zip = {size: () => sizeOf(next), cleanUp: () => rmSync(next, {force: true})};
	// Exit code 12 of zip: nothing had to be done.
	const refresh = (archive: string) => shell(data, 'zip -q -u -r -6 "$1" . || [ $? -eq 12 ]', archive);
	const withZip: Repeater = {
		advance: () => runAside(refresh(before)),
		contender: {
			...zip,
			name: 'cp, zip -u',
			command: shell(data, 'cp "$1" "$2" && { zip -q -u -r -6 "$2" . || [ $? -eq 12 ]; }', before, next),
		},
	};
	const with7z: Repeater = {
		advance: () => undefined,
		contender: {
			...zip,
			name: 'cp, 7z u',
			command: shell(data, `cp "$1" "$2" && 7z u -tzip -mmt=${cores} "$2" .`, before, next),
		},
	};
	return peers.has('zip') ? [withZip, ...(peers.has('7z') ? [with7z] : [])] : [];
};

const resticRepeater = (data: string, folder: string): Repeater => {
	const before = join(folder, 'restic-before');
	const next = join(folder, 'restic-next');
	return {
		advance: () => {
			if (!existsSync(before)) {
				newRepository(before);
			}

			runAside(resticCommand(before, data, 'backup', '.'));
		},
		contender: {
			name: 'restic, repeat',
			command: resticCommand(next, data, 'backup', '.'),
			// Restic never changes a file of a repository once it is there: names of their own are enough. Its cache is copied.
			prepare: () => {
				runAside(plainCommand(folder, 'mkdir', next));
				runAside(plainCommand(folder, 'cp', '-al', join(before, 'repository'), join(next, 'repository')));
				runAside(plainCommand(folder, 'cp', '-a', join(before, 'cache'), join(next, 'cache')));
			},
			size: () => sizeOf(join(next, 'repository')) - sizeOf(join(before, 'repository')),
			cleanUp: () => removeFolder(next),
		},
	};
};

const printkeepRepeater = ({printkeep}: Bench, data: string, folder: string): Repeater => {
	const store = join(folder, 'store');
	const backup = (name: string) => ['backup', '--basedir', data, '--store', store, '--name', name, '--yes', '--json'];
	let generation = 0;
	return {
		advance: () => {
			generation++;
			printkeep.run(...backup(`before-${generation}.zip`));
			rmSync(join(store, `before-${generation - 1}.zip`), {force: true});
		},
		contender: {
			name: 'printkeep',
			own: true,
			command: printkeep.command(...backup('next.zip')),
			size: () => sizeOf(join(store, 'next.zip')),
			cleanUp: () => rmSync(join(store, 'next.zip'), {force: true}),
			phases: phasesOf,
		},
	};
};

/** The next backup when nothing, 1 % and 10 % have changed since the one before. */
export const benchRepeat = async function* (bench: Bench, size: Size): AsyncGenerator<JobResult> {
	const folder = bench.folder('repeat');
	const data = join(folder, 'data');
	runAside(plainCommand(folder, 'cp', '-a', bench.data(size), data));
	const full = join(folder, 'octoprint.zip');
	const repeaters = [
		...zipRepeaters(bench, data, folder),
		...(bench.peers.has('restic') ? [resticRepeater(data, folder)] : []),
		printkeepRepeater(bench, data, folder),
	];
	const everything: Contender = {
		name: octoprint,
		command: plainCommand(data, bench.python, peer('octoprint_backup.py'), data, full),
		size: () => sizeOf(full),
		cleanUp: () => rmSync(full, {force: true}),
	};
	for (const [index, percent] of [0, 1, 10].entries()) {
		for (const {advance} of repeaters) {
			advance();
		}

		const changed = percent === 0 ? {files: 0, bytes: 0} : changeSome(data, percent, bench.options.seed + index);
		const contests = await bench.hold(
			[everything, ...repeaters.map(({contender}) => contender)],
			bench.options.rounds(size),
		);
		yield {
			...{job: 'repeat', data: `${size}, ${percent} %`, title: `Repeat, ${size}, ${percent} % changed`},
			...{baseline: octoprint, contests, figures: []},
			notes: [
				`${changed.files} files with ${(changed.bytes / 1e6).toFixed(1)} MB have changed since the backup before. OctoPrint’s method has no repeat: it packs everything again. The size of restic is what was added.`,
			],
		};
	}

	removeFolder(folder);
};
