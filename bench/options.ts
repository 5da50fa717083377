import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

export const sizes = ['S', 'M', 'many', 'incompressible', 'single'] as const;
export type Size = (typeof sizes)[number];

export const jobNames = [
	'create',
	'repeat',
	'verify',
	'restore',
	'limit',
	'scan',
	'start',
	'list',
	'dashboard',
] as const;
export type JobName = (typeof jobNames)[number];

/** Which data a job is done with. The others have data of their own. */
export const sizesOf: Readonly<Record<JobName, readonly Size[]>> = {
	create: sizes,
	repeat: ['S', 'M', 'many'],
	verify: ['S', 'M', 'many'],
	restore: ['S', 'M', 'many', 'incompressible'],
	limit: ['M'],
	scan: ['many'],
	start: [],
	list: [],
	dashboard: [],
};

/** So many that the spread tells something, and so few that all of it ends within the hour. */
const usualRounds: Readonly<Record<Size, number>> = {S: 7, M: 3, many: 3, incompressible: 3, single: 1};

export type Options = {
	readonly sizes: readonly Size[];
	readonly jobs: readonly JobName[];
	readonly rounds: (size: Size) => number;
	readonly seed: number;
	readonly quick: boolean;
	/** Everything is kept below this folder: data sets, archives, restored trees. */
	readonly folder: string;
	/** True to leave the data sets for the next run. */
	readonly keep: boolean;
	/** True to put what is written on a fresh ext4 of its own, with a journal. */
	readonly image: boolean;
	/** Where the report goes; null to print it only. */
	readonly report: string | null;
	/** The entry of the build to be measured. */
	readonly program: string;
};

const usage = `usage: npm run bench -- [options]

  --size ${sizes.join('|')}   only this data; several with commas
  --jobs ${jobNames.join(',')}
  --rounds N        instead of the usual number; by data with SIZE=N, several with commas
  --seed N          of the data; 1 unless given
  --quick           size S, one round, tables only: proves that everything runs, within two minutes
  --dir FOLDER      where data and outputs go; under the temporary folder unless given
  --keep            leave the data sets there for the next run
  --image           as root: write to a fresh ext4 with a journal, in a file, mounted for the run
  --report FILE     write the report there; a full run writes bench/RESULTS.md
  --program FILE    measure this dist/cli.js instead of the one here
`;

const chosen = <Name extends string>(
	text: string | undefined,
	all: readonly Name[],
	option: string,
): readonly Name[] => {
	if (text === undefined) {
		return all;
	}

	const names = text.split(',');
	const unknown = names.find(name => !all.some(one => one === name));
	if (unknown !== undefined) {
		throw new Error(`${option} does not know "${unknown}". It knows: ${all.join(', ')}.`);
	}

	return all.filter(one => names.includes(one));
};

const positive = (text: string, option: string): number => {
	const number = Number(text);
	if (!Number.isInteger(number) || number < 1) {
		throw new Error(`${option} wants a whole number above 0, not "${text}".`);
	}

	return number;
};

/** One number for all data, or one for each that is named. */
const readRounds = (text: string): ((size: Size) => number) => {
	if (!text.includes('=')) {
		const rounds = positive(text, '--rounds');
		return () => rounds;
	}

	const named = new Map(
		text.split(',').map(part => {
			const [name, number = ''] = part.split('=');
			const [size] = chosen(name, sizes, '--rounds');
			return [size, positive(number, '--rounds')] as const;
		}),
	);
	return size => named.get(size) ?? usualRounds[size];
};

/** Reads the command line; null when only help was wanted, and given. Errors are for a person. */
export const readOptions = (args: readonly string[]): Options | null => {
	const {values} = parseArgs({
		args: [...args],
		options: {
			size: {type: 'string'},
			jobs: {type: 'string'},
			rounds: {type: 'string'},
			seed: {type: 'string', default: '1'},
			quick: {type: 'boolean', default: false},
			dir: {type: 'string'},
			keep: {type: 'boolean', default: false},
			image: {type: 'boolean', default: false},
			report: {type: 'string'},
			program: {type: 'string'},
			help: {type: 'boolean', short: 'h', default: false},
		},
	});
	if (values.help) {
		console.log(usage);
		return null;
	}

	const {quick} = values;
	const isFull = !quick && values.size === undefined && values.jobs === undefined && values.rounds === undefined;
	const rounds = values.rounds === undefined ? null : readRounds(values.rounds);
	const usualReport = isFull ? fileURLToPath(new URL('RESULTS.md', import.meta.url)) : null;
	const quickJobs = quick ? 'create,repeat,verify,restore,start' : undefined;
	return {
		sizes: chosen(values.size ?? (quick ? 'S' : undefined), sizes, '--size'),
		jobs: chosen(values.jobs ?? quickJobs, jobNames, '--jobs'),
		rounds: size => rounds?.(size) ?? (quick ? 1 : usualRounds[size]),
		seed: positive(values.seed, '--seed'),
		quick,
		folder: resolve(values.dir ?? join(tmpdir(), `printkeep-bench-${process.pid}`)),
		keep: values.keep,
		image: values.image,
		report: values.report === undefined ? usualReport : resolve(values.report),
		program: resolve(values.program ?? fileURLToPath(new URL('../dist/cli.js', import.meta.url))),
	};
};
