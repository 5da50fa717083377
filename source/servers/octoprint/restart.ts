import type {InstanceRef} from '../../client/protocol.js';
import {safeText} from '../../format/safe-text.js';
import type {ServerPorts} from '../adapter.js';
import {readConfiguration} from './configuration.js';
import {runBy} from './run-by.js';
import {isRunning} from './running.js';

/**
 * What a person does after a restore or an undo so that OctoPrint uses what is there now. The command in the configuration may come from another machine:
 * it is believed when no unit of this machine says otherwise.
 */
export const afterRestore = async (ports: ServerPorts, instance: InstanceRef): Promise<readonly string[]> => {
	const host = await runBy(ports, instance);
	const {restartCommand} = readConfiguration(instance);
	const doing = isRunning(ports, instance) === false ? 'Start OctoPrint' : 'Restart OctoPrint';
	if (host?.type === 'container') {
		return [`${doing}: ${host.start.replace(' start ', ' restart ')}`];
	}

	const shortName = host?.name.replace(/\.service$/u, '');
	if (restartCommand !== null && (shortName === undefined || restartCommand.includes(shortName))) {
		return [`${doing}: ${safeText(restartCommand)}`];
	}

	return [
		shortName === undefined
			? `${doing}, so that it uses what is there now.`
			: `${doing}: ${host?.scope === 'user' ? 'systemctl --user' : 'sudo systemctl'} restart ${safeText(shortName)}`,
	];
};

const yes = new Set(['true', 'yes', 'y', '1']);

const variables = ['OCTOPRINT_BACKUP_RESTORE_UNSUPPORTED', 'PRINTKEEP_RESTORE_UNSUPPORTED'];

/** Why restoring in place is switched off, by the environment or by OctoPrint's settings; empty when it is not. */
export const restoreDisabled = async ({environment}: ServerPorts, instance: InstanceRef): Promise<string> => {
	const variable = variables.find(name => yes.has((environment[name] ?? '').trim().toLowerCase()));
	if (variable !== undefined) {
		return `Restoring is switched off: the environment variable ${variable} is set.`;
	}

	return readConfiguration(instance).restoreUnsupported
		? "Restoring is switched off: OctoPrint's setting plugins.backup.restore_unsupported is on."
		: '';
};
