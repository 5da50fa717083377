import {PrintkeepError} from '../../../errors.js';
import {safeText} from '../../../format/safe-text.js';
import type {ServerPorts} from '../../adapter.js';
import type {Place} from './place.js';

/** What an environment's own interpreter says of it. */
export type Facts = {
	readonly python: string;
	/** `linux`, `darwin`. */
	readonly platform: string;
	readonly isVirtual: boolean;
	/** True when its packages are kept where the user may write. */
	readonly isWritable: boolean;
	/** True when packages of the user's own are looked for. */
	readonly hasUserPackages: boolean;
	readonly pip: string | null;
	readonly octoprint: string | null;
	/** Third-party plugins, by their keys; of two with the same key the first that Python finds. */
	readonly plugins: ReadonlyMap<string, {readonly name: string; readonly version: string}>;
	/** Keys of the plugins that come with OctoPrint. */
	readonly own: ReadonlySet<string>;
};

/** Runs on every Python that OctoPrint ran on since it left Python 2, and imports nothing that is installed. */
const script = `
import json, os, platform, site, sys, sysconfig
try:
    from importlib import metadata
except ImportError:
    import importlib_metadata as metadata
from importlib.util import find_spec
plugins, versions = [], {}
for item in metadata.distributions():
    try:
        name, version = item.metadata["Name"], item.version
        versions.setdefault(name.lower().replace("_", "-").replace(".", "-"), version)
        for entry in item.entry_points:
            if entry.group == "octoprint.plugin":
                plugins.append([entry.name, name, version])
    except Exception:
        pass
own = []
spec = find_spec("octoprint")
for folder in (spec.submodule_search_locations or []) if spec else []:
    folder = os.path.join(folder, "plugins")
    if os.path.isdir(folder):
        own += [os.path.splitext(name)[0] for name in os.listdir(folder) if not name.startswith("_")]
print()
print(json.dumps({
    "python": platform.python_version(),
    "platform": sys.platform,
    "virtual": sys.prefix != getattr(sys, "base_prefix", sys.prefix),
    "writable": os.access(sysconfig.get_path("purelib"), os.W_OK),
    "user": bool(site.ENABLE_USER_SITE),
    "pip": versions.get("pip"),
    "octoprint": versions.get("octoprint"),
    "plugins": plugins,
    "own": own,
}))
`;

const timeoutMilliseconds = 120_000;
const keptBytes = 2_000_000;

const texts = (value: unknown): readonly string[] =>
	Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];

const parseFacts = (line: string): Facts | undefined => {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return undefined;
	}

	const fields = typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)) : null;
	const python = fields?.get('python');
	const platform = fields?.get('platform');
	if (!fields || typeof python !== 'string' || typeof platform !== 'string') {
		return undefined;
	}

	const versionOf = (name: string): string | null => {
		const version = fields.get(name);
		return typeof version === 'string' ? version : null;
	};

	const listed = fields.get('plugins');
	const plugins = new Map<string, {readonly name: string; readonly version: string}>();
	for (const item of Array.isArray(listed) ? listed : []) {
		const [key, name, version] = texts(item);
		if (key !== undefined && name !== undefined && version !== undefined && !plugins.has(key)) {
			plugins.set(key, {name, version});
		}
	}

	return {
		python,
		platform,
		isVirtual: fields.get('virtual') === true,
		isWritable: fields.get('writable') === true,
		hasUserPackages: fields.get('user') === true,
		pip: versionOf('pip'),
		octoprint: versionOf('octoprint'),
		plugins,
		own: new Set(texts(fields.get('own'))),
	};
};

/**
 * Asks the interpreter of an environment what there is in it.
 * @throws failed when it does not answer; cancelled
 */
export const askFacts = async (
	{runBounded}: Pick<ServerPorts, 'runBounded'>,
	{python, work, user, variables}: Place,
	signal: AbortSignal,
): Promise<Facts> => {
	const {ended, exitCode, output, errors} = await runBounded({
		file: python,
		args: ['-c', script],
		workingFolder: work,
		environment: variables,
		user,
		timeoutMilliseconds,
		keptBytes,
		signal,
	});
	signal.throwIfAborted();
	const facts = exitCode === 0 ? parseFacts(output.trimEnd().split('\n').at(-1) ?? '') : undefined;
	if (!facts) {
		throw new PrintkeepError('failed', `The interpreter ${safeText(python)} does not say what is installed.`, {
			hint: 'Check that OctoPrint itself still starts with it, or tell where its environment is with: printkeep config set python PATH',
			detail: `${ended} ${exitCode ?? ''} ${errors.trim().slice(-2000)}`,
		});
	}

	return facts;
};
