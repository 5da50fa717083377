/** How a server is stopped before its data is exchanged, and started after it. */
import type {InstanceRef, ServicePlan, ServiceSettings} from '../client/protocol.js';
import {safeText} from '../format/safe-text.js';
import type {ServerAdapter, ServerHost, ServerPorts} from './adapter.js';
import {splitCommand} from './split-command.js';
import {needsNoPassword} from './sudo-rules.js';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** What is run to stop and to start a server. */
export type ServiceCommands = {
	readonly by: 'unit' | 'command';
	/** For a person: the unit's name, or the command. */
	readonly name: string;
	readonly stop: Command;
	readonly start: Command;
	/** The same for a person to type. */
	readonly words: {readonly stop: string; readonly start: string};
	/** Prints the state of the unit; missing for a person's own commands, which have ended when the server has started. */
	readonly state?: Command;
};

export type Service = {
	/** For a person. */
	readonly plan: ServicePlan;
	/** Null when printkeep cannot or may not do it. */
	readonly commands: ServiceCommands | null;
};

export type ServiceOptions = {
	readonly adapter: Pick<ServerAdapter, 'runBy' | 'isRunning'>;
	readonly instance: InstanceRef;
	readonly settings: ServiceSettings | undefined;
	/** `stop`: it runs, and only what runs it can stop it. `start`: it does not run. */
	readonly purpose: 'stop' | 'start';
};

type Unit = Extract<ServerHost, {type: 'unit'}>;

const overwrites = 'A running server may write its old settings over the restored ones when it is stopped later.';

const none = (name: string, reason: string, stop = '', start = ''): Service => ({
	plan: {name: safeText(name), by: 'none', stop, start, reason: `${reason} ${overwrites}`},
	commands: null,
});

const shortName = (unit: string): string => unit.replace(/\.service$/u, '');

const systemctl = ({scope, name}: Unit, verb: string): Command =>
	scope === 'user' ? ['systemctl', '--user', verb, name] : ['systemctl', verb, name];

/** What may be run through sudo without a password, in the ways its rules usually spell it. */
const throughSudo = async (
	ports: ServerPorts,
	{name}: Unit,
): Promise<{readonly stop: Command; readonly start: Command} | undefined> => {
	const spellings = [
		(verb: string): Command => ['systemctl', verb, name],
		(verb: string): Command => ['systemctl', verb, shortName(name)],
		(verb: string): Command => ['service', shortName(name), verb],
	];
	const list = await ports.run('sudo', ['-n', '-l'], 5000);
	if (list === null) {
		return undefined;
	}

	// Asked about one command, sudo tells only whether it is allowed at all, with a password or without.
	const isAllowed = async (command: Command): Promise<boolean> =>
		needsNoPassword(list, command) && (await ports.run('sudo', ['-n', '-l', '--', ...command], 5000)) !== null;
	for (const spelling of spellings) {
		if ((await isAllowed(spelling('stop'))) && (await isAllowed(spelling('start')))) {
			return {stop: ['sudo', '-n', ...spelling('stop')], start: ['sudo', '-n', ...spelling('start')]};
		}
	}

	return undefined;
};

const unitService = async (ports: ServerPorts, unit: Unit, isRoot: boolean): Promise<Service> => {
	const {name, scope} = unit;
	const prefix = scope === 'user' || isRoot ? '' : 'sudo ';
	const words = (verb: string): string =>
		`${prefix}systemctl ${scope === 'user' ? '--user ' : ''}${verb} ${safeText(shortName(name))}`;
	const texts = {name: safeText(name), stop: words('stop'), start: words('start')};
	const direct =
		scope === 'user' || isRoot
			? {
					stop: systemctl(unit, 'stop'),
					// While the machine starts, waiting for another unit could be waiting for oneself.
					start: [...systemctl(unit, 'start'), '--no-block'] satisfies Command,
				}
			: await throughSudo(ports, unit);
	return direct
		? {
				plan: {...texts, by: 'unit', reason: ''},
				commands: {
					by: 'unit',
					name,
					...direct,
					words: texts,
					state: [...systemctl(unit, 'show'), '--property=ActiveState,Job'],
				},
			}
		: none(name, `${texts.name} cannot be stopped from here without a password.`, texts.stop, texts.start);
};

/** The commands a person has set; undefined when there are none. */
const ownCommands = ({stopCommand, startCommand}: ServiceSettings): Service | undefined => {
	if (stopCommand === undefined && startCommand === undefined) {
		return undefined;
	}

	if (stopCommand === undefined || startCommand === undefined) {
		return none(
			stopCommand ?? startCommand ?? '',
			`Of its commands only its ${stopCommand === undefined ? 'start' : 'stop'} command is set, and not the other.`,
			safeText(stopCommand ?? ''),
			safeText(startCommand ?? ''),
		);
	}

	const texts = {name: safeText(stopCommand), stop: safeText(stopCommand), start: safeText(startCommand)};
	try {
		const commands = {stop: splitCommand(stopCommand), start: splitCommand(startCommand)};
		return {
			plan: {...texts, by: 'command', reason: ''},
			commands: {by: 'command', name: stopCommand, ...commands, words: texts},
		};
	} catch (error) {
		return none(stopCommand, error instanceof Error ? error.message : String(error), texts.stop, texts.start);
	}
};

/**
 * Finds out how a server can be stopped and started: by the commands a person has set, else through the unit that runs it. Runs nothing that
 * changes anything.
 */
export const findService = async (
	ports: ServerPorts,
	{adapter, instance, settings = {}, purpose}: ServiceOptions,
): Promise<Service> => {
	const own = ownCommands(settings);
	if (own) {
		return own;
	}

	const host = await adapter.runBy(ports, instance);
	switch (host?.type) {
		case 'unit': {
			if (host.holdsCaller) {
				return none(host.name, `printkeep itself was started by ${safeText(host.name)} and would end with it.`);
			}

			if (purpose === 'stop' && !host.active) {
				return none(host.name, `It was started by hand and not by ${safeText(host.name)}.`);
			}

			return unitService(ports, host, process.geteuid?.() === 0);
		}

		case 'container': {
			const {name, stop, start} = host;
			return none(name, `It runs in the container ${safeText(name)}, which printkeep does not stop.`, stop, start);
		}

		case undefined: {
			return none(
				'',
				'Nothing tells which service runs it, so that printkeep cannot stop it: set stop-command and start-command, or stop it yourself before.',
			);
		}
	}
};
