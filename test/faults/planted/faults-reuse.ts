import type {PlantedFault} from './fault.js';

const suite = 'test/faults/reuse.test.ts';

/** What decides that a file has not changed, left out one at a time. */
export const reuseFaults: readonly PlantedFault[] = [
	{
		name: 'skip-inode-time',
		damage: 'A file that was edited and had its time set back is backed up as it was before.',
		edits: [
			{
				file: 'source/engine/archive/manifest-line.ts',
				find: `file.changed === undefined ? '' : \`,"changed":"\${file.changed}"\``,
				replace: `file.changed === undefined ? '' : ',"changed":"0.000000000"'`,
			},
			{
				file: 'source/engine/archive/manifest-line.ts',
				find: `file.inode === undefined ? '' : \`,"inode":"\${file.inode}"\``,
				replace: `file.inode === undefined ? '' : ',"inode":"1"'`,
			},
		],
		caughtBy: {file: suite, test: 'its time set back'},
	},
	{
		name: 'trust-fresh-times',
		damage:
			'A file changed a moment before it was read, and again in the same tick of the clock, is backed up as it was in between.',
		edits: [
			{
				file: 'source/engine/archive/file-stats.ts',
				find: 'settledBefore === null || stats.ctimeNs >= settledBefore || stats.mtimeNs >= settledBefore',
				replace: 'settledBefore === null',
			},
		],
		caughtBy: {file: suite, test: 'within two seconds'},
	},
	{
		name: 'skip-database-log',
		damage: 'What lies in the log beside a database is missing from the next backup.',
		edits: [
			{
				file: 'source/engine/sqlite/check.ts',
				find: '(fs.statSync(path, {throwIfNoEntry: false})?.size ?? 0) > 0',
				replace: '(fs.statSync(path, {throwIfNoEntry: false})?.size ?? 0) < 0',
			},
		],
		caughtBy: {file: suite, test: 'log beside it'},
	},
	{
		name: 'copy-without-reading-back',
		damage: 'A damaged earlier backup damages every later one.',
		edits: [
			{
				file: 'source/engine/jobs/read-back.ts',
				find: 'if (first) {',
				replace: "if (first && sha256OfBody === '') {",
			},
		],
		caughtBy: {file: suite, test: 'poisons no new one'},
	},
];
