import * as fs from 'node:fs';
import * as path from 'node:path';
import {parseDocument} from 'yaml';
import type {InstanceRef} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {type FolderKey, folderKeys} from './folders.js';

/** A configuration larger than this is none: OctoPrint's own are a few kilobytes. */
const maximumBytes = 8_000_000;

/** What printkeep needs to know of OctoPrint's `config.yaml`. Paths are absolute. */
export type Configuration = {
	/** Folders configured elsewhere than in their usual place. */
	readonly folders: ReadonlyMap<FolderKey, string>;
	readonly userFile: string | null;
	readonly groupFile: string | null;
	/** Where OctoPrint 2.0 and newer keep their backups, when that is configured. */
	readonly backupFolder: string | null;
	readonly restoreUnsupported: boolean;
	readonly restartCommand: string | null;
	/** Where the server listens, when that is configured. */
	readonly host: string | null;
	readonly port: number | null;
	/** The key older servers accept for everything. Never shown, never logged. */
	readonly apiKey: string | null;
	/** Why the file could not be understood, in words; everything else is then as if it were empty. */
	readonly problem: string;
};

/** The YAML value at a path of keys, or undefined. */
export const at = (value: unknown, ...keys: readonly string[]): unknown =>
	keys.reduce<unknown>((node, key) => (node instanceof Map ? node.get(key) : undefined), value);

/** A TCP port, as a number or as text; null for everything else. */
export const portOf = (value: unknown): number | null => {
	const number = typeof value === 'string' && /^\d{1,5}$/u.test(value.trim()) ? Number(value) : value;
	return typeof number === 'number' && Number.isInteger(number) && number > 0 && number < 65_536 ? number : null;
};

type Parsed = {readonly mapping: ReadonlyMap<unknown, unknown>; readonly problem: string};

const parse = (text: string): Parsed => {
	const none = new Map<unknown, unknown>();
	try {
		const document = parseDocument(text, {version: '1.1', uniqueKeys: false, logLevel: 'silent', prettyErrors: false});
		const [error] = document.errors;
		if (error) {
			const line = text.slice(0, error.pos[0]).split('\n').length;
			return {mapping: none, problem: `it is no valid YAML (line ${line})`};
		}

		// A few hundred bytes of aliases can stand for gigabytes: the expansion is bounded.
		const value: unknown = document.toJS({mapAsMap: true, maxAliasCount: 1000});
		return value instanceof Map ? {mapping: value, problem: ''} : {mapping: none, problem: 'it holds no settings'};
	} catch {
		return {mapping: none, problem: 'it is nested too deep or refers to itself too often'};
	}
};

/** Longer texts are parsed anew each time, and not kept in memory. */
const mostKeptCharacters = 200_000;

let kept: {readonly text: string; readonly parsed: Parsed} | undefined;

/**
 * The mapping a YAML text holds, or why it holds none. YAML 1.1 with the last of two equal keys winning, as PyYAML reads it. A single command asks for
 * the same configuration some ten times, and parsing takes longer than anything else most of them do: the last text is not parsed again.
 */
export const parseMapping = (text: string): Parsed => {
	if (kept?.text === text) {
		return kept.parsed;
	}

	const parsed = parse(text);
	if (text.length <= mostKeptCharacters) {
		kept = {text, parsed};
	}

	return parsed;
};

/** Reads the settings out of the text of a `config.yaml`. Never throws: what cannot be understood is told in `problem`. */
export const parseConfiguration = (text: string, dataFolder: string): Configuration => {
	const {mapping, problem} = parseMapping(text);
	const textAt = (...keys: readonly string[]): string | null => {
		const value = at(mapping, ...keys);
		return typeof value === 'string' && value !== '' && !value.includes('\0') ? value : null;
	};

	const pathAt = (...keys: readonly string[]): string | null => {
		const value = textAt(...keys);
		return value === null ? null : path.resolve(dataFolder, value);
	};

	const configured = new Map<FolderKey, string>();
	for (const key of folderKeys) {
		const folder = pathAt('folder', key);
		if (folder !== null) {
			configured.set(key, folder);
		}
	}

	return {
		folders: configured,
		userFile: pathAt('accessControl', 'userfile'),
		groupFile: pathAt('accessControl', 'groupfile'),
		backupFolder: pathAt('plugins', 'backup', 'path'),
		restoreUnsupported: at(mapping, 'plugins', 'backup', 'restore_unsupported') === true,
		restartCommand: textAt('server', 'commands', 'serverRestartCommand'),
		host: textAt('server', 'host'),
		port: portOf(at(mapping, 'server', 'port')),
		apiKey: textAt('api', 'key'),
		problem,
	};
};

/** Absolute path of the configuration an instance runs with. */
export const configFileOf = ({dataFolder, configFile}: Pick<InstanceRef, 'dataFolder' | 'configFile'>): string =>
	configFile ?? path.join(dataFolder, 'config.yaml');

/** Text of the configuration of an instance; null for what is none: a pipe would be waited for, and something huge would not fit into memory. */
export const configurationText = (instance: Pick<InstanceRef, 'dataFolder' | 'configFile'>): string | null => {
	const file = configFileOf(instance);
	try {
		const stats = fs.statSync(file);
		return stats.isFile() && stats.size <= maximumBytes ? fs.readFileSync(file, 'utf8') : null;
	} catch {
		return null;
	}
};

/**
 * Reads the configuration of an instance; a missing file is an empty configuration with a `problem`.
 * @throws PrintkeepError source-unreadable when it is there but cannot be read.
 */
export const readConfiguration = (instance: Pick<InstanceRef, 'dataFolder' | 'configFile'>): Configuration => {
	const file = configFileOf(instance);
	const unknown = (problem: string): Configuration => ({...parseConfiguration('{}', instance.dataFolder), problem});
	try {
		const stats = fs.statSync(file, {throwIfNoEntry: false});
		if (!stats) {
			return unknown('it does not exist');
		}

		if (!stats.isFile() || stats.size > maximumBytes) {
			return unknown(stats.isFile() ? 'it is too large to be one' : 'it is no file');
		}

		return parseConfiguration(fs.readFileSync(file, 'utf8'), instance.dataFolder);
	} catch (error) {
		const {message, hint} = toPrintkeepError(error, "OctoPrint's configuration cannot be read");
		throw new PrintkeepError('source-unreadable', message, {hint, detail: file, cause: error});
	}
};
