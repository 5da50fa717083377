import type {PlantedFault} from './fault.js';

/** Faults of the program as it is shipped: locks, signals, names and copies. */
export const binaryFaults: readonly PlantedFault[] = [
	{
		name: 'locks-given-back-before-the-work',
		damage: 'Two printkeeps work on the same data at once.',
		edits: [
			{
				file: 'source/engine/job-runner.ts',
				find: '\t\t\tlet end: JobEnd;\n',
				replace: '\t\t\tfor (const lock of locks) {\n\t\t\t\tlock.release();\n\t\t\t}\n\n\t\t\tlet end: JobEnd;\n',
			},
		],
		caughtBy: {file: 'test/faults/two-processes.test.ts', test: 'a long one keeps every other away', needsBuild: true},
	},
	{
		name: 'no-ear-for-a-lost-reader',
		damage: 'A backup ends with a stack trace when the SSH connection drops.',
		edits: [
			{
				file: 'source/main.ts',
				find: "\tstream.on('error', (error: NodeJS.ErrnoException) => {",
				replace: "\tstream.on('never', (error: NodeJS.ErrnoException) => {",
			},
		],
		caughtBy: {file: 'test/faults/ssh-drop.test.ts', test: 'backup: a signal or a lost reader', needsBuild: true},
	},
	{
		name: 'hang-up-cancels-the-work',
		damage: 'A backup started over SSH is lost with the connection.',
		edits: [
			{
				file: 'source/commands/signals.ts',
				find: "\t\t['SIGHUP', hangUp],",
				replace: "\t\t['SIGHUP', hangUp && stop(129)],",
			},
		],
		caughtBy: {file: 'test/faults/ssh-drop.test.ts', test: 'backup as a command is finished', needsBuild: true},
	},
	{
		name: 'archive-written-under-its-final-name',
		damage: 'A backup that was killed looks like a finished one.',
		edits: [
			{
				file: 'source/engine/jobs/write-backup.ts',
				find: '\tconst partial = join(folder, nameOf(ports.randomHex(8)));',
				replace: '\tconst partial = nameOf === undefined ? folder : join(folder, name);',
			},
			{
				file: 'source/engine/jobs/write-backup.ts',
				find: '\t\tawait publish(disk, partial, join(folder, name));',
				replace: '\t\tawait (publish === undefined ? undefined : disk.syncDirectory(folder));',
			},
		],
		caughtBy: {file: 'test/faults/system-calls.test.ts', test: 'backup: the next command recovers', needsBuild: true},
	},
	{
		name: 'database-copied-as-it-lies',
		damage: 'A database in a backup is broken when something wrote to it meanwhile.',
		edits: [
			{
				file: 'source/engine/sqlite/snapshot.ts',
				find: '\t\tawait copyThrough(copy, source);\n',
				replace: '\t\tcopyBytes(copy.disk, source, copy.destination);\n',
			},
		],
		caughtBy: {
			file: 'test/faults/changing-files.test.ts',
			test: 'databases are written without pause',
			needsBuild: true,
		},
	},
	{
		name: 'data-moved-back-under-a-journal-that-says-done',
		damage: 'The data folder is empty after a restore that failed on a dying disk.',
		edits: [
			{
				file: 'source/engine/restore/finish.ts',
				find: "\t\tif (noted !== undefined && noted !== 'forward') {",
				replace: "\t\tif (noted === 'staging') {",
			},
		],
		caughtBy: {file: 'test/engine/restore/take-back.test.ts'},
	},
];
