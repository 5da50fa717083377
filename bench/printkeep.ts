import {execFileSync} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import type {Command, Measurement} from './measure.js';

/** How the shipped program is called here: with a home, settings and state of its own, through the Node that runs the bench. */
export type Printkeep = {
	readonly command: (...args: readonly string[]) => Command;
	/** Runs it without measuring. */
	readonly run: (...args: readonly string[]) => void;
	/** True when the command has the option: builds of before it are measured without. */
	readonly hasOption: (command: string, option: string) => boolean;
	readonly environment: Readonly<Record<string, string>>;
	readonly program: string;
};

export const createPrintkeep = (program: string, folder: string): Printkeep => {
	const home = join(folder, 'home');
	mkdirSync(home, {recursive: true});
	const environment = {
		PATH: process.env.PATH ?? '',
		HOME: home,
		LANG: 'C.UTF-8',
		NO_COLOR: '1',
		PRINTKEEP_CONFIG_DIR: join(home, 'settings'),
	};
	const argv = (args: readonly string[]): readonly string[] => [process.execPath, program, ...args];
	const run = (...args: readonly string[]): void => {
		execFileSync(process.execPath, [program, ...args], {
			env: environment,
			stdio: ['ignore', 'ignore', 'inherit'],
		});
	};
	return {
		environment,
		program,
		command: (...args) => ({argv: argv(args), cwd: folder, env: environment, lines: args.includes('--json')}),
		run,
		hasOption: (command, option) =>
			execFileSync(process.execPath, [program, command, '--help'], {env: environment, encoding: 'utf8'}).includes(
				`${option} `,
			),
	};
};

type Event = {readonly type?: string; readonly phase?: string};

const asEvent = (line: string): Event => {
	try {
		return JSON.parse(line) as Event;
	} catch {
		return {};
	}
};

/**
 * Seconds of every phase of a job, from the moments its events came: `start` is everything before the first phase, the program's own start included,
 * `end` what comes after the job; a restore is two jobs. A phase that came more than once is added up. They add up to the wall time.
 */
export const phasesOf = ({lines, wall}: Pick<Measurement, 'lines' | 'wall'>): Readonly<Record<string, number>> => {
	const phases: Record<string, number> = {};
	let current = 'start';
	let since = 0;
	const change = (next: string, at: number): void => {
		phases[current] = (phases[current] ?? 0) + at - since;
		current = next;
		since = at;
	};
	for (const [at, line] of lines) {
		const {type, phase} = asEvent(line);
		if (type === 'phase' && phase !== undefined) {
			change(phase, at);
		} else if (type === 'job-finished') {
			change('end', at);
		} else if (type === 'job-started') {
			change('start', at);
		}
	}

	change('', wall);
	return phases;
};
