import {expect, test} from 'vitest';
import {parseServerCommand} from '../../../source/servers/octoprint/command-line.js';

const nothing = {dataFolder: null, configFile: null, host: null, port: null, python: null};

test.each([
	[
		'/opt/octopi/oprint/bin/octoprint serve --host=127.0.0.1 --port=5000',
		{...nothing, host: '127.0.0.1', port: '5000', python: '/opt/octopi/oprint'},
	],
	[
		'/home/pi/oprint/bin/python3 /home/pi/oprint/bin/octoprint serve',
		{...nothing, python: '/home/pi/oprint/bin/python3'},
	],
	['python -m octoprint -b /a --config=/c.yaml serve', {...nothing, dataFolder: '/a', configFile: '/c.yaml'}],
	['octoprint --basedir /a serve --iknowwhatimdoing', {...nothing, dataFolder: '/a'}],
	['octoprint -b=/a -c /c daemon start', {...nothing, dataFolder: '/a', configFile: '/c'}],
	['octoprint -b/a', {...nothing, dataFolder: '/a'}],
	['/usr/bin/python3.11 -u /usr/local/bin/octoprint serve', {...nothing, python: '/usr/bin/python3.11'}],
	['octoprint -b plugins serve', {...nothing, dataFolder: 'plugins'}],
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
