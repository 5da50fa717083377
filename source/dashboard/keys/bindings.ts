/**
 * Every key of the dashboard, once: the handler, the footer, the help and the README's table are made from it. A layer (a screen, a list, a field, a
 * dialog) says which actions it takes; the keys come from here.
 */

/** Where a key counts, for help and README. */
export type KeyGroup = 'everywhere' | 'lists' | 'backups' | 'plugins' | 'log' | 'fields' | 'dialogs';

type BindingRecord = {
	/** Names of keys; the first ones are shown. */
	readonly keys: readonly string[];
	/** How the keys are written for a person. */
	readonly shown: string;
	/** What it does, for help: "move up". */
	readonly description: string;
	/** One or two words for the footer; missing when it is not shown there. */
	readonly footer?: string;
	readonly group: KeyGroup;
};

export const bindings = {
	'previous-choice': {keys: ['left', 'h', 'shift+tab'], shown: '← h', description: 'previous button', group: 'dialogs'},
	'next-choice': {keys: ['right', 'l', 'tab'], shown: '→ l', description: 'next button', group: 'dialogs'},
	close: {keys: ['esc', 'q', '?'], shown: 'Esc q', description: 'close', footer: 'close', group: 'dialogs'},
	submit: {keys: ['enter'], shown: 'Enter', description: 'confirm', footer: 'confirm', group: 'dialogs'},

	erase: {
		keys: ['backspace', 'ctrl+h'],
		shown: 'Backspace',
		description: 'delete the character before',
		group: 'fields',
	},
	'erase-forward': {
		keys: ['delete', 'ctrl+d'],
		shown: 'Delete',
		description: 'delete the character after',
		group: 'fields',
	},
	'clear-field': {keys: ['ctrl+u'], shown: 'Ctrl+U', description: 'clear the field', group: 'fields'},
	'cursor-left': {keys: ['left', 'ctrl+b'], shown: '←', description: 'move left', group: 'fields'},
	'cursor-right': {keys: ['right', 'ctrl+f'], shown: '→', description: 'move right', group: 'fields'},
	'cursor-start': {keys: ['home', 'ctrl+a'], shown: 'Home', description: 'to the start', group: 'fields'},
	'cursor-end': {keys: ['end', 'ctrl+e'], shown: 'End', description: 'to the end', group: 'fields'},

	'move-up': {keys: ['up', 'k'], shown: '↑ k', description: 'move up', group: 'lists'},
	'move-down': {keys: ['down', 'j'], shown: '↓ j', description: 'move down', group: 'lists'},
	'page-up': {keys: ['pageup'], shown: 'PgUp', description: 'a page up', group: 'lists'},
	'page-down': {keys: ['pagedown'], shown: 'PgDn', description: 'a page down', group: 'lists'},
	'half-page-up': {keys: ['ctrl+u'], shown: 'Ctrl+U', description: 'half a page up', group: 'lists'},
	'half-page-down': {keys: ['ctrl+d'], shown: 'Ctrl+D', description: 'half a page down', group: 'lists'},
	first: {keys: ['g', 'home'], shown: 'g Home', description: 'first row', group: 'lists'},
	last: {keys: ['G', 'end'], shown: 'G End', description: 'last row', group: 'lists'},
	parent: {keys: ['left', 'h'], shown: '← h', description: 'the folder above', footer: 'up', group: 'lists'},
	descend: {keys: ['right', 'l'], shown: '→ l', description: 'into the folder', group: 'lists'},
	look: {keys: ['right', 'l'], shown: '→ l', description: 'the files of a part', footer: 'files', group: 'lists'},
	'previous-kind': {keys: ['left', 'h'], shown: '← h', description: 'another kind of change', group: 'lists'},
	'next-kind': {
		keys: ['right', 'l'],
		shown: '→ l',
		description: 'another kind of change',
		footer: 'kind',
		group: 'lists',
	},
	open: {keys: ['enter'], shown: 'Enter', description: 'open', footer: 'open', group: 'lists'},
	'go-on': {keys: ['enter'], shown: 'Enter', description: 'go on', footer: 'go on', group: 'lists'},
	change: {keys: ['enter'], shown: 'Enter', description: 'change the setting', footer: 'change', group: 'lists'},
	mark: {keys: ['space'], shown: 'Space', description: 'mark or toggle', footer: 'mark', group: 'lists'},

	start: {
		keys: ['enter'],
		shown: 'Enter',
		description: 'start what the screen shows',
		footer: 'start',
		group: 'backups',
	},
	override: {
		keys: ['O'],
		shown: 'O',
		description: 'restore although a print may be running',
		footer: 'override',
		group: 'backups',
	},
	mode: {
		keys: ['m'],
		shown: 'm',
		description: 'what is replaced: each part, nothing removed, everything',
		footer: 'mode',
		group: 'backups',
	},
	profile: {
		keys: ['P'],
		shown: 'P',
		description: 'size against time: another profile for this backup',
		footer: 'profile',
		group: 'backups',
	},
	'keep-settings': {
		keys: ['s'],
		shown: 's',
		description: 'keep settings of this machine (network, serial port…) as they are',
		footer: 'keep',
		group: 'backups',
	},
	'to-folder': {
		keys: ['t'],
		shown: 't',
		description: 'restore into another folder instead',
		footer: 'to folder',
		group: 'backups',
	},
	'all-notes': {
		keys: ['n'],
		shown: 'n',
		description: 'everything to know about the plan',
		footer: 'notes',
		group: 'backups',
	},
	'back-up': {keys: ['b'], shown: 'b', description: 'back up now', footer: 'back up', group: 'backups'},
	restore: {
		keys: ['r'],
		shown: 'r',
		description: 'restore the selected backup, after showing what it would do',
		footer: 'restore',
		group: 'backups',
	},
	find: {
		keys: ['f'],
		shown: 'f',
		description: 'find files in the backup, to get them back',
		footer: 'find',
		group: 'backups',
	},
	verify: {
		keys: ['v'],
		shown: 'v',
		description: 'verify the selected or marked backups',
		footer: 'verify',
		group: 'backups',
	},
	delete: {
		keys: ['d'],
		shown: 'd',
		description: 'delete the selected or marked backups',
		footer: 'delete',
		group: 'backups',
	},
	'empty-trash': {
		keys: ['D'],
		shown: 'D',
		description: 'delete everything in the trash for good',
		footer: 'empty',
		group: 'backups',
	},
	compare: {
		keys: ['c'],
		shown: 'c',
		description: 'compare the backup with the present data, or two marked backups',
		footer: 'compare',
		group: 'backups',
	},
	import: {keys: ['i'], shown: 'i', description: 'import a backup from a file', footer: 'import', group: 'backups'},
	export: {
		keys: ['e'],
		shown: 'e',
		description: 'export the selected backup to a file',
		footer: 'export',
		group: 'backups',
	},
	pin: {
		keys: ['p'],
		shown: 'p',
		description: 'pin or unpin: a pinned backup is never deleted by mistake',
		footer: 'pin',
		group: 'backups',
	},
	undo: {keys: ['u'], shown: 'u', description: 'undo the last restore', footer: 'undo', group: 'backups'},
	'bring-back': {
		keys: ['z'],
		shown: 'z',
		description: 'bring back what was deleted last',
		footer: 'bring back',
		group: 'backups',
	},
	trash: {keys: ['T'], shown: 'T', description: 'the trash: deleted backups', footer: 'trash', group: 'backups'},

	choose: {
		keys: ['enter'],
		shown: 'Enter',
		description: 'open, do or change what is selected',
		footer: 'choose',
		group: 'plugins',
	},
	'switch-plugin': {
		keys: ['space'],
		shown: 'Space',
		description: 'enable or disable the plugin',
		footer: 'on/off',
		group: 'plugins',
	},
	original: {
		keys: ['V'],
		shown: 'V',
		description: 'the dashboard’s own screen instead of a plugin’s, and back',
		footer: 'original',
		group: 'plugins',
	},

	'log-less': {keys: ['left', 'h'], shown: '← h', description: 'show more levels', group: 'log'},
	'log-more': {keys: ['right', 'l'], shown: '→ l', description: 'show fewer levels', footer: 'level', group: 'log'},
	follow: {
		keys: ['space'],
		shown: 'Space',
		description: 'follow new events, or stop following',
		footer: 'follow',
		group: 'log',
	},

	'next-pane': {keys: ['tab'], shown: 'Tab', description: 'next pane or field', group: 'everywhere'},
	'previous-pane': {
		keys: ['shift+tab'],
		shown: 'Shift+Tab',
		description: 'previous pane or field',
		group: 'everywhere',
	},
	'choose-screen': {
		keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
		shown: '1–9',
		description: 'go to a numbered screen',
		group: 'everywhere',
	},
	filter: {
		keys: ['/'],
		shown: '/',
		description: 'filter by words; Enter keeps it, Esc clears it',
		footer: 'filter',
		group: 'everywhere',
	},
	recover: {
		keys: ['X'],
		shown: 'X',
		description: 'clean or recover what an earlier run left behind',
		footer: 'clean up',
		group: 'everywhere',
	},
	'cancel-job': {
		keys: ['x'],
		shown: 'x',
		description: 'cancel the running job (press twice)',
		footer: 'cancel job',
		group: 'everywhere',
	},
	back: {
		keys: ['esc'],
		shown: 'Esc',
		description: 'close, clear the filter, go back',
		footer: 'back',
		group: 'everywhere',
	},
	log: {keys: ['L'], shown: 'L', description: 'log', group: 'everywhere'},
	plugins: {keys: ['M'], shown: 'M', description: 'more: plugins, and the screens they bring', group: 'everywhere'},
	refresh: {keys: ['R'], shown: 'R', description: 'read everything again', group: 'everywhere'},
	repaint: {keys: ['ctrl+l'], shown: 'Ctrl+L', description: 'repaint the screen', group: 'everywhere'},
	suspend: {keys: ['ctrl+z'], shown: 'Ctrl+Z', description: 'suspend; `fg` comes back', group: 'everywhere'},
	quit: {keys: ['q'], shown: 'q', description: 'quit; asks when a job is running', footer: 'quit', group: 'everywhere'},
	interrupt: {keys: ['ctrl+c'], shown: 'Ctrl+C', description: 'quit; asks when a job is running', group: 'everywhere'},
	help: {keys: ['?'], shown: '?', description: 'help for this screen', group: 'everywhere'},
} as const satisfies Readonly<Record<string, BindingRecord>>;

export type Action = keyof typeof bindings;

export type Binding = BindingRecord & {readonly action: Action};

/** The table as a list, in the order of the footer and the help. */
export const bindingList: readonly Binding[] = Object.entries(bindings).map(([action, binding]) => ({
	...binding,
	action: action as Action,
}));

const byKey = new Map<string, readonly Action[]>();
for (const {keys, action} of bindingList) {
	for (const key of keys) {
		byKey.set(key, [...(byKey.get(key) ?? []), action]);
	}
}

/** The actions a key can mean; the focused layer takes the first it knows. */
export const actionsFor = (keyName: string): readonly Action[] => byKey.get(keyName) ?? [];

export const groupTitles = {
	everywhere: 'Everywhere',
	lists: 'Lists and trees',
	backups: 'Backups',
	plugins: 'Plugins',
	log: 'Log',
	fields: 'Text fields',
	dialogs: 'Dialogs',
} as const satisfies Record<KeyGroup, string>;
