import type {OptionTable, OptionValues} from './spec.js';

/** Options every command takes. */
export const sharedOptions = {
	instance: {type: 'string', value: 'NAME', description: 'The instance, by its name (see `printkeep instances`).'},
	basedir: {type: 'string', value: 'DIR', description: 'The instance, by its data folder; need not be registered.'},
	config: {type: 'string', value: 'FILE', description: 'The server’s configuration file, when it lies elsewhere.'},
	store: {type: 'string', value: 'DIR', description: 'The folder of the backups, instead of the instance’s usual one.'},
	json: {type: 'boolean', description: 'Print JSON: one document, or one event a line for jobs.'},
	plain: {type: 'boolean', description: 'Plain lines only: no dashboard, no moving progress bar.'},
	'no-color': {type: 'boolean', description: 'No colours. The variable NO_COLOR does the same.'},
	yes: {type: 'boolean', short: 'y', description: 'Confirm what would be asked. Never enough for a pinned backup.'},
	help: {type: 'boolean', short: 'h', description: 'Show help for the command.'},
} as const satisfies OptionTable;

export type SharedValues = OptionValues<typeof sharedOptions>;
