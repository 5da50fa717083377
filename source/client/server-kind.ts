/** Kinds of servers: those printkeep knows itself, and those that plugins know, which begin with `plugin-`. */
import type {BuiltInKind, PluginKind, ServerKind} from './protocol.js';

const pattern = /^plugin-[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/u;

/** What a plugin may call the kind of server it knows. */
export const pluginKindName = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/u;

/** True for a kind that only a plugin knows. */
export const isPluginKind = (kind: string): kind is PluginKind => pattern.test(kind);

const builtIn: Readonly<Record<BuiltInKind, string>> = {octoprint: 'OctoPrint'};

/** True for every kind there can be. */
export const isServerKind = (kind: unknown): kind is ServerKind =>
	typeof kind === 'string' && (Object.hasOwn(builtIn, kind) || isPluginKind(kind));

/** A kind in messages: "octoprint", or what the plugin calls it. */
export const kindWord = (kind: ServerKind): string => (isPluginKind(kind) ? kind.slice('plugin-'.length) : kind);

/** The kind a plugin's own name for it stands for. @param name `[a-z0-9-]+` */
export const toPluginKind = (name: string): PluginKind => `plugin-${name}`;

/**
 * What a kind of server is called to a person.
 * @param title what the plugin that knows it calls it. Not made safe for showing.
 */
export const kindTitle = (kind: ServerKind, title?: string): string =>
	isPluginKind(kind) ? (title ?? kindWord(kind)) : builtIn[kind];
