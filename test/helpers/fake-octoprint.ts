import {chmodSync} from 'node:fs';
import {join} from 'node:path';
import {makePythonEnvironment, putFile} from './server-ports.js';

/**
 * Makes an environment with OctoPrint and a plugin in it, whose interpreter is a shell script: it gets the request as `$REQUEST`, and answers on descriptor 3.
 * @returns path of the interpreter.
 */
export const makeFakeOctoPrint = (prefix: string, script: string): string => {
	makePythonEnvironment(prefix);
	const interpreter = join(prefix, 'bin/python');
	putFile(interpreter, `#!/bin/sh\nREQUEST="$3"\ncat > /dev/null\n${script}\n`);
	chmodSync(interpreter, 0o755);
	return interpreter;
};

/** A line of such a script that answers. */
export const answerWith = (answer: unknown): string => `cat >&3 <<'EOF'\n${JSON.stringify(answer)}\nEOF`;
