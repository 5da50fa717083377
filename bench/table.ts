import type {Contest, Figure, JobResult, Run} from './results.js';
import {median, percentile, ratios, withSpread} from './statistics.js';

/**
 * A part of a job's time. `written`: from the start until the last byte of the archive is written, without sync and checks. `unpacked`: what a restore
 * takes to unpack. `durable`: that, and until it is on the medium.
 */
export type Span = 'whole' | 'written' | 'unpacked' | 'durable';

const phasesIn: Readonly<Record<Exclude<Span, 'whole'>, readonly string[]>> = {
	written: ['start', 'scanning', 'databases', 'writing'],
	unpacked: ['staging'],
	durable: ['staging', 'syncing'],
};

/** Seconds of a part of a run; those of programs that do not tell phases are their wall time. */
export const seconds = ({wall, phases}: Run, span: Span): number =>
	span === 'whole' || phases === null ? wall : phasesIn[span].reduce((total, phase) => total + (phases[phase] ?? 0), 0);

/** How many times as fast as the other, round by round. */
export const speedUps = (contest: Contest, over: Contest, span: Span): readonly number[] =>
	ratios(
		over.runs.map(({wall}) => wall),
		contest.runs.map(run => seconds(run, span)),
	);

type Row = readonly string[];

/** A table of Markdown, columns padded so that it reads well on a terminal too; the first column to the left, all others to the right. */
export const table = (head: Row, rows: readonly Row[]): readonly string[] => {
	const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)));
	const line = (row: Row): string =>
		`| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
	const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
	return [line(head), line(rule), ...rows.map(line)];
};

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 10e6 ? 2 : 1);

/** Three digits that say something, whatever the size of the numbers. */
const digitsOf = (numbers: readonly number[]): number => (median(numbers) < 0.2 ? 3 : 2);

const contestRow = ({name, runs, failure}: Contest, baseline: Contest | undefined, withSizes: boolean): Row => {
	if (failure !== '' || runs.length === 0) {
		return [name, 'failed', '', '', '', '', ...(withSizes ? [''] : [])];
	}

	const walls = runs.map(({wall}) => wall);
	const sizes = runs.flatMap(({sizeBytes}) => (sizeBytes === null ? [] : [sizeBytes]));
	const rates = baseline === undefined ? [] : speedUps({name, runs, failure, own: false}, baseline, 'whole');
	return [
		name,
		withSpread(walls, digitsOf(walls)),
		rates.length === 0 ? '' : withSpread(rates, 2),
		median(runs.map(({cpu}) => cpu)).toFixed(2),
		megabytes(Math.max(...runs.map(({peakBytes}) => peakBytes))),
		median(runs.map(({flush}) => flush)).toFixed(2),
		...(withSizes ? [sizes.length === 0 ? '' : megabytes(median(sizes))] : []),
	];
};

const phaseLines = (contests: readonly Contest[]): readonly string[] => {
	const told = contests.filter(({runs}) => runs.some(({phases}) => phases !== null));
	const found = new Set(told.flatMap(({runs}) => runs.flatMap(({phases}) => Object.keys(phases ?? {}))));
	const names = [...[...found].filter(name => name !== 'end'), 'end'];
	return told.length === 0
		? []
		: [
				'',
				...table(
					['phases, s', ...names],
					told.map(({name, runs}) => [
						name,
						...names.map(phase => median(runs.map(({phases}) => phases?.[phase] ?? 0)).toFixed(2)),
					]),
				),
			];
};

const figureRow = ({what, unit, values}: Figure): Row => {
	const digits = unit === 'MB/s' || unit === '%' ? 1 : 0;
	return values.length > 20
		? [what, median(values).toFixed(1), percentile(values, 0.95).toFixed(1), Math.max(...values).toFixed(1), unit]
		: [what, withSpread(values, digits), '', values.length === 0 ? '' : Math.max(...values).toFixed(digits), unit];
};

/** Everything there is to show of a job, as Markdown. */
export const jobLines = ({title, baseline, contests, figures, notes}: JobResult): readonly string[] => {
	const base = contests.find(({name}) => name === baseline);
	const withSizes = contests.some(({runs}) => runs.some(({sizeBytes}) => sizeBytes !== null));
	const rounds = Math.max(0, ...contests.map(({runs}) => runs.length));
	return [
		`### ${title}`,
		'',
		...(contests.length === 0
			? []
			: [
					...table(
						[
							...[`${rounds} ${rounds === 1 ? 'round' : 'rounds'}`, 'wall s'],
							...[`times as fast as ${baseline}`, 'CPU s', 'peak MB', 'flush s'],
							...(withSizes ? ['size MB'] : []),
						],
						contests.map(contest => contestRow(contest, base, withSizes)),
					),
					...phaseLines(contests),
					...contests.flatMap(({name, failure}) => (failure === '' ? [] : ['', `${name} dropped out: ${failure}`])),
					'',
				]),
		...(figures.length === 0
			? []
			: [...table(['figure', 'median', '95 %', 'most', 'unit'], figures.map(figureRow)), '']),
		...notes.flatMap(note => [note, '']),
	];
};
