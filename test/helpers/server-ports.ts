import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {ServerPorts} from '../../source/servers/adapter.js';

/** Ports of a machine that has nothing but what a test gives it. */
export const makeServerPorts = (root: string, overrides: Partial<ServerPorts> = {}): ServerPorts => ({
	environment: {},
	homeDirectories: () => [],
	run: async () => null,
	execute: async () => ({exitCode: null, output: '', errors: 'not found'}),
	runAlone: async () => ({type: 'failure', reason: 'not-started', detail: 'ENOENT'}),
	runBounded: async () => ({ended: 'not-started', exitCode: null, output: '', errors: 'not found'}),
	download: async () => ({
		result: {type: 'failure', reason: 'broken', why: 'there is no network', mayPass: true},
		tries: 1,
	}),
	request: async () => ({type: 'failure', reason: 'refused', detail: 'ECONNREFUSED'}),
	processFolder: join(root, 'proc'),
	...overrides,
});

/** Adds a process to a made-up `/proc`. */
export const addProcess = (
	root: string,
	pid: number,
	{
		line,
		uid = 4242,
		environment = [],
		workingFolder = '/',
		rootFolder = '/',
	}: {
		readonly line: readonly string[];
		readonly uid?: number;
		readonly environment?: readonly string[];
		readonly workingFolder?: string;
		readonly rootFolder?: string;
	},
): void => {
	const folder = join(root, 'proc', String(pid));
	mkdirSync(folder, {recursive: true});
	writeFileSync(join(folder, 'cmdline'), line.map(word => `${word}\0`).join(''));
	writeFileSync(join(folder, 'environ'), environment.map(word => `${word}\0`).join(''));
	writeFileSync(join(folder, 'status'), `Name:\tx\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`);
	symlinkSync(workingFolder, join(folder, 'cwd'));
	symlinkSync(rootFolder, join(folder, 'root'));
};

/** Writes a file and the folders it lies in. */
export const putFile = (path: string, content = ''): void => {
	mkdirSync(dirname(path), {recursive: true});
	writeFileSync(path, content);
};

/** Makes a Python environment as pip leaves it, with OctoPrint and two plugins, one of them its own. */
export const makePythonEnvironment = (prefix: string, version = '1.11.8'): void => {
	const packages = join(prefix, 'lib/python3.11/site-packages');
	putFile(join(prefix, 'pyvenv.cfg'), 'home = /usr/bin\ninclude-system-site-packages = false\n');
	putFile(join(prefix, 'bin/python3'));
	putFile(join(packages, `octoprint-${version}.dist-info/METADATA`), `Name: OctoPrint\nVersion: ${version}\n`);
	putFile(
		join(packages, `octoprint-${version}.dist-info/entry_points.txt`),
		'[console_scripts]\noctoprint = octoprint:main\n',
	);
	putFile(join(packages, 'octoprint_filecheck-1.0.dist-info/METADATA'), 'Name: OctoPrint-FileCheck\nVersion: 1.0\n');
	putFile(join(packages, 'octoprint_filecheck-1.0.dist-info/entry_points.txt'), '[octoprint.plugin]\nfile_check = x\n');
	putFile(
		join(packages, 'octoprint_spoolmanager-1.7.2.dist-info/METADATA'),
		'Metadata-Version: 2.1\nName: OctoPrint-SpoolManager\nVersion: 1.7.2\nHome-page: https://github.com/x/OctoPrint-SpoolManager\n\nHome-page: https://trap.example\n',
	);
	putFile(
		join(packages, 'octoprint_spoolmanager-1.7.2.dist-info/entry_points.txt'),
		'[octoprint.plugin]\nSpoolManager = octoprint_SpoolManager\n',
	);
};
