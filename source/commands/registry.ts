import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {Command} from './spec.js';
import {suggest} from './suggest.js';
import {agentsCommand} from './verbs/agents.js';
import {backupCommand} from './verbs/backup.js';
import {compareCommand} from './verbs/compare.js';
import {configCommand} from './verbs/config.js';
import {deleteCommand} from './verbs/delete.js';
import {demoCommand} from './verbs/demo.js';
import {doctorCommand} from './verbs/doctor.js';
import {exportCommand} from './verbs/export.js';
import {fetchCommand} from './verbs/fetch.js';
import {createHelpCommand} from './verbs/help.js';
import {importCommand} from './verbs/import.js';
import {instancesCommand} from './verbs/instances.js';
import {listCommand} from './verbs/list.js';
import {octoprintBackupCommand, octoprintRestoreCommand} from './verbs/octoprint.js';
import {pinCommand, unpinCommand} from './verbs/pin.js';
import {pluginCommand} from './verbs/plugin.js';
import {pluginsCommand} from './verbs/plugins.js';
import {recoverCommand} from './verbs/recover.js';
import {restoreCommand} from './verbs/restore.js';
import {sendCommand} from './verbs/send.js';
import {showCommand} from './verbs/show.js';
import {statusCommand} from './verbs/status.js';
import {trashCommand} from './verbs/trash.js';
import {undoCommand} from './verbs/undo.js';
import {verifyCommand} from './verbs/verify.js';

/** The command of this name. Error: `usage`, with the name that was probably meant. */
export const findCommand = (name: string): Command => {
	const found = commands.find(command => command.name === name);
	if (!found) {
		const meant = suggest(
			name,
			commands.map(command => command.name),
		);
		throw new PrintkeepError('usage', `There is no command called ${safeText(name)}.`, {
			hint:
				meant === undefined ? 'See `printkeep help`.' : `Did you mean \`printkeep ${meant}\`? See \`printkeep help\`.`,
		});
	}

	return found;
};

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
	statusCommand,
	backupCommand,
	listCommand,
	showCommand,
	compareCommand,
	verifyCommand,
	restoreCommand,
	undoCommand,
	deleteCommand,
	trashCommand,
	importCommand,
	exportCommand,
	agentsCommand,
	sendCommand,
	fetchCommand,
	pinCommand,
	unpinCommand,
	instancesCommand,
	configCommand,
	doctorCommand,
	pluginsCommand,
	pluginCommand,
	recoverCommand,
	demoCommand,
	octoprintBackupCommand,
	octoprintRestoreCommand,
	createHelpCommand(() => commands, findCommand),
];
