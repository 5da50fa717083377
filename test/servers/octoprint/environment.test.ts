import {mkdirSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {environmentOf} from '../../../source/servers/octoprint/environment.js';
import {packageFolders, prefixOf} from '../../../source/servers/python-environment.js';
import {addProcess, makePythonEnvironment, makeServerPorts, putFile} from '../../helpers/server-ports.js';
import {inTemporaryDirectory} from '../../helpers/temporary.js';

const spoolManager = {
	key: 'SpoolManager',
	name: 'OctoPrint-SpoolManager',
	url: 'https://github.com/x/OctoPrint-SpoolManager',
	version: '1.7.2',
};

const instanceIn = (root: string) => {
	const dataFolder = join(root, 'home/pi/.octoprint');
	putFile(join(dataFolder, 'config.yaml'), '{}');
	return {name: 'octoprint', kind: 'octoprint', dataFolder} as const;
};

test('version and plugins come from the environment that was named', async () =>
	inTemporaryDirectory(async root => {
		const instance = instanceIn(root);
		makePythonEnvironment(join(root, 'venv'));
		const expected = {version: '1.11.8', versionSource: 'environment', plugins: [spoolManager]};
		for (const python of ['venv', 'venv/bin/python3', 'venv/bin/octoprint']) {
			expect(await environmentOf(makeServerPorts(root), {...instance, python: join(root, python)})).toEqual(expected);
		}
	}));

test('the environment is found by the running server, and in the usual places of the home', async () =>
	inTemporaryDirectory(async root => {
		const instance = instanceIn(root);
		const ports = makeServerPorts(root, {homeDirectories: () => [join(root, 'home/pi')]});
		makePythonEnvironment(join(root, 'home/pi/oprint'), '1.10.3');
		expect(await environmentOf(ports, instance)).toMatchObject({version: '1.10.3'});
		makePythonEnvironment(join(root, 'running'), '2.0.0rc3');
		addProcess(root, 77, {
			line: [join(root, 'running/bin/python3'), '-m', 'octoprint', '-b', instance.dataFolder, 'serve'],
		});
		expect(await environmentOf(ports, instance)).toMatchObject({version: '2.0.0rc3'});
	}));

test('packages of the kinds pip left behind over the years', async () =>
	inTemporaryDirectory(async root => {
		const instance = instanceIn(root);
		const prefix = join(root, 'venv');
		const packages = join(prefix, 'lib/python3.9/site-packages');
		putFile(join(packages, 'OctoPrint-1.8.7-py3.9.egg-info/PKG-INFO'), 'Name: OctoPrint\nVersion: 1.8.7\n');
		putFile(join(packages, 'Dev_Plugin.egg-link'), `${join(root, 'development')}\n.\n`);
		putFile(join(packages, 'easy-install.pth'), `import sys\n${join(root, 'missing')}\n`);
		putFile(
			join(root, 'development/Dev_Plugin.egg-info/PKG-INFO'),
			'Name: Dev-Plugin\nVersion: 0.1\nHome-page: UNKNOWN\nProject-URL: Home Page, https://dev.example\n',
		);
		putFile(
			join(root, 'development/Dev_Plugin.egg-info/entry_points.txt'),
			'\n[octoprint.plugin]\n# comment\ndev = dev_plugin\n\n[other]\nx = y\n',
		);
		putFile(join(packages, 'broken-1.dist-info/entry_points.txt'), '[octoprint.plugin]\nbroken = b\n');
		expect(await environmentOf(makeServerPorts(root), {...instance, python: prefix})).toEqual({
			version: '1.8.7',
			versionSource: 'environment',
			plugins: [
				{key: 'broken', name: 'broken', url: null, version: '1'},
				{key: 'dev', name: 'Dev-Plugin', url: 'https://dev.example', version: '0.1'},
			],
		});
		expect(prefixOf('/nowhere/bin/python3')).toBe('/nowhere');
		expect(packageFolders('/nowhere')).toEqual([]);
	}));

test('an environment built on that of the system sees its packages', async () =>
	inTemporaryDirectory(async root => {
		const instance = instanceIn(root);
		makePythonEnvironment(join(root, 'system'));
		putFile(join(root, 'venv/pyvenv.cfg'), `home = ${join(root, 'system/bin')}\ninclude-system-site-packages = true\n`);
		mkdirSync(join(root, 'venv/lib/python3.11/site-packages'), {recursive: true});
		expect(await environmentOf(makeServerPorts(root), {...instance, python: join(root, 'venv')})).toMatchObject({
			version: '1.11.8',
			plugins: [spoolManager],
		});
	}));

test('without an environment the newest log that tells a version counts', async () =>
	inTemporaryDirectory(async root => {
		const instance = instanceIn(root);
		const ports = makeServerPorts(root);
		expect(await environmentOf(ports, instance)).toEqual({version: null, versionSource: 'unknown', plugins: null});

		const line = (version: string): string =>
			`2026-01-01 00:00:00,000 - octoprint.startup - INFO - Starting OctoPrint ${version} (master branch)\n`;
		const logs = join(instance.dataFolder, 'logs');
		const noise = `${'2026-01-01 - octoprint.x - DEBUG - nothing of interest\n'.repeat(20_000)}`;
		putFile(join(logs, 'octoprint.log.2026-01-01'), line('1.10.0') + line('1.10.1'));
		putFile(join(logs, 'octoprint.log'), line('1.11.7') + line('1.11.8') + noise);
		putFile(join(logs, 'serial.log'), line('9.9.9'));
		expect(await environmentOf(ports, instance)).toEqual({version: '1.11.8', versionSource: 'log', plugins: null});

		putFile(join(logs, 'octoprint.log'), noise);
		utimesSync(join(logs, 'octoprint.log.2026-01-01'), 1, 1);
		expect(await environmentOf(ports, instance)).toMatchObject({version: '1.10.1'});

		putFile(join(instance.dataFolder, 'config.yaml'), `folder: {logs: ${join(root, 'logs')}}`);
		putFile(join(root, 'logs/octoprint.log'), line('2.0.0rc1'));
		expect(await environmentOf(ports, instance)).toMatchObject({version: '2.0.0rc1'});
	}));

test('a version is found wherever in a long log it stands', async () =>
	inTemporaryDirectory(async root => {
		const instance = instanceIn(root);
		const text = ' - INFO - Starting OctoPrint 1.11.8\n';
		for (const distance of [0, 262_140, 262_144 - text.length, 262_144 - 10, 524_280]) {
			putFile(join(instance.dataFolder, 'logs/octoprint.log'), `${'.'.repeat(1000)}${text}${'x'.repeat(distance)}`);
			expect(await environmentOf(makeServerPorts(root), instance)).toMatchObject({version: '1.11.8'});
		}
	}));
