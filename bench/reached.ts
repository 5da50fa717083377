import type {Contest, JobResult, Run} from './results.js';
import {median} from './statistics.js';
import {seconds, speedUps, table} from './table.js';
import type {Measure, Target} from './targets.js';

type Find = (job: string, data: string, name: string) => Contest | undefined;

const sizesOf = ({runs}: Contest): readonly number[] =>
	runs.flatMap(({sizeBytes}) => (sizeBytes === null ? [] : [sizeBytes]));

const isKnown = <Value>(value: Value | undefined): value is Value => value !== undefined;

/** What the results say to a measure; null when they say nothing, because the job or a peer was left out. */
const reachedValue = (measure: Measure, results: readonly JobResult[]): number | null => {
	const find: Find = (job, data, name) =>
		results
			.find(result => result.job === job && result.data === data)
			?.contests.find(contest => contest.name === name && contest.runs.length > 0 && contest.failure === '');
	switch (measure.type) {
		case 'speed-up': {
			const of = find(measure.job, measure.data, measure.of);
			const over = measure.over.map(name => find(measure.job, measure.data, name)).filter(isKnown);
			return of === undefined || over.length === 0
				? null
				: Math.min(...over.map(other => median(speedUps(of, other, measure.span))));
		}

		case 'more-bytes': {
			const of = find(measure.job, measure.data, measure.of);
			const than = find(measure.job, measure.data, measure.than);
			return of === undefined || than === undefined ? null : (median(sizesOf(of)) / median(sizesOf(than)) - 1) * 100;
		}

		case 'times': {
			const of = find(measure.job, measure.data, measure.of);
			const than = find(measure.job, measure.data, measure.than);
			const less = measure.less === undefined ? undefined : find(measure.job, measure.data, measure.less);
			if (of === undefined || than === undefined) {
				return null;
			}

			const own = (run: Run, round: number): number => seconds(run, measure.span) - (less?.runs[round]?.wall ?? 0);
			return median(of.runs.map((run, round) => own(run, round) / (than.runs[round]?.wall ?? Number.NaN)));
		}

		case 'memory': {
			const peaks = results
				.filter(({job, data}) => measure.tables.includes(`${job} ${data}`) !== measure.others)
				.flatMap(({contests}) => contests.filter(({own}) => own))
				.flatMap(({runs}) => runs.map(({peakBytes}) => peakBytes / 1e6));
			return peaks.length === 0 ? null : Math.max(...peaks);
		}

		case 'figure': {
			const figure = results.flatMap(({figures}) => figures).find(({id}) => id === measure.id);
			return figure === undefined || figure.values.length === 0 ? null : median(figure.values);
		}
	}
};

const holds = (value: number, bound: Target['bound']): boolean =>
	'least' in bound ? value >= bound.least : value <= bound.most;

const digits = {'×': 2, '%': 1, MB: 0, ms: 0} as const satisfies Record<Target['unit'], number>;

/** What was wanted and what was reached. Targets this run says nothing about are named when `all` are wanted. */
export const reachedLines = (
	targets: readonly Target[],
	results: readonly JobResult[],
	{all}: {readonly all: boolean},
): readonly string[] => {
	const rows = targets.flatMap(({job, data, bound, unit, measure}) => {
		const value = reachedValue(measure, results);
		const wanted = 'least' in bound ? `≥ ${bound.least} ${unit}` : `≤ ${bound.most} ${unit}`;
		if (value === null) {
			return all ? [[job, data, wanted, 'not measured', '']] : [];
		}

		return [[job, data, wanted, `${value.toFixed(digits[unit])} ${unit}`, holds(value, bound) ? 'yes' : 'NO']];
	});
	return rows.length === 0 ? [] : [...table(['job', 'data', 'target', 'reached', 'kept'], rows), ''];
};
