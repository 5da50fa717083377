/** Messages on the desktop of this person, through the program every desktop has for it. */
import {existsSync} from 'node:fs';
import {runProgram} from '../shared/run-program.js';
import {systemEnvironment} from '../shared/system-environment.js';
import {readProgram} from '../shared/trusted-program.js';
import type {Message} from './message.js';
import type {Sent} from './targets.js';

const usualPrograms = ['/usr/bin/notify-send', '/usr/local/bin/notify-send', '/bin/notify-send'];

const timeLimitMilliseconds = 10_000;

/** Where the session of this person listens, also for what a timetable has started; null when nobody is logged in. */
const sessionBus = (): string | null => {
	const path = `/run/user/${process.getuid?.() ?? 0}/bus`;
	return existsSync(path) ? path : null;
};

/** What a desktop might take for markup, as characters that look alike. */
const withoutMarkup = (text: string): string =>
	text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('&', '＆').replaceAll('\\', '∖');

/** Shows a message. @param ownProgram absolute path of another program that is called the same way; empty for the usual one. */
export const showOnDesktop = async (message: Message, ownProgram: string, signal: AbortSignal): Promise<Sent> => {
	const bus = sessionBus();
	const path = ownProgram || usualPrograms.find(candidate => existsSync(candidate));
	if (path === undefined || (ownProgram === '' && bus === null)) {
		return {type: 'absent', why: path === undefined ? 'there is no notify-send' : 'nobody is logged in at a desktop'};
	}

	// A path is one word here, whatever is in it.
	const program = readProgram(`"${path.replaceAll(/["\\]/gu, '\\$&')}"`);
	if (program.type === 'refused') {
		return {type: 'failed', why: program.why};
	}

	const {title, text, kind} = message;
	const urgency = kind === 'failed' || kind === 'suspect' ? 'critical' : 'normal';
	const {ended, exitCode, detail} = await runProgram({
		file: program.file,
		calledAs: program.name,
		args: ['--app-name=printkeep', `--urgency=${urgency}`, '--', title, withoutMarkup(text)],
		environment: {
			...systemEnvironment(),
			...(bus === null ? {} : {DBUS_SESSION_BUS_ADDRESS: `unix:path=${bus}`}),
		},
		timeLimitMilliseconds,
		graceMilliseconds: 1000,
		keptBytes: 4000,
		signal,
	});
	if (ended === 'exit' && exitCode === 0) {
		return {type: 'sent'};
	}

	return {
		type: 'failed',
		why:
			ended === 'exit'
				? `${path} ended with ${exitCode === null ? `the signal ${detail}` : `code ${exitCode}`}`
				: ended === 'time-limit'
					? `${path} took too long`
					: `${path} could not be run${detail === '' ? '' : ` (${detail})`}`,
	};
};
