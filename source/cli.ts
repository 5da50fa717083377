#!/usr/bin/env node
/**
 * The entry: has to be understood by old versions of Node, so that it can say in words what printkeep needs. Nothing but the version
 * is imported before the environment is right, since libraries look at it while they load.
 */
import {setFlagsFromString} from 'node:v8';
import {printkeepVersion} from './version.js';

declare const PRINTKEEP_NODE_RANGE: string | undefined;

const neededRange = typeof PRINTKEEP_NODE_RANGE === 'string' ? PRINTKEEP_NODE_RANGE : '>=22.22';

/** How long work that nobody waits for any more may keep the process alive. */
const lingerMilliseconds = 2000;

/** True when the first version is older than the second, by major and minor number. */
const isOlder = (version: string, needed: string): boolean => {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
	return major < neededMajor || (major === neededMajor && minor < neededMinor);
};

const prepareEnvironment = (argv: readonly string[]): void => {
	// Whatever is made without a mode of its own is for this person alone: backups hold passwords and keys.
	process.umask(0o077);
	// chalk decides at import, and knows FORCE_COLOR but not NO_COLOR.
	if (process.env.NO_COLOR || argv.includes('--no-color')) {
		process.env.FORCE_COLOR = '0';
	}

	// What Node does beside JavaScript, these commands wait for one thing at a time, and each of its threads has memory of its own.
	if (argv[0] === 'backup' || argv[0] === 'verify') {
		process.env.UV_THREADPOOL_SIZE ??= '2';
	}

	// React loads its slow development build otherwise. (In the bundle the plain name is a constant, which cannot be assigned to.)
	Object.assign(process.env, {NODE_ENV: 'production'});
	// Ink takes this variable for a sign that nobody is watching, whatever the terminal is.
	delete process.env.CI;
};

const start = async (argv: readonly string[]): Promise<number> => {
	const needed = neededRange.replace(/^[^\d]*/, '');
	if (isOlder(process.versions.node, needed)) {
		process.stderr.write(
			`printkeep needs Node ${needed} or newer, and this is Node ${process.versions.node}: install a newer one from https://nodejs.org.\n`,
		);
		return 1;
	}

	if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
		process.stdout.write(`${printkeepVersion}\n`);
		return 0;
	}

	// Objects of short life are many here. Letting the room for them grow costs a small board some 70 MB and gains next to nothing. The second flag would
	// say the first as well, but not to a program that runs already.
	setFlagsFromString('--semi-space-growth-factor=1');
	setFlagsFromString('--optimize-for-size');
	// For the threads that make much garbage, see engine/pool/sweep.ts.
	setFlagsFromString('--expose-gc');
	prepareEnvironment(argv);
	const {main} = await import('./main.js');
	// In the bundle these are files beside each other; from the sources each lies in its folder.
	const isBundle = typeof PRINTKEEP_NODE_RANGE === 'string';
	return main(argv, {
		worker: new URL(isBundle ? './worker.js' : './worker/thread.ts', import.meta.url),
		helper: new URL(isBundle ? './helper.js' : './worker/helper.ts', import.meta.url),
		plugins: new URL(isBundle ? './plugin-host.js' : './worker/plugin-host.ts', import.meta.url),
		pluginApi: new URL(isBundle ? './plugin.js' : './plugins/public.ts', import.meta.url),
	});
};

/**
 * Ends the process by force. `process.exit` waits for every thread, and one that waits for the system, as a plugin may for a network disk that is gone, never
 * comes; a process that becomes another program waits for none.
 */
const leave = (code: number): void => {
	try {
		process.execve?.('/bin/sh', ['sh', '-c', `exit ${code}`], {});
	} catch {
		// Not on this system: then it can only be waited.
	}

	process.exit(code);
};

/** The only place that ends the process: by having nothing left to do, or by force when something lingers. */
const end = (code: number): void => {
	process.exitCode = code;
	setTimeout(() => leave(code), lingerMilliseconds).unref();
};

start(process.argv.slice(2)).then(end, (error: unknown) => {
	process.stderr.write(
		`printkeep: Something went wrong inside printkeep: ${error instanceof Error ? error.message : String(error)}\nPlease report this.\n`,
	);
	end(1);
});
