import * as path from 'node:path';
import type {ServerPorts} from '../adapter.js';
import {parseServerCommand} from './command-line.js';

/** A service unit that starts an OctoPrint. Paths are absolute. */
export type ServerUnit = {
	readonly name: string;
	/** `user`: a unit of the caller's own systemd. */
	readonly scope: 'system' | 'user';
	/** True when a process of it is running, or starting or stopping. */
	readonly active: boolean;
	readonly dataFolder: string | null;
	readonly configFile: string | null;
	readonly python: string | null;
};

const properties = ['Id', 'ExecStart', 'User', 'Environment', 'WorkingDirectory', 'ActiveState'];

const activeStates = new Set(['active', 'activating', 'deactivating', 'reloading', 'refreshing']);

/** Splits what systemd prints as a list of words, where words with blanks are quoted. */
const words = (text: string): readonly string[] =>
	[...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/gu)].map(
		([, double, single, plain]) => double?.replaceAll(/\\(.)/gu, '$1') ?? single ?? plain ?? '',
	);

const homeOf = async (ports: ServerPorts, user: string): Promise<string | null> => {
	const entry = await ports.run('getent', ['passwd', user], 3000);
	const home = entry?.trim().split(':')[5];
	return home?.startsWith('/')
		? home
		: (ports.homeDirectories().find(folder => path.basename(folder) === user) ?? null);
};

const readUnit = async (
	ports: ServerPorts,
	scope: ServerUnit['scope'],
	block: string,
): Promise<ServerUnit | undefined> => {
	const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'mu').exec(block)?.[1]?.trim() ?? '';
	const environment = new Map(
		words(value('Environment')).map((word): [string, string] => {
			const equals = word.indexOf('=');
			return [word.slice(0, equals), word.slice(equals + 1)];
		}),
	);
	const commandLine = / argv\[\]=(.*?) ; (?:ignore_errors|start_time)=/u.exec(value('ExecStart'))?.[1] ?? '';
	const expanded = commandLine.replaceAll(
		/\$\{(\w+)\}|\$(\w+)/gu,
		(whole, braced?: string, plain?: string) => environment.get(braced ?? plain ?? '') ?? whole,
	);
	const command = parseServerCommand(words(expanded));
	if (!command) {
		return undefined;
	}

	const home =
		environment.get('HOME') ??
		(scope === 'user' ? (ports.environment.HOME ?? null) : await homeOf(ports, value('User') || 'root'));
	const workingFolder = path.isAbsolute(value('WorkingDirectory')) ? value('WorkingDirectory') : '/';
	const expand = (file: string | null | undefined): string | null =>
		file === null || file === undefined
			? null
			: path.resolve(workingFolder, home === null ? file : file.replace(/^~(?=\/|$)/u, home));
	return {
		name: value('Id'),
		scope,
		active: activeStates.has(value('ActiveState')),
		dataFolder:
			expand(command.dataFolder ?? environment.get('OCTOPRINT_BASEDIR')) ??
			(home === null ? null : path.join(home, '.octoprint')),
		configFile: expand(command.configFile ?? environment.get('OCTOPRINT_CONFIG')),
		python: command.python,
	};
};

/** Arguments of systemctl for the units of the system, or of the caller's own systemd. */
export const scopeArguments = (scope: ServerUnit['scope']): readonly string[] => (scope === 'user' ? ['--user'] : []);

/**
 * The service units that start an OctoPrint server; none where there is no systemd.
 * @param scope those of this host, or those of the caller's own systemd.
 */
export const serverUnits = async (
	ports: ServerPorts,
	scope: ServerUnit['scope'] = 'system',
): Promise<readonly ServerUnit[]> => {
	const where = scopeArguments(scope);
	const common = ['--type=service', '--no-legend', '--no-pager', '--plain'];
	// Files name what is installed but not running, units the instances of templates.
	const lists = await Promise.all([
		ports.run('systemctl', [...where, 'list-unit-files', ...common], 10_000),
		ports.run('systemctl', [...where, 'list-units', '--all', ...common], 10_000),
	]);
	const listed = lists
		.flatMap(list => (list ?? '').split('\n'))
		.map(line => line.trim().split(/\s+/u)[0] ?? '')
		.filter(name => name.endsWith('.service') && !name.endsWith('@.service') && !name.startsWith('systemd-'));
	const names = [...new Set(listed)];
	if (names.length === 0) {
		return [];
	}

	const shown = await ports.run(
		'systemctl',
		[...where, 'show', '--no-pager', `--property=${properties.join(',')}`, '--', ...names],
		20_000,
	);
	const units = await Promise.all(
		(shown ?? '')
			.split(/\n\s*\n/u)
			.filter(block => block.includes('octoprint'))
			.map(async block => readUnit(ports, scope, block)),
	);
	return units.filter(unit => unit !== undefined);
};
