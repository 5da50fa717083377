import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type ScanProblem, scan} from '../../../source/engine/scan.js';
import {octoprintAdapter} from '../../../source/servers/octoprint/adapter.js';
import {inTemporaryDirectory} from '../../helpers/temporary.js';

test('leaves out, and reports, what lies deeper than an archive can hold', async () =>
	inTemporaryDirectory(async directory => {
		const base = join(directory, '.octoprint');
		const deep = join(base, 'data', 'x', ...Array.from({length: 300}, () => 'd'));
		mkdirSync(deep, {recursive: true});
		writeFileSync(join(base, 'config.yaml'), '{}');
		writeFileSync(join(deep, 'file'), 'x');
		const layout = await octoprintAdapter.layout(
			{name: 'octoprint', kind: 'octoprint', dataFolder: base},
			join(directory, 'store'),
		);
		const problems: ScanProblem[] = [];
		const depths: number[] = [];
		for await (const {entryName} of scan({
			layout,
			excludes: [],
			breathe: async () => undefined,
			onProblem: problem => problems.push(problem),
		})) {
			depths.push(entryName.replace(/\/$/, '').split('/').length);
		}

		expect(Math.max(...depths)).toBe(256);
		expect(problems.filter(({severity}) => severity === 'skipped')).toEqual([
			expect.objectContaining({reason: expect.stringContaining('more than 256 folders deep')}),
		]);
	}));
