import {composeCommand, type Subcommand} from '../subcommands.js';

/** What `printkeep plugins` can do, in the order of the help; each lies in a file of its own. */
const subcommands: readonly Subcommand[] = [];

/** Belongs into the registry as soon as there is something it can do. */
export const pluginsCommand = composeCommand(
	{
		name: 'plugins',
		summary: 'Look after plugins',
		details: [],
		output: 'events',
	},
	subcommands,
);
