import type {PluginRecord} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import type {ExtraMember, NativeMetadata, ServerEnvironment} from '../adapter.js';
import {parseMapping} from './configuration.js';
import {isFolderKey} from './folders.js';

export const metadataMembers = ['metadata.json', 'plugin_list.json'] as const;

/** What OctoPrint cannot do without. It refuses archives without users too; that is a warning here, for a server that was never set up has none. */
export const requiredMembers = ['metadata.json', 'basedir/config.yaml'] as const;

/** Version written when nothing tells it: OctoPrint restores backups of older versions, so this one it always takes. */
const unknownVersion = '0.0.0';

/** JSON as Python writes it by default: a blank after commas and colons, nothing but ASCII. */
const pythonJson = (value: unknown): string => {
	if (Array.isArray(value)) {
		return `[${value.map(pythonJson).join(', ')}]`;
	}

	if (typeof value === 'object' && value !== null) {
		return `{${Object.entries(value)
			.map(([key, item]) => `${pythonJson(key)}: ${pythonJson(item)}`)
			.join(', ')}}`;
	}

	return JSON.stringify(value).replaceAll(
		/[\u007F-\uFFFF]/gu,
		character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
};

/** What OctoPrint says of the parts that are left out, in its backups and to its plugins: the names of its folders, and what goes with timelapses. */
export const toldExcludes = (excludes: readonly string[]): readonly string[] => {
	const keys = excludes.filter(isFolderKey);
	return keys.includes('timelapse') ? [...keys, 'timelapse_tmp'] : keys;
};

/** The members OctoPrint's own backups have beside the data. The list of plugins is left out when there are none or nothing is known. */
export const extraMembers = ({
	environment,
	excludes,
}: {
	readonly environment: ServerEnvironment;
	readonly excludes: readonly string[];
}): readonly ExtraMember[] => {
	const metadata = {version: environment.version ?? unknownVersion, excludes: toldExcludes(excludes)};
	const plugins = (environment.plugins ?? []).map(({key, name, url}) => ({key, name, url}));
	return [
		{name: 'metadata.json', content: pythonJson(metadata)},
		...(plugins.length === 0 ? [] : [{name: 'plugin_list.json', content: pythonJson(plugins)}]),
	];
};

const parseJson = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

const fields = (value: unknown): ReadonlyMap<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : new Map();

const textOr = <Fallback>(value: unknown, fallback: Fallback): string | Fallback =>
	typeof value === 'string' && value !== '' && value.length <= 2000 ? value : fallback;

/** The plugins an archive lists; what cannot be understood is passed over, since it must not stand in the way of the data. */
const readPlugins = (text: string | undefined): readonly PluginRecord[] => {
	const list = text === undefined ? [] : parseJson(text);
	return (Array.isArray(list) ? list.slice(0, 5000) : []).flatMap((item): readonly PluginRecord[] => {
		const plugin = fields(item);
		const key = textOr(plugin.get('key'), undefined);
		return key === undefined
			? []
			: [{key, name: textOr(plugin.get('name'), key), url: textOr(plugin.get('url'), null), version: null}];
	});
};

/**
 * Reads what an archive says of itself. A version of `0.0.0` is what printkeep writes for an unknown one.
 * @throws PrintkeepError archive-refused when `metadata.json` is no JSON object.
 */
export const readMetadata = (members: ReadonlyMap<string, string>): NativeMetadata => {
	const text = members.get('metadata.json');
	const value = text === undefined ? undefined : parseJson(text);
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new PrintkeepError('archive-refused', 'Its metadata.json cannot be understood.', {
			hint: 'It may have been changed by another program. Choose another backup.',
		});
	}

	const metadata = fields(value);
	const version = textOr(metadata.get('version'), null);
	const excludes = metadata.get('excludes');
	return {
		version: version === unknownVersion ? null : version,
		excludes: Array.isArray(excludes) ? excludes.filter(item => typeof item === 'string') : null,
		plugins: readPlugins(members.get('plugin_list.json')),
	};
};

/** Looks into the members that must be sound before anything is touched. Returns problems in words. */
export const checkMembers = (members: ReadonlyMap<string, string>): readonly string[] => {
	const problems: string[] = [];
	const config = members.get('basedir/config.yaml');
	if (config === undefined) {
		problems.push('It has no config.yaml.');
	} else {
		const {problem} = parseMapping(config);
		if (problem !== '') {
			problems.push(`Its config.yaml cannot be used, since ${problem}.`);
		}
	}

	const metadata = members.get('metadata.json');
	if (metadata === undefined) {
		problems.push('It has no metadata.json.');
	} else if (fields(parseJson(metadata)).size === 0) {
		problems.push('Its metadata.json cannot be understood.');
	}

	return problems;
};
