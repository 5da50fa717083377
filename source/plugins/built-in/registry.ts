/** The plugins that come with printkeep, by the name they have in the settings. They are written against the public API like any other. */
type PluginModule = Readonly<Record<string, unknown>>;

export const builtInPlugins: Readonly<Record<string, () => Promise<PluginModule>>> = {
	'builtin:command-hooks': async () => import('./command-hooks.js'),
	'builtin:notify': async () => import('./notify.js'),
	'builtin:healthchecks': async () => import('./healthchecks.js'),
	'builtin:wait-for-print': async () => import('./wait-for-print.js'),
};
