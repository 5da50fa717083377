import {expect, test} from 'vitest';
import type {JobRequest, JobResult} from '../../source/client/protocol.js';
import type {CommandContext} from '../../source/commands/context.js';
import {createBackup} from '../../source/commands/verbs/backup.js';
import {resolvePaths} from '../../source/settings/paths.js';
import {settingsFor} from '../../source/settings/resolve-target.js';
import {toTarget} from '../../source/settings/to-target.js';
import {makeBackup} from '../helpers/make-model.js';

type Created = Extract<JobResult, {type: 'create'}>;

/** What the command prints and asks for when a backup ends like this. */
const told = async (changes: Partial<Created>) => {
	const ref = {name: 'octoprint', kind: 'octoprint', dataFolder: '/home/pi/.octoprint'} as const;
	const lines: string[] = [];
	const requests: JobRequest[] = [];
	const context: Pick<CommandContext, 'resolve' | 'print' | 'runJob'> = {
		resolve: async () => ({
			target: toTarget(ref, settingsFor(ref), resolvePaths({environment: {}, homeDirectory: '/home/pi'})),
			instance: {
				...ref,
				version: null,
				versionSource: 'unknown',
				foundBy: '',
				nativeBackupFolder: '',
				running: false,
				problems: [],
			},
			settings: settingsFor(ref),
			registered: true,
			missing: null,
		}),
		print: (...added) => void lines.push(...added),
		async runJob<Type extends JobResult['type']>(request: Extract<JobRequest, {readonly type: Type}>) {
			requests.push(request);
			const result: Created = {
				type: 'create',
				backup: makeBackup({key: 'new.zip', path: '/store/new.zip'}),
				files: 412,
				bytes: 400_000_000,
				storedBytes: 123_400_000,
				skipped: [],
				leftOut: [],
				notes: [],
				reused: {key: null, files: 0, bytes: 0},
				unchangedSince: null,
				...changes,
			};
			return {
				outcome: 'done',
				result: result as Extract<JobResult, {readonly type: Type}>,
				durationMilliseconds: 12_300,
				error: undefined,
			};
		},
	};
	const {exit} = await createBackup(
		context as CommandContext,
		{excludes: [], includes: [], note: '', rehash: true},
		{profile: 'fast', 'skip-unchanged': true},
	);
	return {exit, lines, request: requests[0]};
};

test('the options go with the request', async () => {
	const {request} = await told({});
	expect(request).toMatchObject({rehash: true, target: {effort: {profile: 'fast'}, skipUnchanged: true}});
});

test('what was taken over is told with the backup it came from', async () => {
	const {exit, lines} = await told({reused: {key: 'old\u001b[2J.zip', files: 400, bytes: 390_000_000}});
	expect(exit).toBe(0);
	expect(lines).toContain('  400 files, 390 MB of it taken over from old\\x1b[2J.zip.');
	expect((await told({})).lines.join('\n')).not.toContain('taken over');
});

test('nothing changed is said in place of a backup, and is no failure', async () => {
	const {exit, lines} = await told({unchangedSince: 'old\u001b[2J.zip'});
	expect(exit).toBe(0);
	expect(lines).toEqual(['Nothing has changed since old\\x1b[2J.zip: no new backup was made.', '  /store/new.zip']);
});
