import {expect, test} from 'vitest';
import {needsNoPassword} from '../../source/servers/sudo-rules.js';

const list = (...rules: readonly string[]): string =>
	`Matching Defaults entries for pi on octopi:\n    env_reset, mail_badpass,\n    secure_path=/usr/local/sbin\\:/usr/bin\n\nUser pi may run the following commands on octopi:\n${rules.map(rule => `    ${rule}\n`).join('')}`;

const stop = ['systemctl', 'stop', 'octoprint.service'];
const stopService = ['service', 'octoprint', 'stop'];

test.each<readonly [string, readonly string[], boolean]>([
	['(ALL : ALL) ALL', stop, false],
	['(ALL) NOPASSWD: ALL', stop, true],
	['(ALL : ALL) NOPASSWD: ALL', stop, true],
	['(root) NOPASSWD: /usr/sbin/service, /sbin/shutdown', stopService, true],
	['(root) NOPASSWD: /usr/sbin/service, /sbin/shutdown', stop, false],
	['(root) NOPASSWD: /usr/bin/systemctl stop octoprint.service', stop, true],
	['(root) NOPASSWD: /usr/bin/systemctl start octoprint.service', stop, false],
	['(root) NOPASSWD: /usr/bin/systemctl * octoprint.service', stop, true],
	['(root) NOPASSWD: /usr/bin/systemctl stop octoprint?service', stop, true],
	['(root) NOPASSWD: /usr/bin/systemctl ""', stop, false],
	['(root) NOPASSWD: SETENV: /usr/bin/systemctl', stop, true],
	['(root) NOPASSWD: /bin/true, PASSWD: /usr/bin/systemctl', stop, false],
	['(root) PASSWD: /bin/true, NOPASSWD: /usr/bin/systemctl', stop, true],
	['(root) /usr/bin/systemctl', stop, false],
	['(root) NOPASSWD: !/usr/bin/systemctl', stop, false],
	['(postgres) NOPASSWD: ALL', stop, false],
	['(root) NOPASSWD: /usr/bin/notsystemctl', stop, false],
	['(root) NOPASSWD: sudoedit /etc/systemctl', stop, false],
	['(root) NOPASSWD: /usr/bin/systemctl st[ao]p octoprint.service', stop, false],
	['', stop, false],
])('%s: %j', (rule, command, expected) => {
	expect(needsNoPassword(list(rule), command)).toBe(expected);
});

test('the last rule that matches counts', () => {
	expect(needsNoPassword(list('(root) NOPASSWD: ALL', '(ALL : ALL) ALL'), stop)).toBe(false);
	expect(needsNoPassword(list('(ALL : ALL) ALL', '(root) NOPASSWD: ALL'), stop)).toBe(true);
	expect(needsNoPassword(list('(ALL) NOPASSWD: ALL', '(root) PASSWD: /usr/sbin/service'), stop)).toBe(true);
});

test('a list that goes on in the next line, and a setting for everything', () => {
	const long = list('(root) NOPASSWD: /usr/sbin/service,\n        /sbin/shutdown, /usr/bin/systemctl');
	expect(needsNoPassword(long, stop)).toBe(true);
	expect(needsNoPassword(list('(ALL : ALL) ALL').replace('env_reset', '!authenticate, env_reset'), stop)).toBe(true);
	expect(needsNoPassword('', stop)).toBe(false);
});
