import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync} from 'node:fs';
import {dirname} from 'node:path';
import {fileURLToPath} from 'node:url';

export type DatabaseWriter = {
	/** True while the process lives. */
	readonly writing: () => boolean;
	readonly stop: () => Promise<void>;
};

/** Starts a process that writes to a database without pause; resolves when it has begun. */
export const startDatabaseWriter = async (path: string): Promise<DatabaseWriter> => {
	mkdirSync(dirname(path), {recursive: true});
	const child = spawn(process.execPath, [fileURLToPath(new URL('database-writer.mjs', import.meta.url)), path], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	await once(child.stdout, 'data');
	const ended = once(child, 'exit');
	return {
		writing: () => child.exitCode === null && child.signalCode === null,
		async stop() {
			child.kill('SIGKILL');
			await ended;
		},
	};
};
