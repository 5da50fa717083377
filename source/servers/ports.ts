import {execFile} from 'node:child_process';
import {readFileSync} from 'node:fs';
import type {ServerPorts} from './adapter.js';
import {look} from './look.js';

/** Home folders of the people and services of this host, from its list of users; the caller's own comes first. */
const homeDirectories = (ownHome: string | undefined): readonly string[] => {
	let users = '';
	try {
		users = readFileSync('/etc/passwd', 'utf8');
	} catch {
		// A system without that file: the caller's own home is all there is.
	}

	const homes = users
		.split('\n')
		.map(line => line.split(':'))
		.filter(([, , uid]) => uid === '0' || Number(uid) >= 1000)
		.map(([, , , , , home = '']) => home);
	return [...new Set([ownHome ?? '', ...homes])].filter(
		home => home.startsWith('/') && home !== '/' && (look(home)?.isDirectory() ?? false),
	);
};

/**
 * The machine as the adapters see it.
 * @param environment the environment variables of the process.
 */
export const systemServerPorts = (environment: ServerPorts['environment']): ServerPorts => ({
	environment,
	homeDirectories: () => homeDirectories(environment.HOME),
	run: async (file, args, timeoutMilliseconds) =>
		new Promise(resolve => {
			execFile(
				file,
				args,
				{
					timeout: timeoutMilliseconds,
					killSignal: 'SIGKILL',
					maxBuffer: 16_000_000,
					env: {...environment, LC_ALL: 'C', SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0'},
				},
				(error, output) => {
					resolve(error ? null : output);
				},
			).on('error', () => {
				resolve(null);
			});
		}),
	processFolder: '/proc',
});
