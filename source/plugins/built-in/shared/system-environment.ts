import {homedir} from 'node:os';

/** Folders of the programs of a system; what a person's shell adds is left out, so that a timetable finds what a person does. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What every program is told, beside what it is about. */
export const systemEnvironment = (): Readonly<Record<string, string>> => ({
	PATH: systemPath,
	HOME: homedir(),
	LANG: 'C.UTF-8',
});
