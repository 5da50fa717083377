import {readdirSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {jobNames} from '../../bench/options.js';
import type {Measure} from '../../bench/targets.js';
import {targets} from '../../bench/targets.js';

const folder = new URL('../../bench/jobs/', import.meta.url);
const jobs = readdirSync(folder)
	.map(name => readFileSync(new URL(name, folder), 'utf8'))
	.join('\n');

const namesIn = (measure: Measure): readonly string[] => {
	switch (measure.type) {
		case 'speed-up':
			return [measure.of, ...measure.over];
		case 'more-bytes':
			return [measure.of, measure.than];
		case 'times':
			return [measure.of, measure.than, ...(measure.less === undefined ? [] : [measure.less])];
		case 'memory':
		case 'figure':
			return [];
	}
};

test('targets name contenders, jobs and figures that there are: what is misspelt would never be measured', () => {
	const names = targets.flatMap(({measure}) => namesIn(measure));
	expect(names.filter(name => !jobs.includes(`'${name}'`) && name !== 'printkeep --profile fast')).toEqual([]);
	expect(jobs).toMatch(/`printkeep --profile \$\{profile\}`/u);
	const named = targets.flatMap(({measure}) => ('job' in measure ? [measure.job] : []));
	expect(named.filter(name => !jobNames.some(one => one === name))).toEqual([]);
	const figures = targets.flatMap(({measure}) => (measure.type === 'figure' ? [measure.id] : []));
	expect(figures.filter(id => !jobs.includes(`id: '${id}'`))).toEqual([]);
});
