import * as fs from 'node:fs';
import * as path from 'node:path';
import type {ServerPorts} from '../../adapter.js';
import {archiveName} from './archive-form.js';
import {pausesMilliseconds, type Repository} from './load-repository.js';
import type {Place} from './place.js';

/** The largest plugins bring models and pictures; none is near this. */
const maximumBytes = 200_000_000;

export type Fetched =
	| {readonly type: 'file'; readonly file: string; readonly tries: number}
	/** `missing`: there is no such thing. `why` is the end of a sentence. */
	| {readonly type: 'missing' | 'failed'; readonly why: string; readonly tries: number};

/**
 * Fetches a plugin's archive into a folder of its own, readable for whom pip runs as, under a name that pip understands.
 * @param folder absolute path of a folder to make, in the private one.
 * @throws cancelled, the errors of a disk
 */
export const fetchPlugin = async (
	{download, environment}: Pick<ServerPorts, 'download' | 'environment'>,
	{user}: Place,
	{
		url,
		folder,
		plainHosts,
		signal,
	}: Pick<Repository, 'plainHosts'> & {readonly url: string; readonly folder: string; readonly signal: AbortSignal},
): Promise<Fetched> => {
	fs.mkdirSync(folder, {mode: 0o700});
	if (user) {
		fs.chmodSync(folder, 0o711);
	}

	const file = path.join(folder, 'fetched');
	const {result, tries} = await download(
		{
			url,
			file,
			owner: user,
			maximumBytes,
			stallMilliseconds: 30_000,
			totalMilliseconds: 20 * 60_000,
			plainHosts,
			environment,
			signal,
		},
		pausesMilliseconds,
	);
	signal.throwIfAborted();
	if (result.type === 'failure') {
		return {type: result.reason === 'missing' ? 'missing' : 'failed', why: result.why, tries};
	}

	const name = archiveName(file, result.address) ?? archiveName(file, url);
	if (name === undefined) {
		return {type: 'failed', why: 'what came is no archive', tries};
	}

	const named = path.join(folder, name);
	fs.renameSync(file, named);
	return {type: 'file', file: named, tries};
};
