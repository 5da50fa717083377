import {expect, test} from 'vitest';
import {systemClock} from '../../source/clock.js';
import {stopServer} from '../../source/servers/service-control.js';
import {makeServerPorts} from '../helpers/server-ports.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

test('a server that takes too long to stop is started again behind that, and not left to end later', async () => {
	const calls: string[] = [];
	const ports = makeServerPorts(temporaryDirectory(), {
		execute: async (file, args) => {
			calls.push([file, ...args].join(' '));
			// Given up on while systemd goes on.
			return args[0] === 'stop'
				? {exitCode: null, output: '', errors: 'it took too long'}
				: {exitCode: 0, output: '', errors: ''};
		},
		run: async () => 'ActiveState=deactivating\nJob=12\n',
	});
	await expect(
		stopServer({
			ports,
			clock: systemClock,
			adapter: {isRunning: async () => true},
			instance: {name: 'octoprint', kind: 'octoprint', dataFolder: '/x'},
			commands: {
				by: 'unit',
				name: 'octoprint.service',
				stop: ['systemctl', 'stop', 'octoprint.service'],
				start: ['systemctl', 'start', 'octoprint.service', '--no-block'],
				words: {stop: 'stop it', start: 'start it'},
				state: ['systemctl', 'show', 'octoprint.service', '--property=ActiveState,Job'],
			},
		}),
	).rejects.toMatchObject({code: 'failed', message: expect.stringContaining('it took too long')});
	expect(calls).toEqual(['systemctl stop octoprint.service', 'systemctl start octoprint.service --no-block']);
});
