import * as os from 'node:os';
import * as path from 'node:path';

/** Where printkeep keeps things of its own. All absolute; none of them is made before something is written. */
export type Paths = {
	readonly settingsFolder: string;
	readonly settingsFile: string;
	/** Where stores go unless a person says otherwise: `<dataFolder>/backups/<instance>`. */
	readonly dataFolder: string;
	/** History, locks and the log. */
	readonly stateFolder: string;
	readonly logFile: string;
};

export type PathSources = {
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly homeDirectory: string;
};

/** The XDG specification says that relative values are invalid and must be ignored. */
const absolute = (value: string | undefined): string | undefined =>
	value !== undefined && path.isAbsolute(value) ? path.normalize(value) : undefined;

/**
 * Finds printkeep's folders. `PRINTKEEP_CONFIG_DIR` moves settings and state into one folder; otherwise the folders are
 * those of the XDG Base Directory Specification 0.8. A relative PRINTKEEP_CONFIG_DIR counts from the working directory.
 */
export const resolvePaths = ({environment, homeDirectory}: PathSources): Paths => {
	const moved = environment.PRINTKEEP_CONFIG_DIR || undefined;
	const dataHome = absolute(environment.XDG_DATA_HOME) ?? path.join(homeDirectory, '.local', 'share');
	const settingsFolder = moved
		? path.resolve(moved)
		: path.join(absolute(environment.XDG_CONFIG_HOME) ?? path.join(homeDirectory, '.config'), 'printkeep');
	const stateFolder = moved
		? path.resolve(moved)
		: path.join(absolute(environment.XDG_STATE_HOME) ?? path.join(homeDirectory, '.local', 'state'), 'printkeep');
	return {
		settingsFolder,
		settingsFile: path.join(settingsFolder, 'settings.json'),
		dataFolder: path.join(dataHome, 'printkeep'),
		stateFolder,
		logFile: path.join(stateFolder, 'printkeep.log'),
	};
};

/** The folders of the person who runs this process. */
export const systemPaths = (): Paths => resolvePaths({environment: process.env, homeDirectory: os.homedir()});

/** The folder that keeps an instance's backups until its settings say otherwise. */
export const defaultStore = (paths: Paths, instanceName: string): string =>
	path.join(paths.dataFolder, 'backups', instanceName);

/** A path as a person types it, made absolute: `~` is the home directory, anything relative counts from `workingDirectory`. */
export const resolvePath = (text: string, workingDirectory: string, homeDirectory: string): string => {
	const expanded = text === '~' || text.startsWith('~/') ? path.join(homeDirectory, text.slice(1)) : text;
	return path.resolve(workingDirectory, expanded);
};
