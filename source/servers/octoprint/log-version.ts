import * as fs from 'node:fs';
import * as path from 'node:path';
import {look} from '../look.js';

const blockBytes = 262_144;

/** How far back a log is searched: a busy server writes a few megabytes a week. */
const maximumBytes = 64_000_000;

const pattern = /(?:^|\s)Starting OctoPrint (\d[\w.+!-]*)/gmu;

/** The last version a log tells, searched from its end. */
const lastVersionIn = (file: string): string | undefined => {
	const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
	try {
		const stats = fs.fstatSync(descriptor);
		if (!stats.isFile()) {
			return undefined;
		}

		const block = Buffer.alloc(blockBytes);
		let end = stats.size;
		let after = '';
		while (end > 0 && stats.size - end < maximumBytes) {
			const start = Math.max(0, end - blockBytes);
			const read = fs.readSync(descriptor, block, 0, end - start, start);
			const text = block.toString('latin1', 0, read) + after;
			const version = [...text.matchAll(pattern)].at(-1)?.[1];
			if (version !== undefined) {
				return version;
			}

			// The line may lie across two blocks.
			after = text.slice(0, 200);
			end = start;
		}

		return undefined;
	} finally {
		fs.closeSync(descriptor);
	}
};

/** The version OctoPrint logged at its last start, from the newest of its logs that tells one; undefined when none does. */
export const versionFromLogs = (logFolder: string): string | undefined => {
	try {
		const logs = fs
			.readdirSync(logFolder)
			.filter(name => /^octoprint\.log(?:\.|$)/u.test(name))
			.map(name => path.join(logFolder, name))
			.map(file => ({file, modified: look(file)?.mtimeMs ?? 0}))
			.sort((a, b) => b.modified - a.modified);
		for (const {file} of logs) {
			const version = lastVersionIn(file);
			if (version !== undefined) {
				return version;
			}
		}
	} catch {
		// Logs that cannot be read tell nothing.
	}

	return undefined;
};
