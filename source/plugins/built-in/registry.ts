/** The plugins that come with printkeep, by the name they have in the settings. They are written against the public API like any other. */
type PluginModule = Readonly<Record<string, unknown>>;

export const builtInPlugins: Readonly<Record<string, () => Promise<PluginModule>>> = {};
