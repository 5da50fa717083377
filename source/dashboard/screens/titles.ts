import type {ScreenName} from '../router.js';

/** What a screen is called, in the header and over its help. */
export const screenTitles = {
	home: 'Home',
	backups: 'Backups',
	create: 'Back up',
	settings: 'Settings',
	log: 'Log',
	details: 'Backup',
	plan: 'Restore',
	compare: 'Compare',
	find: 'Find files',
	trash: 'Trash',
	import: 'Import',
	plugins: 'Plugins',
	plugin: 'Plugin',
	'plugin-screen': 'Plugin',
	wizard: 'Set up',
	welcome: 'Welcome',
} as const satisfies Record<ScreenName, string>;
