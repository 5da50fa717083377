import {readFileSync} from 'node:fs';
import type {ServerPorts} from './adapter.js';
import {request} from './http.js';
import {look} from './look.js';
import {runAlone} from './run-alone.js';
import {searchPath} from './search-path.js';

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

/** Why a program could not be started, in words. One that ran tells by its exit code. */
const programErrors: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such program',
	EACCES: 'it may not be run',
};

const execute =
	(environment: ServerPorts['environment']): ServerPorts['execute'] =>
	async (file, args, timeoutMilliseconds) =>
		new Promise(resolve => {
			// Many commands start no program at all, and what it takes is not loaded for them.
			const {execFile} = process.getBuiltinModule('node:child_process');
			execFile(
				file,
				args,
				{
					timeout: timeoutMilliseconds,
					killSignal: 'SIGKILL',
					maxBuffer: 16_000_000,
					env: {
						...environment,
						PATH: searchPath(environment.PATH),
						LC_ALL: 'C',
						SYSTEMD_PAGER: '',
						SYSTEMD_COLORS: '0',
					},
				},
				(error, output, errors) => {
					const code = error === null ? 0 : error.code;
					const failure =
						error !== null && errors.trim() === ''
							? error.killed
								? 'it took too long'
								: typeof code === 'number'
									? ''
									: (programErrors[code ?? ''] ?? `${code ?? error.signal}`)
							: errors;
					resolve({exitCode: typeof code === 'number' ? code : null, output, errors: failure});
				},
			).stdin?.end();
		});

/**
 * The machine as the adapters see it.
 * @param environment the environment variables of the process.
 */
export const systemServerPorts = (environment: ServerPorts['environment']): ServerPorts => {
	const executeHere = execute(environment);
	return {
		environment,
		homeDirectories: () => homeDirectories(environment.HOME),
		run: async (...call) => {
			const {exitCode, output} = await executeHere(...call);
			return exitCode === 0 ? output : null;
		},
		execute: executeHere,
		runAlone,
		// Needed where programs are installed, which few commands do.
		runBounded: async program => (await import('./bounded-program.js')).runBounded(program),
		download: async (...call) => (await import('./download.js')).downloadPatiently(...call),
		request,
		processFolder: '/proc',
	};
};
