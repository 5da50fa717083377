import type {Client} from '../client/client.js';
import type {JobRequest, JobResult} from '../client/protocol.js';
import type {PrintkeepError} from '../errors.js';
import {exitCodeOf, toPrintkeepError} from '../errors.js';
import {openLogFile} from '../settings/log-file.js';
import {resolvePath} from '../settings/paths.js';
import type {ResolvedTarget} from '../settings/resolve-target.js';
import {resolveTarget} from '../settings/resolve-target.js';
import {openSettings} from '../settings/store.js';
import type {CommandContext} from './context.js';
import {defaultDemo} from './demo/states.js';
import {commandHelp, overview} from './help-text.js';
import type {ParsedOptions} from './parse.js';
import {checkOperands, parseArguments, splitVerb} from './parse.js';
import {errorLines} from './printers/errors.js';
import {createJsonPrinter, toJson} from './printers/json.js';
import type {Printer} from './printers/printer.js';
import {proseOutput} from './printers/prose.js';
import {createBarPrinter, createLinePrinter} from './printers/text.js';
import {commands, findCommand} from './registry.js';
import {runJob} from './run-job.js';
import type {Command} from './spec.js';
import {prefersPlain, startPlain} from './start-plain.js';
import type {System} from './system.js';
import {targetOptions} from './target-options.js';
import {tellRecovery} from './tell-recovery.js';
import {showDemo} from './verbs/demo.js';
import {overviewCommand} from './verbs/status.js';
import {wantsColor} from './wants-color.js';

/** Errors that say all there is to say; a log would add nothing. */
const notLogged = new Set<number>([2, 5, 10, 11, 15, 130]);

const silentPrinter: Printer = {event: () => undefined, clear: () => undefined};

const createPrinter = (
	system: System,
	{json, plain}: {readonly json: boolean; readonly plain: boolean},
	output: Command['output'],
): Printer => {
	if (json) {
		// A command that prints one document prints nothing else, even when it runs a job for it.
		return output === 'document' ? silentPrinter : createJsonPrinter(system.stdout);
	}

	const prose = proseOutput(system.stdout);
	return prose.isTerminal && !plain ? createBarPrinter(prose, system.clock) : createLinePrinter(prose);
};

const reportError = (system: System, command: Command | undefined, json: boolean, error: PrintkeepError): number => {
	const exit = exitCodeOf(error.code);
	const log = openLogFile(system.paths.logFile, system.clock);
	const logged = !notLogged.has(exit) && log.failure(error);
	if (json) {
		const {code, message, hint} = error;
		const data = {error: {code, message, hint}, exitCode: exit};
		system.stdout.write(
			command?.output === 'events' ? `${toJson({type: 'result', ...data})}\n` : `${toJson(data, 2)}\n`,
		);
	}

	proseOutput(system.stderr).write(errorLines(error, logged ? log.path : ''));
	return exit;
};

const execute = async (
	system: System,
	command: Command,
	argv: readonly string[],
	parsed: ParsedOptions,
): Promise<number> => {
	const {shared, options, operands} = parsed;
	checkOperands(command, operands);
	const settings = openSettings(system.paths);
	const log = openLogFile(system.paths.logFile, system.clock);
	const output = proseOutput(system.stdout);
	const printer = createPrinter(system, shared, command.output);
	const absolute = (path: string): string => resolvePath(path, system.workingDirectory, system.homeDirectory);
	let client: Promise<Client> | undefined;
	let target: Promise<ResolvedTarget> | undefined;
	const context: CommandContext = {
		system,
		shared,
		settings,
		argv,
		absolute,
		async client() {
			const {paths, environment, goesOn = false} = system;
			client ??= system.createClient({paths, environment, isForOneJob: !goesOn}).then(started => {
				started.subscribe(log.record);
				return started;
			});
			return client;
		},
		async resolve() {
			const resolved = await context.resolveForArchives();
			if (resolved.missing) {
				throw resolved.missing;
			}

			return resolved;
		},
		async resolveForArchives() {
			target ??= context.client().then(async started =>
				resolveTarget(started, settings.read(), system.paths, {
					...targetOptions(shared, absolute),
					withoutInstance: true,
					onRecovery: command.leavesInterrupted ? undefined : tellRecovery(system),
				}),
			);
			return target;
		},
		print(...lines) {
			if (!shared.json) {
				printer.clear();
				output.write(lines.map(line => `${line}\n`).join(''));
			}
		},
		runJob: async <Type extends JobResult['type']>(request: Extract<JobRequest, {readonly type: Type}>) =>
			runJob<Type>(await context.client(), request, {print: printer.event, signals: system.signals}),
	};

	try {
		const {exit, json} = await command.run(context, {options, operands});
		if (shared.json) {
			system.stdout.write(
				command.output === 'events' ? `${toJson({type: 'result', exitCode: exit, ...json})}\n` : `${toJson(json, 2)}\n`,
			);
		}

		return exit;
	} finally {
		printer.clear();
		await (await client)?.close();
	}
};

/** What `printkeep` does when no command is named: the dashboard on a terminal, a summary elsewhere. */
const executeDefault = async (system: System, argv: readonly string[], parsed: ParsedOptions): Promise<number> => {
	const {shared} = parsed;
	const terminal = system.stdin.isTerminal && system.stdout.isTerminal && system.environment.TERM !== 'dumb';
	if (!terminal || shared.json) {
		return execute(system, overviewCommand, argv, {...parsed, options: {}});
	}

	const settings = openSettings(system.paths);
	const log = openLogFile(system.paths.logFile, system.clock);
	const absolute = (path: string): string => resolvePath(path, system.workingDirectory, system.homeDirectory);
	// A damaged settings file is told here, in words, before the screen is taken over.
	const current = settings.read();
	if (shared.plain || prefersPlain(system.environment)) {
		return startPlain(system, shared, run);
	}

	system.signals.release();
	return system.startDashboard({
		settings,
		paths: system.paths,
		environment: system.environment,
		target: targetOptions(shared, absolute),
		color: wantsColor(system.environment, current, shared['no-color']),
		log,
		startDemo: async () => showDemo(system, defaultDemo, shared),
	});
};

/**
 * Runs one command line.
 * @param argv without the interpreter and the script.
 * @returns the exit code. Never rejects: every failure has been printed.
 */
export const run = async (system: System, argv: readonly string[]): Promise<number> => {
	let command: Command | undefined;
	const work = async (): Promise<number> => {
		try {
			const {verb, rest} = splitVerb(argv);
			command = verb === undefined ? undefined : findCommand(verb);
			const parsed = parseArguments(command, rest);
			if (parsed.shared.help) {
				proseOutput(system.stdout).write(command ? commandHelp(command) : overview(commands));
				return 0;
			}

			return await (command ? execute(system, command, argv, parsed) : executeDefault(system, argv, parsed));
		} catch (error) {
			return reportError(system, command, argv.includes('--json'), toPrintkeepError(error, 'The command failed'));
		}
	};

	// A job that a signal cancelled fails as cancelled; which signal it was decides the exit code.
	return Promise.race([work().then(code => system.signals.received() ?? code), system.signals.ended]);
};
