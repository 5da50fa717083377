import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Size} from './options.js';

export const generator = fileURLToPath(new URL('gen.mjs', import.meta.url));

/**
 * What OctoPrint leaves out of its backups, and so does printkeep. The other programs would pack it: it is taken away, so that all of them have the same
 * files to pack.
 */
const leftOut: readonly string[] = ['logs', 'watched', 'uploadtemp', 'generated', join('timelapse', 'tmp')];

/**
 * Makes a data set, or finds the one an earlier run has left: a note beside it says that it is complete, and which generator and seed it is of. Gives
 * its folder.
 */
export const dataSet = (folder: string, size: Size, seed: number): string => {
	const path = join(folder, `${size}-${seed}`);
	const note = `${path}.complete`;
	const expected = createHash('sha256').update(readFileSync(generator)).update(leftOut.join()).digest('hex');
	if (existsSync(path) && existsSync(note) && readFileSync(note, 'utf8') === expected) {
		return path;
	}

	rmSync(path, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	execFileSync(process.execPath, [generator, 'create', '--size', size, '--seed', String(seed), '--out', path]);
	for (const name of leftOut) {
		rmSync(join(path, name), {recursive: true, force: true});
	}

	writeFileSync(note, expected);
	return path;
};

/** Changes a share of the files of a folder, and about as large a share of the bytes. Gives what was changed. */
export const changeSome = (
	path: string,
	percent: number,
	seed: number,
): {readonly files: number; readonly bytes: number} =>
	JSON.parse(
		execFileSync(
			process.execPath,
			[generator, 'mutate', '--dir', path, '--percent', String(percent), '--seed', String(seed)],
			{encoding: 'utf8'},
		),
	) as {readonly files: number; readonly bytes: number};
