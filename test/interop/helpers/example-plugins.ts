import {existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {runProgram} from '../../helpers/run-printkeep.js';

/** A plugin's module, its data and what it does when it is asked what a backup should leave out. */
type Example = {readonly name: string; readonly source: string};

const hook = (body: string): string => `def additional_excludes(excludes, *args, **kwargs):\n    ${body}\n`;

const declared = (title: string): string =>
	`\n\n__plugin_name__ = "${title}"\n__plugin_version__ = "1.0"\n__plugin_pythoncompat__ = ">=3.7,<4"\n`;

const hooks = (callback: string): string =>
	`__plugin_hooks__ = {"octoprint.plugin.backup.additional_excludes": ${callback}}\n`;

/** As OctoPrint's documentation of the hook has them: the first leaves one of its files out, the second everything when uploads are left out. */
export const exampleOne: Example = {
	name: 'example_one',
	source: `${hook('return ["foo.txt"]')}${declared('Example 1')}${hooks('additional_excludes')}`,
};

export const exampleTwo: Example = {
	name: 'example_two',
	source: `${hook('return ["."] if "uploads" in excludes else []')}${declared('Example 2')}${hooks('additional_excludes')}`,
};

/**
 * One that has to be a whole plugin to answer: it needs its settings and looks at its data. It tries to spoil everything on the way: when it is imported,
 * made, initialized and asked.
 */
export const wholePlugin: Example = {
	name: 'whole_plugin',
	source: `import os

import octoprint.plugin

print("noise")


class Whole(octoprint.plugin.SettingsPlugin, octoprint.plugin.StartupPlugin):
    def initialize(self):
        raise RuntimeError("initialized")

    def on_startup(self, host, port):
        raise RuntimeError("started")

    def get_settings_defaults(self):
        return {"ending": ".cache", "marker": ""}

    def additional_excludes(self, excludes, *args, **kwargs):
        folder = self.get_plugin_data_folder()
        with open(os.path.join(folder, "small.txt")) as content:
            assert content.read() == "small"
        assert os.path.getsize(os.path.join(folder, "large.cache")) == 3000000
        for name in os.listdir(folder):
            os.remove(os.path.join(folder, name)) if name == "small.txt" else None
        with open(os.path.join(folder, "spoiled"), "w") as output:
            output.write("spoiled")
        marker = self._settings.get(["marker"])
        if marker:
            try:
                open(marker, "w").write("spoiled")
            except OSError:
                pass
        self._settings.set(["ending"], "spoiled")
        self._settings.save()
        return [
            name for name in sorted(os.listdir(folder)) if name.endswith(".cache")
        ] + [os.path.join(self._settings.getBaseFolder("uploads"), "big.gcode"), os.path.join(folder, "absolute")]
${declared('Whole')}__plugin_implementation__ = Whole()
${hooks('__plugin_implementation__.additional_excludes')}`,
};

/** One that answers from its settings, which OctoPrint's command line does not give it: only backups made in the web interface leave its files out. */
export const settingsPlugin: Example = {
	name: 'settings_plugin',
	source: `import os

import octoprint.plugin


class ByEnding(octoprint.plugin.SettingsPlugin):
    def get_settings_defaults(self):
        return {"ending": ".tmp"}

    def additional_excludes(self, excludes, *args, **kwargs):
        ending = self._settings.get(["ending"])
        return [name for name in os.listdir(self.get_plugin_data_folder()) if name.endswith(ending)]
${declared('By ending')}__plugin_implementation__ = ByEnding()
${hooks('__plugin_implementation__.additional_excludes')}`,
};

/** One that fails when it is asked, and one that never answers. */
export const failingPlugin: Example = {
	name: 'failing_plugin',
	source: `${hook('raise KeyError("none")')}${declared('Failing')}${hooks('additional_excludes')}`,
};

export const hangingPlugin: Example = {
	name: 'hanging_plugin',
	source: `${hook('import time; time.sleep(600)')}${declared('Hanging')}${hooks('additional_excludes')}`,
};

/** Puts a plugin into the data folder, as a single file. */
export const putSingleFile = (dataFolder: string, {name, source}: Example): void => {
	mkdirSync(join(dataFolder, 'plugins'), {recursive: true});
	writeFileSync(join(dataFolder, 'plugins', `${name}.py`), source);
};

const checked = async (file: string, args: readonly string[]): Promise<void> => {
	const {code, stdout, stderr} = await runProgram(file, args, {env: process.env});
	if (code !== 0) {
		throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
	}
};

/** Builds a plugin as a package and installs it with pip, without any network. */
const install = async (environment: string, root: string, {name, source}: Example): Promise<void> => {
	const folder = join(root, name);
	mkdirSync(folder, {recursive: true});
	writeFileSync(join(folder, `octoprint_${name}.py`), source);
	writeFileSync(
		join(folder, 'setup.py'),
		`from setuptools import setup\n\nsetup(\n    name="OctoPrint-${name}",\n    version="1.0",\n    py_modules=["octoprint_${name}"],\n    entry_points={"octoprint.plugin": ["${name} = octoprint_${name}"]},\n)\n`,
	);
	await checked(join(environment, 'bin/python'), [
		...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-index'],
		...['--no-build-isolation', folder],
	]);
};

/**
 * A second environment with plugins in it, on top of the one with OctoPrint: what is installed for these tests must not be there for others.
 * @returns the environment's folder.
 */
export const environmentWith = async (
	octoPrint: string,
	root: string,
	plugins: readonly Example[],
): Promise<string> => {
	const environment = join(root, 'venv');
	await checked(join(octoPrint, 'bin/python'), ['-m', 'venv', environment]);
	const library = (of: string): string => {
		const [python = ''] = readdirSync(join(of, 'lib')).filter(name => name.startsWith('python3'));
		return join(of, 'lib', python, 'site-packages');
	};
	writeFileSync(join(library(environment), 'octoprint.pth'), `${library(octoPrint)}\n`);
	for (const plugin of plugins) {
		await install(environment, join(root, 'packages'), plugin);
	}

	const script = join(environment, 'bin/octoprint');
	if (!existsSync(script)) {
		writeFileSync(script, `#!/bin/sh\nexec '${environment}/bin/python' -m octoprint "$@"\n`, {mode: 0o755});
	}

	return environment;
};
