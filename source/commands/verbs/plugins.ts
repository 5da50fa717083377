import {composeCommand, type Subcommand} from '../subcommands.js';
import {checkSubcommand, disableSubcommand, enableSubcommand, removeSubcommand} from './plugins-change.js';
import {listSubcommand} from './plugins-list.js';
import {pluginsReinstall} from './plugins-reinstall.js';
import {settingsSubcommand} from './plugins-settings.js';

/** What `printkeep plugins` can do, in the order of the help; each lies in a file of its own. */
const subcommands: readonly Subcommand[] = [
	listSubcommand,
	enableSubcommand,
	disableSubcommand,
	removeSubcommand,
	checkSubcommand,
	settingsSubcommand,
	pluginsReinstall,
];

export const pluginsCommand = composeCommand(
	{
		name: 'plugins',
		summary: 'Look after plugins',
		details: [],
		output: 'events',
	},
	subcommands,
	'list',
);
