import {execFileSync, spawnSync} from 'node:child_process';

const present = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

const attempted = new Set<string>();

/**
 * Tells whether a program is there, installing its Debian package first where that can be done (as root). In continuous integration a missing program
 * is a failure: a proof that is skipped silently proves nothing.
 */
export const hasProgram = (command: string, debianPackage: string): boolean => {
	if (present(command)) {
		return true;
	}

	if (process.getuid?.() === 0 && present('apt-get') && !attempted.has(debianPackage)) {
		attempted.add(debianPackage);
		try {
			execFileSync('apt-get', ['install', '-y', '-q', debianPackage], {
				stdio: 'ignore',
				timeout: 120_000,
				env: {...process.env, DEBIAN_FRONTEND: 'noninteractive'},
			});
		} catch {
			// What matters is whether the program is there now.
		}

		if (present(command)) {
			return true;
		}
	}

	if (process.env.CI === 'true') {
		throw new Error(`${command} is missing: install the package ${debianPackage}`);
	}

	console.warn(`SKIPPED: ${command} is missing (package ${debianPackage}), so what needs it is not tested`);
	return false;
};
