import {expect, test} from 'vitest';
import {reachedLines} from '../../bench/reached.js';
import type {JobResult, Run} from '../../bench/results.js';
import type {Target} from '../../bench/targets.js';
import {targets} from '../../bench/targets.js';

const runs = (walls: readonly number[], more: Partial<Run> = {}): readonly Run[] =>
	walls.map(wall => ({wall, cpu: wall, peakBytes: 100e6, flush: 0, sizeBytes: 100e6, phases: null, ...more}));

const octoprint = 'OctoPrint’s method';

const created: JobResult = {
	...{job: 'create', data: 'M', title: '', baseline: octoprint, figures: [], notes: []},
	contests: [
		{name: octoprint, own: false, failure: '', runs: runs([30, 40, 20])},
		{name: 'zip', own: false, failure: '', runs: runs([15, 20, 10])},
		{
			...{name: 'printkeep', own: true, failure: ''},
			runs: [10, 10, 10].flatMap(wall =>
				runs([wall], {sizeBytes: 102e6, peakBytes: 140e6, phases: {start: 1, scanning: 1, writing: 3, syncing: 5}}),
			),
		},
	],
};

const speedUp = (least: number, over: readonly string[], span: 'whole' | 'written'): Target => ({
	...{job: 'backup', data: 'M', bound: {least}, unit: '×'},
	measure: {type: 'speed-up', job: 'create', data: 'M', of: 'printkeep', over, span},
});

const row = (target: Target): string => reachedLines([target], [created], {all: true})[2] ?? '';

test('a speed-up is the median of the ratios of the rounds', () => {
	expect(row(speedUp(3, [octoprint], 'whole'))).toMatch(/≥ 3 × +\| +3\.00 × \| +yes/u);
	expect(row(speedUp(3.1, [octoprint], 'whole'))).toMatch(/3\.00 × \| +NO/u);
});

test('until written, sync and checks do not count', () => {
	expect(row(speedUp(6, [octoprint], 'written'))).toMatch(/6\.00 × \| +yes/u);
});

test('over several others, the fastest of them counts; one that was not there does not', () => {
	expect(row(speedUp(1, [octoprint, 'zip', 'restic, first'], 'whole'))).toMatch(/1\.50 × \| +yes/u);
	expect(row(speedUp(1, ['restic, first'], 'whole'))).toMatch(/not measured/u);
});

test('sizes and memory are limits from above', () => {
	const bytes = {type: 'more-bytes', job: 'create', data: 'M', of: 'printkeep', than: octoprint} as const;
	expect(row({job: '', data: '', bound: {most: 1.9}, unit: '%', measure: bytes})).toMatch(/2\.0 % \| +NO/u);
	const memory = {type: 'memory', tables: ['repeat many, 0 %'], others: true} as const;
	expect(row({job: '', data: '', bound: {most: 150}, unit: 'MB', measure: memory})).toMatch(/140 MB \| +yes/u);
});

test('what a run says nothing about is named in the report, and left out of a partial one', () => {
	expect(reachedLines(targets, [], {all: true}).join('\n')).toContain('not measured');
	expect(reachedLines(targets, [], {all: false})).toEqual([]);
});
