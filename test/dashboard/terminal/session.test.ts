import {describe, expect, test} from 'vitest';
import {capabilitiesOf} from '../../../source/dashboard/terminal/capabilities.js';
import {createSession} from '../../../source/dashboard/terminal/session.js';

const recorded = (capabilities = {title: true, progress: true}) => {
	const writes: string[] = [];
	return {writes, session: createSession(text => writes.push(text), capabilities, 'printkeep')};
};

describe('what is changed on the terminal', () => {
	test('is put back, once', () => {
		const {writes, session} = recorded();
		session.enter();
		expect(writes.splice(0).join('')).toBe('\u{1B}[22;0t\u{1B}[?7l\u{1B}]0;printkeep\u{7}');
		session.leave();
		session.leave();
		expect(writes.join('')).toBe('\u{1B}[?7h\u{1B}[23;0t\u{1B}[?25h');
	});

	test('title and progress follow a job and end with it', () => {
		const {writes, session} = recorded();
		session.enter();
		writes.splice(0);
		session.showJob({title: 'Backing up', percent: 41.9});
		expect(writes.splice(0).join('')).toBe('\u{1B}]0;41% Backing up\u{7}\u{1B}]9;4;1;41\u{7}');
		session.showJob({title: 'Backing up', percent: 41.2});
		expect(writes).toEqual([]);
		session.showJob({title: 'Backing up', percent: null});
		expect(writes.splice(0).join('')).toContain('\u{1B}]9;4;3;0\u{7}');
		session.showJob(null);
		expect(writes.splice(0).join('')).toBe('\u{1B}]0;printkeep\u{7}\u{1B}]9;4;0;0\u{7}');
	});

	test('leaving in the middle of a job clears the progress', () => {
		const {writes, session} = recorded();
		session.enter();
		session.showJob({title: 'Backing up', percent: 10});
		writes.splice(0);
		session.leave();
		expect(writes.join('')).toContain('\u{1B}]9;4;0;0\u{7}');
		writes.splice(0);
		session.showJob({title: 'Backing up', percent: 20});
		expect(writes).toEqual([]);
	});

	test('a title cannot carry anything that acts on the terminal', () => {
		const {writes, session} = recorded();
		session.enter();
		writes.splice(0);
		session.showJob({title: 'a\u{7}\u{1B}[2Jb\u{202E}ü', percent: null});
		expect(writes.join('')).toContain('\u{1B}]0;a[2Jb\u{7}');
	});

	test.each([
		[{TERM: 'xterm-256color'}, true, {title: true, progress: true}],
		[{TERM: 'xterm-256color'}, false, {title: false, progress: false}],
		[{TERM: 'linux'}, true, {title: false, progress: false}],
		[{TERM: 'dumb'}, true, {title: false, progress: false}],
		[{TERM: 'tmux-256color'}, true, {title: true, progress: false}],
		[{TERM: 'xterm', TMUX: '/tmp/tmux-0/default'}, true, {title: true, progress: false}],
	])('with %o and the setting %s it is %o', (environment, setting, expected) => {
		expect(capabilitiesOf(environment, setting)).toEqual(expected);
	});
});
