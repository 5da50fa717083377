/** Runs programs of a person's choice around backups and restores: bounded in time and output, without a shell, with an environment that is written down. */
import {formatDuration} from '../../format/duration.js';
import {definePlugin, invalidSetting, type PluginContext, type PluginData} from '../api.js';
import {allCommands, commandFor, describeCommand, instancesProblem} from './command-hooks/commands.js';
import {lastLine, outputLines} from './command-hooks/output-lines.js';
import {
	environmentOf,
	ofAfterBackup,
	ofAfterRestore,
	ofBeforeBackup,
	ofBeforeRestore,
	type Phase,
	type Variables,
} from './command-hooks/phases.js';
import {checkSettings, numberAt, numberFrom, recordAt} from './shared/read-settings.js';
import {endPrograms, type ProgramEnd, runProgram} from './shared/run-program.js';
import {readProgram} from './shared/trusted-program.js';

/** A little less than what a plugin may ask for at most, so that its own limit is the one that counts. */
const maximumSeconds = 86_000;

/** For a program to clean up after itself. */
const maximumGraceSeconds = 60;

const keptBytes = 64_000;

const problemOf = (name: string, {ended, exitCode, detail, output, milliseconds}: ProgramEnd): string => {
	const said = lastLine(output);
	const words = said === '' ? '.' : `: ${said}`;
	const left = detail === '' ? '' : `, and ${detail}`;
	switch (ended) {
		case 'not-started':
			return `${name} could not be started: ${detail}.`;
		case 'time-limit':
			return `${name} was ended after ${formatDuration(milliseconds)} because it took too long${left}.`;
		case 'cancelled':
			return `${name} was ended because the job was cancelled${left}.`;
		case 'exit':
			return exitCode === 0
				? ''
				: `${name} ended with ${exitCode === null ? `the signal ${detail}` : `code ${exitCode}`}${words}`;
	}
};

/** The program that runs: the next one waits for it, also when whoever started it does not any more. */
let last: Promise<unknown> = Promise.resolve();

const runCommand = async (phase: Phase, variables: Variables, context: PluginContext): Promise<void> => {
	const {instance, settings, signal} = context;
	const commandLine = instance === null ? null : commandFor(recordAt(settings, ['instances']), instance.name, phase);
	if (instance === null || commandLine === null) {
		return;
	}

	const program = readProgram(commandLine);
	if (program.type === 'refused') {
		throw new Error(`The command for ${phase} was not run: ${program.why}.`);
	}

	const {name, file, args} = program;
	const end = await runProgram({
		file,
		calledAs: name,
		args,
		environment: environmentOf(phase, instance, variables),
		timeLimitMilliseconds:
			1000 * numberAt(settings, ['timeLimitSeconds'], {least: 0.1, most: maximumSeconds, otherwise: 300}),
		graceMilliseconds:
			1000 * numberAt(settings, ['graceSeconds'], {least: 0, most: maximumGraceSeconds, otherwise: 10}),
		keptBytes,
		signal,
	});
	const problem = problemOf(name, end);
	for (const line of outputLines(end.output)) {
		context.log('info', `${phase} | ${line}`);
	}

	if (problem !== '') {
		throw new Error(`The command for ${phase} failed: ${problem}`);
	}

	context.log('info', `${phase}: ${name} was done after ${formatDuration(end.milliseconds)}.`);
};

const run = async (phase: Phase, variables: Variables, context: PluginContext): Promise<void> => {
	const mine = last.then(async () => runCommand(phase, variables, context));
	last = mine.catch(() => undefined);
	await mine;
};

const stateOf = ({settings}: PluginContext): readonly {readonly [key: string]: PluginData}[] =>
	allCommands(recordAt(settings, ['instances'])).map(command => {
		const {program, problem} = describeCommand(command);
		return {instance: command.instance, phase: command.phase, program, problem};
	});

export const plugin = definePlugin({
	apiVersion: 1,
	id: 'command-hooks',
	name: 'Command hooks',
	description: 'Runs programs of your choice before and after backups and restores.',
	timeLimits: {
		beforeBackup: 86_400,
		afterBackup: 86_400,
		beforeRestore: 86_400,
		afterRestore: 86_400,
		// A program that was cancelled together with everything else may still need its grace.
		onShutdown: maximumGraceSeconds + 5,
	},
	settings: {
		version: 1,
		defaults: {instances: {}, timeLimitSeconds: 300, graceSeconds: 10},
		// Whoever may change a command runs programs as this person.
		restricted: {admin: [['instances']]},
		onSave(values) {
			const problem = values.instances === undefined ? '' : instancesProblem(values.instances);
			if (problem !== '') {
				throw invalidSetting(problem);
			}

			checkSettings(values, {
				timeLimitSeconds: numberFrom(0.1, maximumSeconds),
				graceSeconds: numberFrom(0, maximumGraceSeconds),
			});
			return values;
		},
	},
	hooks: {
		beforeBackup: async (backup, context) => run('before-backup', ofBeforeBackup(backup), context),
		afterBackup: async (backup, context) => run('after-backup', ofAfterBackup(backup), context),
		beforeRestore: async (restore, context) => run('before-restore', ofBeforeRestore(restore), context),
		afterRestore: async (restore, context) => run('after-restore', ofAfterRestore(restore), context),
	},
	get: context => ({
		commands: stateOf(context),
		timeLimitSeconds: context.settings.get(['timeLimitSeconds']) ?? null,
	}),
	async onShutdown() {
		await endPrograms();
	},
	screens: [
		{
			type: 'settings',
			name: 'commands',
			title: 'Command hooks',
			content: context => [
				{type: 'text', text: 'Programs that run before and after backups and restores.'},
				{
					type: 'table',
					columns: ['Instance', 'Phase', 'Program', 'Problem'],
					rows: stateOf(context).map(({instance, phase, program, problem}) =>
						[instance, phase, program, problem].map(String),
					),
				},
			],
		},
	],
});
