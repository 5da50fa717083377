import type {FigureId} from './results.js';
import type {Span} from './table.js';

/** How what was reached is found in the results. Jobs are named as in the options, data as in the tables. */
export type Measure =
	/** The least of the speed-ups over some others. */
	| {
			readonly type: 'speed-up';
			readonly job: string;
			readonly data: string;
			readonly of: string;
			readonly over: readonly string[];
			readonly span: Span;
	  }
	/** Size in per cent above another's. */
	| {
			readonly type: 'more-bytes';
			readonly job: string;
			readonly data: string;
			readonly of: string;
			readonly than: string;
	  }
	/** Time as a multiple of another's, less what a third takes. */
	| {
			readonly type: 'times';
			readonly job: string;
			readonly data: string;
			readonly of: string;
			readonly less?: string;
			readonly than: string;
			readonly span: Span;
	  }
	/** The largest memory of all commands of printkeep in megabytes, in some tables or, with these left out, all others. */
	| {readonly type: 'memory'; readonly tables: readonly string[]; readonly others: boolean}
	| {readonly type: 'figure'; readonly id: FigureId};

export type Target = {
	readonly job: string;
	readonly data: string;
	readonly bound: {readonly least: number} | {readonly most: number};
	readonly unit: '×' | '%' | 'MB' | 'ms';
	readonly measure: Measure;
};

const octoprint = 'OctoPrint’s method';
const own = 'printkeep';
const fast = 'printkeep --profile fast';

const faster = (
	job: string,
	what: string,
	data: string,
	least: number,
	over: readonly string[],
	{of = own, span = 'whole'}: {readonly of?: string; readonly span?: Span} = {},
): Target => ({
	...{job: what, data, bound: {least}, unit: '×'},
	measure: {type: 'speed-up', job, data, of, over, span},
});

const bigger = (what: string, data: string, most: number, of = own): Target => ({
	...{job: what, data, bound: {most}, unit: '%'},
	measure: {type: 'more-bytes', job: 'create', data, of, than: octoprint},
});

const manyRepeat = 'repeat many, 0 %';

/** What printkeep has to reach, on a machine with two cores. */
export const targets: readonly Target[] = [
	faster('create', `first backup, until written, over ${octoprint}`, 'M', 5, [octoprint], {span: 'written'}),
	faster('create', `first backup, whole command, over ${octoprint}`, 'M', 4, [octoprint]),
	faster('create', 'first backup, whole command, over the fastest other', 'M', 1, [
		...['zip -6', '7z', '7z -mx=1', 'bsdtar', 'yazl', 'restic, first'],
	]),
	bigger('first backup, size above OctoPrint’s', 'M', 1),
	faster('create', `first backup, fast, until written, over ${octoprint}`, 'M', 7, [octoprint], {
		...{of: fast, span: 'written'},
	}),
	bigger('first backup, fast, size above OctoPrint’s', 'M', 2.5, fast),
	faster('create', `first backup, until written, over ${octoprint}`, 'many', 3, [octoprint], {span: 'written'}),
	bigger('first backup, size above OctoPrint’s', 'many', 6),
	faster('create', `first backup, until written, over ${octoprint}`, 'S', 2.5, [octoprint], {span: 'written'}),
	faster('repeat', `repeat, until written, over ${octoprint}`, 'M, 0 %', 40, [octoprint], {span: 'written'}),
	faster('repeat', 'repeat, until written, over restic’s', 'M, 0 %', 2, ['restic, repeat'], {span: 'written'}),
	faster('repeat', 'repeat, until written, over restic’s', 'many, 0 %', 4, ['restic, repeat'], {span: 'written'}),
	faster('repeat', `repeat, until written, over ${octoprint}`, 'M, 1 %', 35, [octoprint], {span: 'written'}),
	faster('repeat', `repeat, until written, over ${octoprint}`, 'M, 10 %', 15, [octoprint], {span: 'written'}),
	faster('verify', 'verify, over unzip -t and 7z t', 'M', 2, ['unzip -t', '7z t']),
	faster('restore', `restore, unpacking, over ${octoprint}`, 'M', 3, [octoprint], {span: 'unpacked'}),
	faster('restore', 'restore, unpacking, over bsdtar', 'M', 2.2, ['bsdtar -x'], {span: 'unpacked'}),
	{
		...{job: 'restore, unpacking, the time of cp -r', data: 'M', bound: {most: 1.15}, unit: '×'},
		measure: {type: 'times', job: 'restore', data: 'M', of: own, than: 'cp -r', span: 'unpacked'},
	},
	faster('restore', `restore, unpacking, over ${octoprint}`, 'many', 3.5, [octoprint], {span: 'unpacked'}),
	faster('restore', `restore, unpacked and synced, over ${octoprint}, which never syncs`, 'M', 2.2, [octoprint], {
		span: 'durable',
	}),
	{
		...{job: 'peak memory of a command', data: 'all', bound: {most: 150}, unit: 'MB'},
		measure: {type: 'memory', tables: [manyRepeat], others: true},
	},
	{
		...{job: 'peak memory of a repeat', data: 'many', bound: {most: 180}, unit: 'MB'},
		measure: {type: 'memory', tables: [manyRepeat], others: false},
	},
	{
		...{job: 'peak memory of the dashboard with a running job', data: 'M', bound: {most: 200}, unit: 'MB'},
		measure: {type: 'figure', id: 'dashboard-memory'},
	},
	{
		...{job: 'first backup, share of what the cores can deflate', data: 'M', bound: {least: 85}, unit: '%'},
		measure: {type: 'figure', id: 'limit-share'},
	},
	{
		...{job: 'scan, the time of find -printf', data: 'many', bound: {most: 2}, unit: '×'},
		measure: {
			...{type: 'times', job: 'scan', data: 'many', of: 'printkeep backup --dry-run', less: 'printkeep --version'},
			...{than: 'find -printf', span: 'whole'},
		},
	},
	{
		...{job: 'printkeep --version, the time of node -e 0', data: '', bound: {most: 2}, unit: '×'},
		measure: {
			...{type: 'times', job: 'start', data: '', of: 'printkeep --version', than: 'node -e 0', span: 'whole'},
		},
	},
	{
		...{job: 'first frame of the dashboard, warm', data: '', bound: {most: 350}, unit: 'ms'},
		measure: {type: 'figure', id: 'first-frame'},
	},
	{
		...{job: 'what 20 plugins add to the first frame', data: '', bound: {most: 100}, unit: 'ms'},
		measure: {type: 'figure', id: 'plugins-cost'},
	},
];
