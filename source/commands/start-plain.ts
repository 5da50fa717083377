import {toPrintkeepError} from '../errors.js';
import {asciiText} from '../format/ascii-text.js';
import {resolvePath} from '../settings/paths.js';
import {resolveTarget} from '../settings/resolve-target.js';
import {openSettings} from '../settings/store.js';
import {listBackups} from './find-backup.js';
import {plainMenu} from './plain-menu.js';
import {errorLines} from './printers/errors.js';
import type {SharedValues} from './shared-options.js';
import type {System} from './system.js';
import {targetOptions} from './target-options.js';
import {tellRecovery} from './tell-recovery.js';

type PlainOptions = Partial<Pick<SharedValues, 'instance' | 'basedir' | 'config' | 'store'>>;

/** True when a screen reader is told to be there: lines are read out, a screen that is drawn is not. */
export const prefersPlain = (environment: Readonly<Record<string, string | undefined>>): boolean =>
	environment.INK_SCREEN_READER === 'true' || environment.ACCESSIBLE === '1';

/** The options that the commands of the front end are given too. */
const inheritedOptions = ({instance, basedir, config, store}: PlainOptions): readonly string[] => [
	'--plain',
	...Object.entries({instance, basedir, config, store}).flatMap(([name, value]) =>
		value === undefined ? [] : [`--${name}`, value],
	),
];

/**
 * Starts the linear front end on this machine.
 * @param run runs a command line.
 * @returns the exit code.
 */
export const startPlain = async (
	system: System,
	options: PlainOptions,
	run: (system: System, argv: readonly string[]) => Promise<number>,
): Promise<number> => {
	const {stdin, stdout, stderr, paths, environment, clock, signals} = system;
	const words = stdout.onlyAscii ? asciiText : (text: string): string => text;
	const absolute = (path: string): string => resolvePath(path, system.workingDirectory, system.homeDirectory);
	const inherited = inheritedOptions(options);
	return plainMenu({
		print: line => stdout.write(words(`${line}\n`)),
		// Where the connection was lost during a job, nobody is there to choose what comes next.
		ask: async question => (signals.received() === undefined ? stdin.ask(question) : null),
		run: async ([verb = '', ...rest]) => run({...system, goesOn: true}, [verb, ...inherited, ...rest]),
		async backups() {
			const client = await system.createClient({paths, environment});
			try {
				const {target} = await resolveTarget(client, openSettings(paths).read(), paths, {
					...targetOptions(options, absolute),
					onRecovery: tellRecovery(system),
				});
				return await listBackups(client, target);
			} catch (error) {
				stderr.write(words(errorLines(toPrintkeepError(error, 'The backups could not be listed'), '')));
				return [];
			} finally {
				await client.close();
			}
		},
		now: clock.now,
	});
};
