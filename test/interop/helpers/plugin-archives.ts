import {craftZip} from '../../helpers/craft-zip.js';

type Plugin = {readonly key: string; readonly version: string};

const distributionOf = (key: string): string => `Printkeep-${key}`;

const moduleOf = ({key, version}: Plugin): string => `import octoprint.plugin


class Plugin(octoprint.plugin.OctoPrintPlugin):
    pass


__plugin_name__ = "${key}"
__plugin_version__ = "${version}"
__plugin_pythoncompat__ = ">=3,<4"
__plugin_implementation__ = Plugin()
`;

/** A plugin of old, as most are: a `setup.py` that takes its words from OctoPrint's own helper, below a folder as GitHub packs it. */
export const oldPlugin = (plugin: Plugin, {python = '>=3'}: {readonly python?: string} = {}): Buffer => {
	const {key, version} = plugin;
	const top = `OctoPrint-${key}-${version}/`;
	return craftZip([
		{
			name: `${top}setup.py`,
			data: `from setuptools import setup
import octoprint_setuptools

parameters = octoprint_setuptools.create_plugin_setup_parameters(
    identifier="${key}",
    package="octoprint_${key}",
    name="${distributionOf(key)}",
    version="${version}",
    description="Made up",
    author="Nobody",
    mail="nobody@example.org",
    url="https://example.org/${key}",
    license="AGPLv3",
)
setup(python_requires="${python}", **parameters)
`,
		},
		{name: `${top}octoprint_${key}/__init__.py`, data: moduleOf(plugin)},
	]);
};

/** What is in a wheel. */
const wheelFiles = (plugin: Plugin): Readonly<Record<string, string>> => {
	const {key, version} = plugin;
	const information = `printkeep_${key}-${version}.dist-info`;
	const files: Record<string, string> = {
		[`octoprint_${key}/__init__.py`]: moduleOf(plugin),
		[`${information}/METADATA`]: `Metadata-Version: 2.1\nName: ${distributionOf(key)}\nVersion: ${version}\n`,
		[`${information}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
		[`${information}/entry_points.txt`]: `[octoprint.plugin]\n${key} = octoprint_${key}\n`,
	};
	files[`${information}/RECORD`] = [...Object.keys(files), `${information}/RECORD`].map(name => `${name},,\n`).join('');
	return files;
};

export const wheelName = ({key, version}: Plugin): string => `printkeep_${key}-${version}-py3-none-any.whl`;

export const wheel = (plugin: Plugin): Buffer =>
	craftZip(Object.entries(wheelFiles(plugin)).map(([name, data]) => ({name, data})));

/** A plugin of today, with a `pyproject.toml`; it brings its own builder, so that nothing has to be fetched to build it. */
export const newPlugin = (plugin: Plugin, {before = 'pass'}: {readonly before?: string} = {}): Buffer => {
	const top = `OctoPrint-${plugin.key}-${plugin.version}/`;
	return craftZip([
		{
			name: `${top}pyproject.toml`,
			data: '[build-system]\nrequires = []\nbuild-backend = "builder"\nbackend-path = ["."]\n',
		},
		{
			name: `${top}builder.py`,
			data: `import json, os, zipfile

FILES = json.loads(${JSON.stringify(JSON.stringify(wheelFiles(plugin)))})


def build_wheel(folder, config_settings=None, metadata_directory=None):
    ${before}
    name = "${wheelName(plugin)}"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for path, content in FILES.items():
            archive.writestr(path, content)
    return name
`,
		},
	]);
};
