import * as fs from 'node:fs';
import * as path from 'node:path';
import {PrintkeepError, toPrintkeepError} from '../../../errors.js';
import {safeText} from '../../../format/safe-text.js';
import type {ServerPorts} from '../../adapter.js';
import {withoutCredentials} from '../../download-address.js';
import {maximumRepositoryBytes, parseRepository, type RepositoryPlugin} from './repository.js';

/** Between the tries of a download. */
export const pausesMilliseconds: readonly number[] = [1000, 4000];

export type Repository = {
	readonly plugins: ReadonlyMap<string, RepositoryPlugin>;
	/** Hosts that its archives may be fetched from without encryption. */
	readonly plainHosts: 'any' | readonly string[];
};

/** True for what is an address and not the path of a file. */
export const isAddress = (text: string): boolean => /^https?:\/\//iu.test(text);

const readFile = (file: string): string => {
	try {
		const {size} = fs.statSync(file);
		if (size > maximumRepositoryBytes) {
			throw new PrintkeepError('failed', `${safeText(file)} is too large to be a plugin repository.`);
		}

		return fs.readFileSync(file, 'utf8');
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
			throw new PrintkeepError('not-found', `There is no file ${safeText(file)}.`, {
				hint: 'An address begins with https://.',
				cause: error,
			});
		}

		throw toPrintkeepError(error, `The plugin repository ${safeText(file)} cannot be read`);
	}
};

const fetchText = async (
	{download, environment}: Pick<ServerPorts, 'download' | 'environment'>,
	{url, folder, signal}: {readonly url: string; readonly folder: string; readonly signal: AbortSignal},
): Promise<string> => {
	const file = path.join(folder, 'repository.json');
	const {result} = await download(
		{
			url,
			file,
			maximumBytes: maximumRepositoryBytes,
			stallMilliseconds: 20_000,
			totalMilliseconds: 5 * 60_000,
			// Whoever gives an address without encryption wants it asked like that.
			plainHosts: [new URL(url).hostname],
			environment,
			signal,
		},
		pausesMilliseconds,
	);
	signal.throwIfAborted();
	if (result.type === 'failure') {
		throw new PrintkeepError(
			'remote-failed',
			`The plugin repository ${safeText(withoutCredentials(url))} could not be fetched: ${safeText(result.why)}.`,
			{hint: 'Try again later, or name a copy of it with --repository FILE.'},
		);
	}

	return fs.readFileSync(file, 'utf8');
};

/**
 * Reads the data of a plugin repository.
 * @param source an address, or the absolute path of a file.
 * @param folder a private folder for what is fetched.
 * @throws remote-failed, not-found, usage, cancelled
 */
export const loadRepository = async (
	ports: Pick<ServerPorts, 'download' | 'environment'>,
	{source, folder, signal}: {readonly source: string; readonly folder: string; readonly signal: AbortSignal},
): Promise<Repository> => {
	if (!isAddress(source)) {
		// What stands in a person's own file is that person's choice.
		return {plugins: parseRepository(readFile(source), safeText(source)), plainHosts: 'any'};
	}

	if (!URL.canParse(source)) {
		throw new PrintkeepError('usage', `${safeText(source)} is no address.`, {hint: 'Check it for typing errors.'});
	}

	const {protocol, hostname} = new URL(source);
	const text = await fetchText(ports, {url: source, folder, signal});
	return {
		plugins: parseRepository(text, safeText(withoutCredentials(source))),
		plainHosts: protocol === 'http:' ? [hostname] : [],
	};
};
