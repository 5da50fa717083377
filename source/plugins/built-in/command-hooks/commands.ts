/** The commands of the settings: which one belongs to an instance and phase, and whether it can be run. */
import {splitCommandLine} from '../../../format/split-command.js';
import type {PluginRecordData} from '../../api.js';
import {isRecord} from '../shared/read-settings.js';
import {readProgram} from '../shared/trusted-program.js';
import {type Phase, phases} from './phases.js';

/** Stands for every instance that has no commands of its own. */
export const anyInstance = '*';

export type Command = {readonly instance: string; readonly phase: Phase; readonly commandLine: string};

const commandLineOf = (instances: PluginRecordData, instance: string, phase: Phase): string | null => {
	const own = Object.hasOwn(instances, instance) ? instances[instance] : undefined;
	const line = isRecord(own) ? own[phase] : undefined;
	return typeof line === 'string' && line.trim() !== '' ? line : null;
};

/** The command line for an instance in a phase: its own, else the one for any; null when there is none. */
export const commandFor = (instances: PluginRecordData, instance: string, phase: Phase): string | null =>
	Object.hasOwn(instances, instance)
		? commandLineOf(instances, instance, phase)
		: commandLineOf(instances, anyInstance, phase);

/** All of them, in the order of instances and phases. */
export const allCommands = (instances: PluginRecordData): readonly Command[] =>
	Object.keys(instances).flatMap(instance =>
		phases.flatMap(phase => {
			const commandLine = commandLineOf(instances, instance, phase);
			return commandLine === null ? [] : [{instance, phase, commandLine}];
		}),
	);

/** What is wrong with the words of a command line, as the end of a sentence; whether the program is there and can be trusted shows when it is run. */
const wordsProblem = (line: string): string => {
	const split = splitCommandLine(line);
	return split.type === 'refused' ? split.why : '';
};

/** What is wrong with the shape of it, in a sentence; empty when nothing is. */
export const instancesProblem = (instances: unknown): string => {
	if (!isRecord(instances)) {
		return 'instances must be an object of instances and their commands.';
	}

	for (const [instance, commands] of Object.entries(instances)) {
		if (!isRecord(commands)) {
			return `instances.${instance} must be an object of phases and command lines.`;
		}

		for (const [phase, line] of Object.entries(commands)) {
			if (!(phases as readonly string[]).includes(phase)) {
				return `instances.${instance}.${phase} is none of the phases there are: ${phases.join(', ')}.`;
			}

			if (typeof line !== 'string') {
				return `instances.${instance}.${phase} must be a command line.`;
			}

			const problem = line.trim() === '' ? '' : wordsProblem(line);
			if (problem !== '') {
				return `instances.${instance}.${phase} could never be run: ${problem}.`;
			}
		}
	}

	return '';
};

/** What can be told of a command: its program without the arguments, which may hold what is nobody's business, and what is wrong with it. */
export const describeCommand = ({commandLine}: Command): {readonly program: string; readonly problem: string} => {
	const program = readProgram(commandLine);
	return program.type === 'program'
		? {program: program.name, problem: ''}
		: {program: commandLine.trim().split(/\s/u)[0] ?? '', problem: program.why};
};
