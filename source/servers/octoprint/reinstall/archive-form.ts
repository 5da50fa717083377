import * as fs from 'node:fs';
import * as path from 'node:path';
import type {ServerPorts} from '../../adapter.js';
import type {Place} from './place.js';

/** Ends that pip tells archives by, and how their content begins. */
const forms = [
	{start: 'PK\u0003\u0004', end: '.zip'},
	{start: '\u001F\u008B', end: '.tar.gz'},
	{start: 'BZh', end: '.tar.bz2'},
	{start: '\u00FD7zXZ', end: '.tar.xz'},
] as const;

const wheelName = /^[\w.+!]+(?:-[\w.+!]+){4,5}\.whl$/u;

/**
 * The name an archive has to have so that pip takes it for what it is: addresses do not always tell. Undefined when it is no archive at all, as the page of a
 * server that says in HTML that it is sorry.
 * @param file an archive that has been fetched.
 * @param address where from.
 */
export const archiveName = (file: string, address: string): string | undefined => {
	const start = Buffer.alloc(8);
	const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
	try {
		fs.readSync(descriptor, start, 0, start.length, 0);
	} finally {
		fs.closeSync(descriptor);
	}

	const form = forms.find(each => start.toString('latin1').startsWith(each.start));
	if (!form) {
		return undefined;
	}

	const name = URL.canParse(address)
		? path.posix.basename(new URL(address).pathname).replaceAll(/%2b/giu, '+').replaceAll('%21', '!')
		: '';
	// The name of a wheel says what it fits, and pip believes nothing else.
	return form.end === '.zip' && wheelName.test(name) ? name : `plugin${form.end}`;
};

/** Tells whether an archive is a plugin of old: one that needs OctoPrint's own helper of that time while it is built. */
const script = `
import sys, tarfile, zipfile
path = sys.argv[1]
legacy = False
try:
    if zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        names = archive.namelist()
        read = lambda name: archive.open(name).read(1000000)
    else:
        archive = tarfile.open(path)
        names = [name[2:] if name.startswith("./") else name for name in archive.getnames()]
        read = lambda name: archive.extractfile(archive.getnames()[names.index(name)]).read(1000000)
    tops = {name.split("/", 1)[0] for name in names if name}
    prefix = "" if "setup.py" in names or len(tops) != 1 else tops.pop() + "/"
    if prefix + "pyproject.toml" not in names and prefix + "setup.py" in names:
        legacy = b"octoprint_setuptools" in read(prefix + "setup.py")
except Exception as error:
    print(error, file=sys.stderr)
print()
print("legacy" if legacy else "modern")
`;

/**
 * True for an archive without `pyproject.toml` whose `setup.py` uses `octoprint_setuptools`: pip builds such ones only with what is installed beside OctoPrint.
 * Source: `is_pre_pep517_plugin_package` in `octoprint/util/plugins.py`.
 */
export const isLegacy = async (
	{runBounded}: Pick<ServerPorts, 'runBounded'>,
	{python, work, user, variables}: Place,
	file: string,
	signal: AbortSignal,
): Promise<boolean> => {
	const {output} = await runBounded({
		file: python,
		args: ['-c', script, file],
		workingFolder: work,
		environment: variables,
		user,
		timeoutMilliseconds: 60_000,
		keptBytes: 10_000,
		signal,
	});
	return output.trimEnd().split('\n').at(-1) === 'legacy';
};
