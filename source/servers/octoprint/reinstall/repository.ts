import {PrintkeepError} from '../../../errors.js';

/** What OctoPrint's plugin repository says of one plugin, as far as it matters here. Source: `plugins.json` of plugins.octoprint.org and `map_repository_entry` in OctoPrint's plugin manager. */
export type RepositoryPlugin = {
	readonly id: string;
	/** Address of an archive with its newest version; null when it names none that can be used. */
	readonly archive: string | null;
	/** What it runs on; null when nothing is said, which is no limit. */
	readonly compatibility: {
		/** Specifiers of OctoPrint's version, one of which has to hold; empty is no limit. */
		readonly octoprint: readonly string[];
		/** Names of systems, those with `!` before them excluded; empty is no limit. */
		readonly os: readonly string[];
		/** Specifier of Python's version; null when nothing is said, which OctoPrint takes for Python 2. */
		readonly python: string | null;
	} | null;
	readonly followDependencyLinks: boolean;
	/** True when it has to be built with what is installed, as old plugins need it. */
	readonly noBuildIsolation: boolean;
};

/** A tenth of this is what the real one takes. */
export const maximumRepositoryBytes = 20_000_000;

const maximumPlugins = 50_000;
const maximumText = 2000;

const fieldsOf = (value: unknown): ReadonlyMap<string, unknown> | undefined =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : undefined;

const textOf = (value: unknown): string | null =>
	typeof value === 'string' && value !== '' && value.length <= maximumText ? value : null;

const textsOf = (value: unknown): readonly string[] =>
	Array.isArray(value) ? value.slice(0, 100).flatMap(item => textOf(item) ?? []) : [];

const archiveOf = (value: unknown): string | null => {
	const text = textOf(value);
	return text !== null && /^https?:\/\//iu.test(text) && URL.canParse(text) ? text : null;
};

/** Nothing that is wrong about one plugin says anything about the others. */
const parsePlugin = (item: unknown): RepositoryPlugin | undefined => {
	const fields = fieldsOf(item);
	const id = textOf(fields?.get('id'));
	if (!fields || id === null) {
		return undefined;
	}

	const compatibility = fieldsOf(fields.get('compatibility'));
	return {
		id,
		archive: archiveOf(fields.get('archive')),
		compatibility: compatibility
			? {
					octoprint: textsOf(compatibility.get('octoprint')),
					os: textsOf(compatibility.get('os')),
					python: textOf(compatibility.get('python')),
				}
			: null,
		followDependencyLinks: fields.get('follow_dependency_links') === true,
		noBuildIsolation: fields.get('no_build_isolation') === true,
	};
};

/**
 * Reads a plugin repository. Entries that cannot be understood are passed over; of two for the same plugin the last counts, as OctoPrint has it.
 * @param name what it is called in an error, safe to print.
 * @throws PrintkeepError remote-failed when it is no list of plugins at all.
 */
export const parseRepository = (text: string, name: string): ReadonlyMap<string, RepositoryPlugin> => {
	let list: unknown;
	try {
		list = JSON.parse(text.replace(/^\uFEFF/u, ''));
	} catch (error) {
		throw new PrintkeepError('remote-failed', `What ${name} has is no plugin repository: it is no JSON.`, {
			hint: 'Check the address. Another repository can be named with --repository URL or --repository FILE.',
			cause: error,
		});
	}

	if (!Array.isArray(list) || list.length > maximumPlugins) {
		throw new PrintkeepError(
			'remote-failed',
			`What ${name} has is no plugin repository: it is ${Array.isArray(list) ? 'too long' : 'no list'}.`,
			{hint: 'Check the address. Another repository can be named with --repository URL or --repository FILE.'},
		);
	}

	return new Map(
		list.flatMap(item => {
			const plugin = parsePlugin(item);
			return plugin ? [[plugin.id, plugin] as const] : [];
		}),
	);
};
