/** The guide says what is true: its tables are those of the program, and its quick start does what it says, word for word. */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';
import type {EngineEvent} from '../../source/client/protocol.js';
import {
	backupsPerHour,
	deepestAnswer,
	longestProgramMilliseconds,
	maximumAnswer,
	usualLimits,
} from '../../source/plugins/limits.js';
import {makeInstance} from '../helpers/make-instance.js';
import {cliPath, isolatedEnvironment, runProgram} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

const guide = readFileSync(fileURLToPath(new URL('../../docs/plugins.md', import.meta.url)), 'utf8');

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
	[titles, titles.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');

/** Not told to plugins: progress has a function of its own, the others would go round in circles or come from outside the engine. */
type Untold = 'progress' | 'log' | 'plugin-failed' | 'agents-changed' | 'engine-restarted';

type Told = Exclude<EngineEvent, {readonly type: Untold}>;

/** Every event, and every value that comes with it: the compiler sees that none is missing. */
const events: {
	readonly [Type in Told['type']]: {
		readonly [Name in Exclude<keyof Extract<Told, {readonly type: Type}>, 'type'>]-?: string;
	};
} = {
	'job-started': {
		jobId: 'of the job, in all its events',
		job: '`create`, `restore`, `verify`…',
		title: 'for a person',
		at: 'when',
	},
	phase: {jobId: '', phase: '`scanning`, `writing`, `verifying`…'},
	'file-skipped': {jobId: '', file: '`{path, reason}` and more of a file that is not in the backup as it should be'},
	'backup-created': {jobId: '', name: 'of the archive', path: 'of the archive', excludes: 'parts left out'},
	'job-finished': {
		jobId: '',
		job: '',
		outcome: '`done`, `partial`, `failed`, `cancelled`',
		result: 'what came of it, by kind of job; null without',
		error: '`{code, message, hint}`, or null',
		durationMilliseconds: '',
		at: 'when',
	},
	'backup-overdue': {
		instance: 'its name',
		ageMilliseconds: 'of the last good backup; null when there is none',
	},
	'catalog-changed': {
		store: '',
		revision: '',
		upserted: 'backups that are new or have changed',
		removed: '`{key, origin}` of those that are gone',
	},
	'holder-changed': {store: '', holder: 'another printkeep that is at work there, or null'},
};

const eventTable = (): string =>
	table(
		['event', 'payload'],
		Object.entries(events).map(([name, payload]) => [
			`\`${name}\``,
			Object.entries(payload)
				.map(([key, text]) => (text === '' ? `\`${key}\`` : `\`${key}\` (${text})`))
				.join(', '),
		]),
	);

const limitTable = (): string => {
	const seconds = (milliseconds: number): string => `${milliseconds / 1000} s`;
	const byTime = Map.groupBy(Object.entries(usualLimits.calls), ([, milliseconds]) => milliseconds);
	return table(
		['what', 'at most'],
		[
			...[...byTime]
				.sort(([left], [right]) => right - left)
				.map(([milliseconds, entries]) => [entries.map(([name]) => `\`${name}\``).join(', '), seconds(milliseconds)]),
			['loading one plugin', seconds(usualLimits.loadMilliseconds)],
			['keeping the thread without giving it back', seconds(usualLimits.blockedMilliseconds)],
			['a program that is waited for without giving the thread back (`execSync`)', seconds(longestProgramMilliseconds)],
			['memory of all plugins together', `${usualLimits.memoryBytes / 1_000_000} MB`],
			['lines one plugin writes into the log, or prints, in a second', String(usualLimits.linesPerSecond)],
			['an answer, as JSON', `${maximumAnswer / 1_000_000} million characters, ${deepestAnswer} levels deep`],
			['failures of one plugin', String(usualLimits.failures - 1)],
			['events that wait for one plugin', String(usualLimits.waitingEvents)],
			['backups one plugin may ask for within an hour', String(backupsPerHour)],
		],
	);
};

test('events and limits in the guide are those of the program (write them anew with: npx vitest run test/plugins/guide.test.ts --update)', async () => {
	const wanted = Object.entries({events: eventTable, limits: limitTable}).reduce((text, [name, make]) => {
		const place = new RegExp(
			`(<!-- ${name}, made by test/plugins/guide\\.test\\.ts -->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`,
			'u',
		);
		expect(text).toMatch(place);
		return text.replace(place, (_, open: string, close: string) => `${open}\n${make()}\n${close}`);
	}, guide);
	await expect(wanted).toMatchFileSnapshot('../../docs/plugins.md');
});

/** What a command is said to print, as a pattern: `…` is anything, on a line or whole lines. */
const patternOf = (lines: readonly string[]): RegExp =>
	new RegExp(
		`^${lines
			.map(line =>
				line === '…' ? '(?:.*\\n)*?' : `${line.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&').replaceAll('…', '.*')}\\n`,
			)
			.join('')}$`,
		'u',
	);

test('the quick start, done literally in an empty folder, says what it says', async () => {
	const root = temporaryDirectory();
	const folder = join(root, 'empty');
	mkdirSync(folder);
	const home = join(root, 'home');
	mkdirSync(join(home), {recursive: true});
	makeInstance(root);
	const start = guide.slice(guide.indexOf('## Quick start'), guide.indexOf('### With types'));
	const [, file = ''] = /```js\n([\s\S]*?)```/u.exec(start) ?? [];
	writeFileSync(join(folder, 'hello.mjs'), file);
	const env = {...isolatedEnvironment(home), PATH: `${root}/bin:${process.env.PATH}`};
	mkdirSync(join(root, 'bin'));
	writeFileSync(join(root, 'bin/printkeep'), `#!/bin/sh\nexec '${process.execPath}' '${cliPath}' "$@"\n`, {
		mode: 0o700,
	});
	// The only print server there is.
	await runProgram('sh', ['-c', `mv '${root}/octoprint' '${home}/.octoprint'`], {env});
	// Whatever else runs on this machine.
	const settings = {
		instances: {octoprint: {kind: 'octoprint', dataFolder: join(home, '.octoprint')}},
		defaultInstance: 'octoprint',
	};
	mkdirSync(join(home, '.config/printkeep'), {recursive: true, mode: 0o700});
	writeFileSync(join(home, '.config/printkeep/settings.json'), JSON.stringify(settings), {mode: 0o600});
	let count = 0;
	for (const [, block = ''] of start.matchAll(/```console\n([\s\S]*?)```/gu)) {
		for (const step of block.split(/^\$ /mu).slice(1)) {
			const [command = '', ...lines] = step.split('\n').slice(0, -1);
			const {code, stdout, stderr} = await runProgram('bash', ['-c', command], {env, cwd: folder});
			expect({command, code, stderr}).toEqual({command, code: 0, stderr: ''});
			expect(stdout).toMatch(patternOf(lines));
			count++;
		}
	}

	expect(count).toBe(10);
	expect(readFileSync(join(home, '.octoprint/data/hello/hello.txt'), 'utf8')).toBe('Moin from octoprint\n');
	expect(existsSync(join(home, '.octoprint/data/hello'))).toBe(true);
});
