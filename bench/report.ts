import {readFileSync, writeFileSync} from 'node:fs';
import {reachedLines} from './reached.js';
import type {JobResult} from './results.js';
import {jobLines} from './table.js';
import {targets} from './targets.js';

/** What was tried and did not help, written by hand. */
const tried = readFileSync(new URL('tried.md', import.meta.url), 'utf8');

const howToRead: readonly string[] = [
	'All contenders of a table took turns, A B C, A B C, and a new round started only when all of them were through. Before each run, what was unwritten was put on the medium and old output was removed, outside the clock.',
	'',
	'- **wall**, **size**: median, and least and most of all rounds. **CPU**: user and system together, median.',
	'- **times as fast**: the other’s wall time by this one’s, in the same round; median, least and most.',
	'- **peak**: the largest memory of the whole process tree in any round, as the kernel has counted it for the largest process, or as the sum over all of them, looked at every 10 ms, whichever is more. Programs below 12 MB are not told apart.',
	'- **flush**: until what a program has left unwritten was on the medium, after it had ended.',
	'- **phases**: from the moments printkeep’s `--json` events came; `start` is everything before the first, the start of Node included. They add up to the wall time.',
];

/** Writes the whole report, as far as it has come. */
export const writeReport = (
	path: string,
	{
		command,
		machine,
		results,
	}: {readonly command: string; readonly machine: readonly string[]; readonly results: readonly JobResult[]},
): void => {
	const reached = reachedLines(targets, results, {all: true});
	const lines = [
		'# Results',
		'',
		`Written by \`${command}\`: printkeep’s shipped program and every other that was present, in one run.`,
		'',
		...machine,
		'',
		'## Targets',
		'',
		...reached,
		'## How to read the tables',
		'',
		...howToRead,
		'',
		'## Tables',
		'',
		...results.flatMap(result => jobLines(result)),
		'## What was tried and did not help',
		'',
		tried,
	];
	writeFileSync(path, lines.join('\n'));
};
