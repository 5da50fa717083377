import {existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {isolatedEnvironment, type Output, runProgram} from '../../helpers/run-printkeep.js';

/** The version everything is proven against. */
export const octoPrintVersion = '1.11.8';

const interopFolder = fileURLToPath(new URL('../../../.interop/', import.meta.url));

/** A third-party plugin, as pip leaves one behind; so that a list of plugins is written. */
export const probePlugin = {
	key: 'printkeepprobe',
	name: 'printkeep Probe',
	url: 'https://example.org/probe',
	version: '3.2.1',
};

/** Where an environment keeps its packages. */
export const sitePackages = (environment: string): string => {
	const library = join(environment, 'lib');
	const [python] = readdirSync(library).filter(name => name.startsWith('python3'));
	return join(library, python ?? 'python3', 'site-packages');
};

const checked = async (file: string, args: readonly string[]): Promise<void> => {
	const {code, stdout, stderr} = await runProgram(file, args, {env: process.env});
	if (code !== 0) {
		throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
	}
};

const systemPython = '/usr/bin/python3';

/** The system's Python, which every user can run; one that a person has put into their home folder where the system's makes no environments. */
const anybodysPython = async (): Promise<string> => {
	const {code} = await runProgram(systemPython, ['-c', 'import ensurepip, venv'], {env: process.env}).catch(() => ({
		code: 1,
	}));
	return code === 0 ? systemPython : 'python3';
};

const addProbePlugin = (environment: string): void => {
	const packages = sitePackages(environment);
	const information = join(packages, `printkeep_probe-${probePlugin.version}.dist-info`);
	mkdirSync(information, {recursive: true});
	writeFileSync(
		join(packages, 'printkeep_probe.py'),
		`import octoprint.plugin\n\n\nclass Probe(octoprint.plugin.OctoPrintPlugin):\n    pass\n\n\n__plugin_name__ = "${probePlugin.name}"\n__plugin_pythoncompat__ = ">=3,<4"\n__plugin_implementation__ = Probe()\n`,
	);
	writeFileSync(
		join(information, 'METADATA'),
		`Metadata-Version: 2.1\nName: printkeep-probe\nVersion: ${probePlugin.version}\nHome-page: ${probePlugin.url}\nSummary: Shows up in the list of plugins\n`,
	);
	writeFileSync(join(information, 'entry_points.txt'), '[octoprint.plugin]\nprintkeepprobe = printkeep_probe\n');
	writeFileSync(join(information, 'INSTALLER'), 'pip\n');
	writeFileSync(join(information, 'RECORD'), '');
};

/**
 * Makes sure that there is a Python environment with OctoPrint in it, and returns its folder. It is kept in `.interop/` between runs;
 * PRINTKEEP_OCTOPRINT_ENVIRONMENT names another one to use.
 */
export const octoPrintEnvironment = async (): Promise<string> => {
	const environment =
		process.env.PRINTKEEP_OCTOPRINT_ENVIRONMENT ?? join(interopFolder, `octoprint-${octoPrintVersion}`);
	const installed = (): boolean =>
		existsSync(join(environment, 'lib')) &&
		readdirSync(sitePackages(environment)).some(
			name => name.toLowerCase() === `octoprint-${octoPrintVersion}.dist-info`,
		);
	if (!installed()) {
		mkdirSync(interopFolder, {recursive: true});
		await checked(await anybodysPython(), ['-m', 'venv', '--clear', environment]);
		await checked(join(environment, 'bin/pip'), [
			'install',
			'--quiet',
			'--disable-pip-version-check',
			`OctoPrint==${octoPrintVersion}`,
		]);
		if (!installed()) {
			throw new Error(`pip did not install OctoPrint ${octoPrintVersion} into ${environment}`);
		}
	}

	addProbePlugin(environment);
	return environment;
};

/** Runs OctoPrint's own command line on a data folder, in the time zone everything else runs in. */
export const runOctoPrint = async (
	environment: string,
	{
		home,
		dataFolder,
		args,
		env,
	}: {
		readonly home: string;
		readonly dataFolder: string;
		readonly args: readonly string[];
		readonly env?: NodeJS.ProcessEnv;
	},
): Promise<Output> =>
	runProgram(join(environment, 'bin/octoprint'), ['--basedir', dataFolder, ...args], {
		env: {
			...isolatedEnvironment(home),
			// The repository of plugins is not asked: what is restored must not hang on somebody's server.
			http_proxy: 'http://127.0.0.1:9',
			https_proxy: 'http://127.0.0.1:9',
			...env,
		},
	});
