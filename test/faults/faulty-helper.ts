/** Programs for helper threads in which something goes wrong at a chosen moment, around the real one. */
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

export type ThreadFault =
	/** The thread dies when it is given that many tasks: counted from 1, in each thread. */
	| {readonly type: 'exit' | 'throw' | 'memory'; readonly task: number}
	/** That many reads of uploads go well in a thread; the next ones fail as a disk does. */
	| {readonly type: 'read'; readonly reads: number; readonly code: string};

const bodyOf = (fault: ThreadFault): string => {
	switch (fault.type) {
		case 'exit':
			return 'process.exit(9);';
		case 'throw':
			return "throw new Error('This helper thread was told to fail.');";
		case 'memory':
			return 'const kept = []; for (;;) { kept.push(Array.from({length: 10000}, (_, index) => ({index}))); }';
		case 'read':
			return '';
	}
};

const programOf = (fault: ThreadFault, helper: URL): string =>
	fault.type === 'read'
		? `import fs from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
const {readSync} = fs;
let reads = 0;
fs.readSync = (...args) => {
	if (fs.readlinkSync('/proc/self/fd/' + args[0]).includes('/uploads/') && ++reads > ${fault.reads}) {
		throw Object.assign(new Error('${fault.code}: injected, read'), {code: '${fault.code}', syscall: 'read'});
	}

	return readSync(...args);
};
syncBuiltinESMExports();
await import('${helper}');
`
		: `import {parentPort} from 'node:worker_threads';
let tasks = 0;
parentPort.on('message', () => {
	if (++tasks === ${fault.task}) {
		${bodyOf(fault)}
	}
});
await import('${helper}');
`;

let written = 0;

/** Writes the program into a folder. */
export const writeFaultyHelper = (folder: string, helper: URL, fault: ThreadFault): URL => {
	const path = join(folder, `faulty-${written++}.mjs`);
	writeFileSync(path, programOf(fault, helper));
	return pathToFileURL(path);
};
