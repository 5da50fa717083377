import type {PlantedFault} from './fault.js';

const file = 'test/faults/power-loss.test.ts';
const inRestore = {file, test: '^restore$'} as const;
const inCreate = {file, test: '^create$'} as const;

/** Syncs left out and steps swapped: what only a power cut shows. */
export const powerFaults: readonly PlantedFault[] = [
	{
		name: 'drop-fsync-of-staged-files',
		damage: 'A restored file can be empty after a power cut.',
		edits: [
			{
				file: 'source/engine/restore/sync-batch.ts',
				find: 'await forEachConcurrently(batch, disk.syncFile);',
				replace: 'await forEachConcurrently(batch, async () => undefined);',
			},
		],
		caughtBy: inRestore,
	},
	{
		name: 'drop-syncs-of-whole-file-systems',
		damage: 'Files and names of a large restore can be gone after a power cut.',
		edits: [
			{
				file: 'source/engine/restore/sync-whole.ts',
				find: '\t\tthrowIfFailed();\n\t\tawait syncAll();',
				replace: '\t\tthrowIfFailed();',
			},
		],
		caughtBy: {file, test: '^restore of the whole data folder$'},
	},
	{
		name: 'drop-folder-syncs-of-the-swap',
		damage: 'The word "restored" appears before the names are on the medium.',
		edits: [
			{
				file: 'source/engine/restore/swap-paths.ts',
				find: 'await syncFolders(disk, [...new Set(folders)].filter(exists));',
				replace: 'await syncFolders(disk, [...new Set(folders)].slice(0, 0));',
			},
		],
		caughtBy: inRestore,
	},
	{
		name: 'drop-sync-between-out-and-in',
		damage: 'New data can arrive over old data that is not safe in the rollback copy yet.',
		edits: [
			{
				file: 'source/engine/restore/swap.ts',
				find: '\t\t...record.places.map(({work}) => work),\n\t]);',
				replace: '\t\t...record.places.map(({work}) => work),\n\t].slice(0, 0));',
			},
		],
		caughtBy: inRestore,
	},
	{
		name: 'publish-before-fsync-of-the-archive',
		damage: 'A backup with its final name can be empty after a power cut.',
		edits: [
			{
				file: 'source/engine/jobs/write-backup.ts',
				find: '\t\tsealArchive({disk, descriptor, sha256});\n\t\tawait disk.syncFile(descriptor);',
				replace: '\t\tsealArchive({disk, descriptor, sha256});',
			},
		],
		caughtBy: inCreate,
	},
	{
		name: 'forget-folder-sync-after-publish',
		damage: 'A copy that was reported as made can be gone after a power cut.',
		edits: [
			{
				file: 'source/engine/durable-file.ts',
				find: '\t\tawait sync();\n\t\tdisk.unlink(from);',
				replace: '\t\tdisk.unlink(from);',
			},
		],
		caughtBy: {file, test: '^export$'},
	},
	{
		name: 'recovery-ignores-phase-back',
		damage: 'A restore that is being taken back is turned round by a power cut.',
		edits: [
			{
				file: 'source/engine/restore/recover.ts',
				find: "if (journal.phase === 'back') {",
				replace: "if (journal.id === 'back') {",
			},
		],
		caughtBy: {file, test: 'is taken back$'},
	},
	{
		name: 'journal-without-fsync',
		damage: 'The journal can be an empty file after a power cut, and nothing can be recovered.',
		edits: [
			{
				file: 'source/engine/durable-file.ts',
				find: '\t\t\tawait disk.syncFile(descriptor);\n\t\t} finally {\n\t\t\tdisk.close(descriptor);\n\t\t}\n\n\t\tdisk.rename(temporary, path);',
				replace: '\t\t} finally {\n\t\t\tdisk.close(descriptor);\n\t\t}\n\n\t\tdisk.rename(temporary, path);',
			},
		],
		caughtBy: inRestore,
	},
	{
		name: 'journal-goes-before-the-rollback-record',
		damage: 'A power cut after the swap leaves old data that no undo knows of.',
		edits: [
			{
				file: 'source/engine/restore/finish.ts',
				find: '\tawait writeRollbackRecord(disk, work, journal, randomHex);\n\tconst untidied',
				replace:
					'\tawait removeJournal(disk, work);\n\tawait writeRollbackRecord(disk, work, journal, randomHex);\n\tconst untidied',
			},
		],
		caughtBy: inRestore,
	},
	{
		name: 'drop-folder-syncs-of-the-stage',
		damage: 'The journal says "forward" before the names of what it moves are on the medium.',
		edits: [
			{
				file: 'source/engine/restore/stage.ts',
				find: 'await syncer.syncFolders([...new Set([...made.folders.toReversed(), ...roots.map(parentPath)])]);',
				replace: 'await syncer.syncFolders([]);',
			},
		],
		caughtBy: inRestore,
	},
	{
		name: 'drop-folder-sync-of-records',
		damage: 'The journal can be the one before after a power cut, while the data has been moved on.',
		edits: [
			{
				file: 'source/engine/durable-file.ts',
				find: '\tawait disk.syncDirectory(dirname(path));',
				replace: '\tawait Promise.resolve();',
			},
		],
		caughtBy: inRestore,
	},
	{
		name: 'exchange-without-a-word-in-the-journal',
		damage: 'A restore that is interrupted while it exchanges the data is taken for one that has touched nothing.',
		edits: [
			{
				file: 'source/engine/restore/restore-in-place.ts',
				find: "\t\treport.phase('swapping');\n\t\tawait writeJournal(disk, work, journal, ports.randomHex(8));",
				replace: "\t\treport.phase('swapping');",
			},
		],
		caughtBy: inRestore,
	},
	{
		name: 'settings-without-folder-sync',
		damage: 'Settings that were reported as changed can be the old ones after a power cut.',
		edits: [
			{
				file: 'source/settings/guarded-write.ts',
				find: '\tsyncFolder(folder);\n\tremoveStrays(file);',
				replace: '\tvoid syncFolder;\n\tremoveStrays(file);',
			},
		],
		caughtBy: {file: 'test/faults/power-loss-settings.test.ts', needsBuild: true},
	},
	{
		name: 'pins-are-not-asked',
		damage: 'A pinned backup can be deleted.',
		edits: [
			{
				file: 'source/engine/jobs/delete.ts',
				find: 'if (backup.pinned && !allowPinned) {',
				replace: 'if (backup.pinned && allowPinned) {',
			},
		],
		caughtBy: {file: 'test/faults/random-model.test.ts'},
	},
	{
		name: 'undo-is-forgotten-when-it-is-undone',
		damage: 'An undo cannot be undone.',
		edits: [
			{
				file: 'source/engine/restore/finish.ts',
				find: '\tawait writeRollbackRecord(disk, work, journal, randomHex);\n\tconst untidied',
				replace:
					"\tif (journal.job !== 'undo') {\n\t\tawait writeRollbackRecord(disk, work, journal, randomHex);\n\t}\n\n\tconst untidied",
			},
		],
		caughtBy: {file: 'test/faults/random-model.test.ts'},
	},
];
