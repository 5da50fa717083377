/**
 * A restore with plan, safety and full verification, side by side with `unzip` and `sync` of the same archive.
 *
 *   npm run bench:restore [-- --rounds 3] [--size M]
 *
 * The data (1 GB, 20,000 files for M) is made, backed up and then restored into a fresh instance, as after the death of a card, in turns with
 * `unzip -q ARCHIVE -d DIR && sync`. Both start from an empty folder with everything else on the medium. Told: every time, the medians and their ratio.
 */
import {execFileSync} from 'node:child_process';
import {copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

const {values} = parseArgs({options: {rounds: {type: 'string', default: '3'}, size: {type: 'string', default: 'M'}}});
const rounds = Number(values.rounds);
const root = mkdtempSync(join(tmpdir(), 'printkeep-bench-restore-'));
const path = (...names: readonly string[]): string => join(root, ...names);
const environment = {...process.env, HOME: path('home'), PRINTKEEP_CONFIG_DIR: path('settings'), NO_COLOR: '1'};

const run = (file: string, args: readonly string[]): void => {
	execFileSync(file, args, {stdio: ['ignore', 'ignore', 'inherit'], env: environment, maxBuffer: 1e9});
};

const printkeep = (...args: readonly string[]): void => run(process.execPath, ['dist/cli.js', ...args]);

/** Seconds something takes, everything else being on the medium before. */
const seconds = (work: () => void): number => {
	run('sync', []);
	const start = performance.now();
	work();
	return (performance.now() - start) / 1000;
};

const median = (numbers: readonly number[]): number => {
	const sorted = [...numbers].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

const shown = (numbers: readonly number[]): string => numbers.map(number => number.toFixed(1)).join(', ');

try {
	mkdirSync(path('home'));
	run(process.execPath, ['bench/gen.mjs', 'create', '--size', values.size, '--out', path('data')]);
	printkeep('backup', '--basedir', path('data'), '--store', path('store'), '--name', 'bench.zip', '--yes', '--json');
	const archive = path('store', 'bench.zip');
	const restores: number[] = [];
	const unzips: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const fresh = path('fresh');
		mkdirSync(fresh);
		for (const name of ['config.yaml', 'users.yaml']) {
			copyFileSync(path('data', name), join(fresh, name));
		}

		restores.push(
			seconds(() => printkeep('restore', 'bench.zip', '--basedir', fresh, '--store', path('store'), '--yes', '--json')),
		);
		rmSync(fresh, {recursive: true});
		rmSync(path('.printkeep-fresh'), {recursive: true, force: true});
		unzips.push(
			seconds(() => {
				run('unzip', ['-q', archive, '-d', path('unzipped')]);
				run('sync', []);
			}),
		);
		rmSync(path('unzipped'), {recursive: true});
	}

	const ratio = median(restores) / median(unzips);
	console.log(`archive            ${(statSync(archive).size / 1e6).toFixed(0)} MB`);
	console.log(`printkeep restore  ${median(restores).toFixed(1)} s   (${shown(restores)})`);
	console.log(`unzip and sync     ${median(unzips).toFixed(1)} s   (${shown(unzips)})`);
	console.log(`ratio              ${ratio.toFixed(2)}`);
} finally {
	rmSync(root, {recursive: true, force: true});
}
