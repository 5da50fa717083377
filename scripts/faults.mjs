// Runs the fault suites and tells in counts what they tried: `npm run test:faults`, `npm run test:faults -- --full`, names of suites to run only those,
// `-t NAME` for the tests with that in their name.
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';

const arguments_ = process.argv.slice(2);
const isFull = arguments_.includes('--full');
const nameAt = arguments_.indexOf('-t');
const testName = nameAt === -1 ? [] : arguments_.splice(nameAt, 2);
const suites = arguments_.filter(argument => !argument.startsWith('--'));
const folder = mkdtempSync(join(tmpdir(), 'printkeep-faults-'));
const started = Date.now();

const {status, signal} = spawnSync(
	process.execPath,
	[
		'node_modules/vitest/vitest.mjs',
		'run',
		'--project',
		'faults',
		...testName,
		...suites.map(name => `test/faults/${name}`),
	],
	{
		stdio: 'inherit',
		env: {
			...process.env,
			PRINTKEEP_FAULTS: isFull ? 'full' : 'bounded',
			PRINTKEEP_FAULT_SUITES: suites.join(' '),
			PRINTKEEP_FAULT_COUNTS: folder,
		},
	},
);

const suiteCounts = readdirSync(folder)
	.sort()
	.map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')));
rmSync(folder, {recursive: true});
process.stdout.write(
	`\nWhat was tried (${isFull ? 'full sweep' : 'bounded part'}, ${Math.round((Date.now() - started) / 1000)} s)\n`,
);
for (const {suite, counts} of suiteCounts) {
	process.stdout.write(`  ${suite}\n`);
	for (const [what, count] of Object.entries(counts)) {
		process.stdout.write(`    ${String(count).padStart(9)}  ${what}\n`);
	}
}

if (suiteCounts.length === 0) {
	process.stdout.write('  nothing\n');
}

process.exitCode = signal ? 1 : (status ?? 1);
