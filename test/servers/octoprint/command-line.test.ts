import {expect, test} from 'vitest';
import {parseServerCommand} from '../../../source/servers/octoprint/command-line.js';

const nothing = {dataFolder: null, configFile: null};

test.each([
	['/opt/octopi/oprint/bin/octoprint serve --host=127.0.0.1 --port=5000', {...nothing, python: '/opt/octopi/oprint'}],
	[
		'/home/pi/oprint/bin/python3 /home/pi/oprint/bin/octoprint serve',
		{...nothing, python: '/home/pi/oprint/bin/python3'},
	],
	['python -m octoprint -b /a --config=/c.yaml serve', {dataFolder: '/a', configFile: '/c.yaml', python: null}],
	['octoprint --basedir /a serve --iknowwhatimdoing', {dataFolder: '/a', configFile: null, python: null}],
	['octoprint -b=/a -c /c daemon start', {dataFolder: '/a', configFile: '/c', python: null}],
	['octoprint -b/a', {dataFolder: '/a', configFile: null, python: null}],
	['/usr/bin/python3.11 -u /usr/local/bin/octoprint serve', {...nothing, python: '/usr/bin/python3.11'}],
	['octoprint -b plugins serve', {dataFolder: 'plugins', configFile: null, python: null}],
])('%s', (line, command) => {
	expect(parseServerCommand(line.split(' '))).toEqual(command);
});

test.each([
	'octoprint plugins backup:backup',
	'octoprint -b /a plugins backup:restore x.zip',
	'octoprint config get a',
	'vim octoprint',
	'python3 /home/pi/octoprint.py',
	'python3',
	'python3 -c print(1)',
	'tail -f /home/pi/.octoprint/logs/octoprint.log',
	'',
])('is no server: %s', line => {
	expect(parseServerCommand(line.split(' '))).toBeUndefined();
});
