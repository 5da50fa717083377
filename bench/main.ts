/**
 * `npm run bench`: printkeep's shipped program beside every other that is present, on data from a seed, in one run. `-- --help` tells the options.
 */
import {existsSync, mkdirSync, readdirSync, rmdirSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {dirname, join} from 'node:path';
import {type Bench, createBench, removeFolder} from './bench.js';
import {dataSet} from './data-sets.js';
import {mountImage} from './image.js';
import {benchCreate} from './jobs/create.js';
import {benchDashboard} from './jobs/dashboard.js';
import {benchLimit} from './jobs/limit.js';
import {benchList} from './jobs/list.js';
import {benchRepeat} from './jobs/repeat.js';
import {benchRestore} from './jobs/restore.js';
import {benchScan} from './jobs/scan.js';
import {benchStart} from './jobs/start.js';
import {benchVerify} from './jobs/verify.js';
import {machineLines} from './machine.js';
import {type JobName, type Options, readOptions, sizesOf} from './options.js';
import {findPeers, pythonPath} from './peers.js';
import {createPrintkeep} from './printkeep.js';
import {reachedLines} from './reached.js';
import {writeReport} from './report.js';
import type {JobResult} from './results.js';
import {jobLines} from './table.js';
import {targets} from './targets.js';

/** The tables of one job, each as soon as it is there. */
const run = async function* (job: JobName, bench: Bench): AsyncGenerator<JobResult> {
	const sizes = bench.options.sizes.filter(size => sizesOf[job].includes(size));
	switch (job) {
		case 'create':
			for (const size of sizes) {
				yield await benchCreate(bench, size);
			}

			return;
		case 'repeat':
			for (const size of sizes) {
				yield* benchRepeat(bench, size);
			}

			return;
		case 'verify':
			for (const size of sizes) {
				yield await benchVerify(bench, size);
			}

			return;
		case 'restore':
			for (const size of sizes) {
				yield await benchRestore(bench, size);
			}

			return;
		case 'limit':
			for (const size of sizes) {
				yield await benchLimit(bench, size);
			}

			return;
		case 'scan':
			for (const size of sizes) {
				yield await benchScan(bench, size);
			}

			return;
		case 'start':
			yield await benchStart(bench);
			return;
		case 'list':
			yield await benchList(bench);
			return;
		case 'dashboard':
			yield await benchDashboard(bench);
			return;
	}
};

const print = (lines: readonly string[]): void => {
	if (lines.length > 0) {
		console.log(lines.join('\n'));
	}
};

const benchAll = async (options: Options, outputs: string, signal: AbortSignal): Promise<void> => {
	const peers = findPeers();
	if (!peers.has('python3')) {
		throw new Error(
			'Python 3 is missing: it is OctoPrint’s method, and measures all others. Install the package python3.',
		);
	}

	const bench = createBench(
		{
			options,
			peers,
			printkeep: createPrintkeep(options.program, outputs),
			python: pythonPath(),
			cores: availableParallelism(),
			data: size => dataSet(join(options.folder, 'data'), size, options.seed),
			signal,
			tell: text => console.error(`  ${text}`),
		},
		outputs,
	);
	const machine = machineLines(bench, outputs);
	print([...machine, '']);
	const command = ['npm run bench', ...process.argv.slice(2)]
		.join(' ')
		.replace('npm run bench -', 'npm run bench -- -');
	const results: JobResult[] = [];
	for (const job of options.jobs) {
		for await (const result of run(job, bench)) {
			results.push(result);
			print(jobLines(result));
			if (options.report !== null) {
				writeReport(options.report, {command, machine, results});
			}
		}
	}

	if (!options.quick) {
		print(reachedLines(targets, results, {all: false}));
	}
};

/** Gives a folder to write to, and takes everything away that was made, but the data sets where they are to stay. */
const withOutputs = async (
	options: Options,
	work: (outputs: string, signal: AbortSignal) => Promise<void>,
): Promise<void> => {
	const wasThere = existsSync(options.folder);
	mkdirSync(options.folder, {recursive: true});
	const image = options.image ? mountImage(options.folder) : null;
	const outputs = image?.path ?? join(options.folder, 'outputs');
	const cleanUp = (): void => {
		if (image === null) {
			removeFolder(outputs);
		} else {
			image.unmount();
		}

		if (!options.keep) {
			removeFolder(join(options.folder, 'data'));
		}

		if (!wasThere && readdirSync(options.folder).length === 0) {
			rmdirSync(options.folder);
		}
	};
	mkdirSync(outputs, {recursive: true});
	const interrupted = new AbortController();
	for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.once(name, () => interrupted.abort(new Error(`ended by ${name}`)));
	}

	try {
		await work(outputs, interrupted.signal);
	} finally {
		cleanUp();
	}
};

try {
	const options = readOptions(process.argv.slice(2));
	if (options !== null) {
		if (!existsSync(options.program)) {
			throw new Error(`${options.program} is missing: run "npm run build" first.`);
		}

		console.error(`${dirname(options.program)} is measured`);
		await withOutputs(options, async (outputs, signal) => benchAll(options, outputs, signal));
	}
} catch (error) {
	console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
	// Not only an exit code: a dashboard that was ended by a signal is still waited for by what was measuring it.
	process.exit(1);
}
