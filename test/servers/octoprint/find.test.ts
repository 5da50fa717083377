import {chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {find} from '../../../source/servers/octoprint/find.js';
import {inspect} from '../../../source/servers/octoprint/inspect.js';
import {afterRestore, restoreDisabled} from '../../../source/servers/octoprint/restart.js';
import {isRunning} from '../../../source/servers/octoprint/running.js';
import {serverUnits} from '../../../source/servers/octoprint/units.js';
import {asOrdinaryUser} from '../../helpers/ordinary-user.js';
import {addProcess, makePythonEnvironment, makeServerPorts, putFile} from '../../helpers/server-ports.js';
import {inTemporaryDirectory} from '../../helpers/temporary.js';

const makeData = (folder: string, configuration = '{}'): string => {
	putFile(join(folder, 'config.yaml'), configuration);
	putFile(join(folder, 'users.yaml'), '{}');
	mkdirSync(join(folder, 'uploads'), {recursive: true});
	return folder;
};

type Unit = {readonly name: string; readonly command: string; readonly user?: string; readonly environment?: string};

/** Answers as systemd and the list of users do. */
const systemd =
	(units: readonly Unit[], homes: Readonly<Record<string, string>>) =>
	async (file: string, arguments_: readonly string[]): Promise<string | null> => {
		if (file === 'getent') {
			const home = homes[arguments_[1] ?? ''];
			return home === undefined ? null : `pi:x:1000:1000::${home}:/bin/bash\n`;
		}

		switch (arguments_[0]) {
			case 'list-unit-files': {
				return `ssh.service enabled enabled\nsystemd-x.service static -\ntemplate@.service disabled enabled\n${units.map(({name}) => `${name} enabled enabled\n`).join('')}`;
			}

			case 'list-units': {
				return '';
			}

			default: {
				return [
					'Id=ssh.service\nExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -D ; ignore_errors=no ; start_time=[n/a] }\nUser=\nEnvironment=\n',
					...units.map(
						({name, command, user = '', environment = ''}) =>
							`Id=${name}\nExecStart={ path=${command.split(' ')[0]} ; argv[]=${command} ; ignore_errors=no ; start_time=[Sat 2026-01-01] ; stop_time=[n/a] ; pid=1 ; code=(null) ; status=0/0 }\nUser=${user}\nEnvironment=${environment}\nWorkingDirectory=\n`,
					),
				].join('\n');
			}
		}
	};

test('reads service units with their options, users and environments', async () =>
	inTemporaryDirectory(async root => {
		const ports = makeServerPorts(root, {
			run: systemd(
				[
					{name: 'octoprint.service', command: '/opt/octopi/oprint/bin/octoprint serve --port=5000', user: '1000'},
					{
						name: 'ender3.service',
						command: `/home/pi/oprint/bin/octoprint serve --basedir \${BASE} --config=/c.yaml`,
						user: 'pi',
						environment: '"BASE=/home/pi/.ender 3" HOST=x',
					},
					{name: 'camera.service', command: '/usr/bin/octoprint-camera --b', user: 'pi'},
				],
				{1000: '/home/printer', pi: '/home/pi'},
			),
		});
		expect(await serverUnits(ports)).toEqual([
			{
				name: 'octoprint.service',
				scope: 'system',
				active: false,
				dataFolder: '/home/printer/.octoprint',
				configFile: null,
				python: '/opt/octopi/oprint',
			},
			// systemd prints the command without quotes: a blank in it cannot be told from one between arguments.
			{
				name: 'ender3.service',
				scope: 'system',
				active: false,
				dataFolder: '/home/pi/.ender',
				configFile: '/c.yaml',
				python: '/home/pi/oprint',
			},
		]);
		expect(await serverUnits(makeServerPorts(root))).toEqual([]);
	}));

test('finds instances by units, processes, named folders and homes, each once, with unique names', async () =>
	inTemporaryDirectory(async root => {
		const home = join(root, 'home/pi');
		const main = makeData(join(home, '.octoprint'));
		const second = makeData(join(home, '.ender3'));
		const third = makeData(join(root, 'srv/octoprint'));
		const fourth = makeData(join(root, 'disk/Große Maschine'));
		makePythonEnvironment(join(home, 'oprint'));
		putFile(join(home, '.config/config.yaml'), 'x: 1');
		putFile(join(home, '.empty/readme'), '');
		symlinkSync(main, join(root, 'alias'));
		addProcess(root, 812, {line: ['/x/bin/python', '/x/bin/octoprint', 'serve', '-b', third]});
		addProcess(root, 900, {line: ['octoprint', '--basedir', 'alias', 'serve'], workingFolder: root});
		addProcess(root, 901, {line: ['octoprint', '--basedir', '/nowhere/at/all', 'serve']});
		const ports = makeServerPorts(root, {
			homeDirectories: () => [home],
			run: systemd(
				[{name: 'ender3.service', command: `${home}/oprint/bin/octoprint serve --basedir ${second}`, user: 'pi'}],
				{pi: home},
			),
		});
		const {found, unusable} = await find(ports, [fourth, join(root, 'missing')]);
		expect(found.map(({name, dataFolder, foundBy, running}) => [name, dataFolder, foundBy, running])).toEqual([
			['ender3', second, 'unit ender3.service', false],
			['octoprint', third, 'process 812', true],
			['alias', join(root, 'alias'), 'process 900', true],
			['grosse-maschine', fourth, 'its folder was given', false],
		]);
		expect(found[0]).toMatchObject({
			serviceUnit: 'ender3.service',
			python: join(home, 'oprint'),
			version: '1.11.8',
			versionSource: 'environment',
		});
		expect(unusable.map(({dataFolder}) => dataFolder).sort()).toEqual(
			['/nowhere/at/all', join(root, 'missing')].sort(),
		);
		expect(unusable.every(({reason, hint}) => reason !== '' && hint !== '')).toBe(true);
	}));

test('two folders of one name get different names; nothing is found on an empty machine', async () =>
	inTemporaryDirectory(async root => {
		const homes = ['anna', 'bert'].map(user => join(root, user));
		homes.map(home => makeData(join(home, '.octoprint')));
		makePythonEnvironment(join(root, 'bert/oprint'));
		const {found} = await find(makeServerPorts(root, {homeDirectories: () => homes}), []);
		expect(found.map(({name}) => name)).toEqual(['octoprint', 'octoprint-bert']);
		expect(found[1]?.python).toBe(join(root, 'bert/oprint/bin/python3'));
		expect(await find(makeServerPorts(root), [])).toEqual({found: [], unusable: []});
	}));

test('describes an instance with its problems', async () =>
	inTemporaryDirectory(async root => {
		const folder = makeData(join(root, '.octoprint'), `plugins: {backup: {path: ${join(root, 'backups')}}}`);
		mkdirSync(`${folder}.bck`);
		const instance = await inspect(makeServerPorts(root), {
			dataFolder: `${folder}/`,
			configFile: join(folder, 'config.yaml'),
		});
		expect(instance).toEqual({
			name: 'octoprint',
			kind: 'octoprint',
			dataFolder: folder,
			version: null,
			versionSource: 'unknown',
			foundBy: 'its folder was given',
			nativeBackupFolder: join(root, 'backups'),
			running: null,
			problems: [expect.stringContaining('A restore by OctoPrint was interrupted')],
		});
		writeFileSync(join(folder, 'config.yaml'), 'a: [');
		const broken = await inspect(makeServerPorts(root), {dataFolder: folder, name: 'chosen', python: '/venv'});
		expect(broken).toMatchObject({name: 'chosen', python: '/venv', nativeBackupFolder: join(folder, 'data/backup')});
		expect(broken.problems.at(-1)).toContain('no valid YAML');
	}));

test('says what is wrong with a folder that is no instance', async () =>
	inTemporaryDirectory(async root => {
		const ports = makeServerPorts(root);
		await expect(inspect(ports, {dataFolder: join(root, 'missing')})).rejects.toMatchObject({code: 'missing-folder'});
		mkdirSync(join(root, 'moved.bck'));
		await expect(inspect(ports, {dataFolder: join(root, 'moved')})).rejects.toMatchObject({
			code: 'missing-folder',
			hint: expect.stringContaining(`put it back before: mv -T ${root}/moved.bck ${root}/moved`),
		});
		putFile(join(root, 'file'));
		await expect(inspect(ports, {dataFolder: join(root, 'file')})).rejects.toMatchObject({code: 'missing-folder'});
		await expect(inspect(ports, {dataFolder: root})).rejects.toMatchObject({code: 'no-instance'});
		const folder = makeData(join(root, '.octoprint'));
		await expect(inspect(ports, {dataFolder: folder, configFile: join(root, 'none.yaml')})).rejects.toMatchObject({
			code: 'missing-folder',
		});
		// The configuration may be what was lost, and is to be restored.
		rmSync(join(folder, 'config.yaml'));
		expect((await inspect(ports, {dataFolder: folder})).problems.join()).toContain('it does not exist');
		const {rejects} = expect(
			asOrdinaryUser(root, async () => {
				chmodSync(folder, 0);
				return inspect(ports, {dataFolder: folder}).finally(() => {
					chmodSync(folder, 0o700);
				});
			}),
		);
		await rejects.toMatchObject({code: 'source-unreadable', message: expect.stringContaining('permission was denied')});
	}));

test('knows whether a server runs on a folder', async () =>
	inTemporaryDirectory(async root => {
		const folder = makeData(join(root, 'home/.octoprint'));
		const ports = makeServerPorts(root, {homeDirectories: () => [join(root, 'home')]});
		expect(isRunning(ports, {dataFolder: folder})).toBeNull();
		addProcess(root, 1, {line: ['init']});
		addProcess(root, 5, {line: ['octoprint', '-b', folder, 'plugins', 'backup:backup']});
		expect(isRunning(ports, {dataFolder: folder})).toBe(false);
		addProcess(root, 6, {line: ['octoprint', 'serve'], environment: [`HOME=${join(root, 'home')}`]});
		expect(isRunning(ports, {dataFolder: folder})).toBe(true);
		rmSync(join(root, 'proc/6'), {recursive: true});
		// In a container the same path means another folder; here the data lie under the container's root.
		const inside = makeData(join(root, 'container/octoprint/octoprint'));
		addProcess(root, 7, {
			line: ['python', '-m', 'octoprint', '--basedir', '/octoprint/octoprint', 'serve'],
			rootFolder: join(root, 'container'),
		});
		expect(isRunning(ports, {dataFolder: inside})).toBe(true);
		expect(isRunning(ports, {dataFolder: folder})).toBe(false);
	}));

test('says how to restart what was restored', async () =>
	inTemporaryDirectory(async root => {
		const folder = makeData(join(root, '.octoprint'));
		const instance = {name: 'octoprint', kind: 'octoprint', dataFolder: folder} as const;
		const bare = makeServerPorts(root);
		const withUnit = makeServerPorts(root, {
			run: systemd([{name: 'ender3.service', command: `/o/bin/octoprint serve -b ${folder}`, user: 'pi'}], {}),
		});
		expect(await afterRestore(bare, instance)).toEqual(['Restart OctoPrint, so that it uses what is there now.']);
		expect(await afterRestore(withUnit, instance)).toEqual(['Restart OctoPrint: sudo systemctl restart ender3']);
		const command = (text: string): void =>
			putFile(join(folder, 'config.yaml'), `server: {commands: {serverRestartCommand: ${text}}}`);
		command('sudo service octoprint restart');
		expect(await afterRestore(bare, instance)).toEqual(['Restart OctoPrint: sudo service octoprint restart']);
		// The command of the backup is that of another machine.
		expect(await afterRestore(withUnit, instance)).toEqual(['Restart OctoPrint: sudo systemctl restart ender3']);
		command('sudo service ender3 restart');
		addProcess(root, 1, {line: ['init']});
		expect(await afterRestore(withUnit, instance)).toEqual(['Start OctoPrint: sudo service ender3 restart']);
	}));

test('restoring can be switched off by the settings and by the environment', async () =>
	inTemporaryDirectory(async root => {
		const instance = {name: 'octoprint', kind: 'octoprint', dataFolder: makeData(join(root, '.octoprint'))} as const;
		expect(await restoreDisabled(makeServerPorts(root), instance)).toBe('');
		for (const [name, value, disabled] of [
			['OCTOPRINT_BACKUP_RESTORE_UNSUPPORTED', 'TRUE', true],
			['PRINTKEEP_RESTORE_UNSUPPORTED', 'y', true],
			['PRINTKEEP_RESTORE_UNSUPPORTED', 'no', false],
			['PRINTKEEP_RESTORE_UNSUPPORTED', '', false],
		] as const) {
			expect(
				(await restoreDisabled(makeServerPorts(root, {environment: {[name]: value}}), instance)).includes(name),
			).toBe(disabled);
		}

		putFile(join(instance.dataFolder, 'config.yaml'), 'plugins: {backup: {restore_unsupported: true}}');
		expect(await restoreDisabled(makeServerPorts(root), instance)).toContain('plugins.backup.restore_unsupported');
	}));
