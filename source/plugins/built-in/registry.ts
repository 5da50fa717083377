/** The plugins that come with printkeep, by the name they have in the settings. They are written against the public API like any other. */
type PluginModule = Readonly<Record<string, unknown>>;

export const builtInPlugins: Readonly<Record<string, () => Promise<PluginModule>>> = {
	'builtin:command-hooks': async () => import('./command-hooks.js'),
	'builtin:notify': async () => import('./notify.js'),
	'builtin:healthchecks': async () => import('./healthchecks.js'),
	'builtin:wait-for-print': async () => import('./wait-for-print.js'),
};

/** What each of them does, for whoever has not enabled it: the same as it says of itself, which is not loaded to find out. */
export const builtInSummaries: Readonly<Record<keyof typeof builtInPlugins, string>> = {
	'builtin:command-hooks': 'Runs programs of your choice before and after backups and restores.',
	'builtin:notify': 'Tells you on the desktop, by ntfy or by a webhook when backups fail, and when they work again.',
	'builtin:healthchecks': 'Pings a monitor like healthchecks.io when backups begin, succeed and fail.',
	'builtin:wait-for-print': 'Lets automatic backups wait until the server does not print any more.',
};
