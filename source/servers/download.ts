/** Fetches files from servers that may be slow, broken or hostile. */
import {createHash} from 'node:crypto';
import * as fs from 'node:fs';
import type {ClientRequest, Agent as HttpAgent, get as httpGet, IncomingMessage, RequestOptions} from 'node:http';
import {setTimeout as wait} from 'node:timers/promises';
import {type DownloadFailure, failure, refusalOf} from './download-address.js';

export type DownloadOptions = {
	readonly url: string;
	/** Absolute path of the file to make, which must not exist. It is private, and gone again when the download fails. */
	readonly file: string;
	/** Whose the file becomes; the caller's when missing. */
	readonly owner?: {readonly uid: number; readonly gid: number} | undefined;
	readonly maximumBytes: number;
	/** Longest time until the server begins to answer, and between two pieces of its answer. */
	readonly stallMilliseconds: number;
	/** For everything, redirections and all. */
	readonly totalMilliseconds: number;
	/** Hosts that may be asked without encryption, beside this very machine. */
	readonly plainHosts: 'any' | readonly string[];
	/** Where the proxies are told. */
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly signal: AbortSignal;
};

export type DownloadResult =
	| {readonly type: 'done'; readonly bytes: number; readonly sha256: string; readonly address: string}
	| DownloadFailure;

const maximumRedirections = 5;

const certificateCodes = /CERT|SIGNED|UNABLE_TO_(?:GET|VERIFY)|ALTNAME/u;

const words: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'nothing answers there',
	ECONNRESET: 'the connection was cut',
	ENOTFOUND: 'there is no such host, or no network',
	EAI_AGAIN: 'the name of the host could not be looked up: there may be no network',
	ENETUNREACH: 'there is no way to that network',
	EHOSTUNREACH: 'there is no way to that host',
};

const ofError = (error: Error): DownloadFailure => {
	const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
	return certificateCodes.test(code)
		? failure('certificate', `its certificate is not trusted (${code})`)
		: failure('broken', words[code] ?? code, true);
};

const retryAfterOf = ({headers}: IncomingMessage): number | undefined => {
	const seconds = headers['retry-after'];
	return seconds !== undefined && /^\d{1,4}$/u.test(seconds) ? Number(seconds) * 1000 : undefined;
};

const ofStatus = (response: IncomingMessage): DownloadFailure => {
	const status = response.statusCode ?? 0;
	if (status === 404 || status === 410) {
		return failure('missing', `there is nothing at that address (${status})`);
	}

	const retryAfterMilliseconds = retryAfterOf(response);
	return {
		...failure('status', `the server answered with ${status}`, status >= 500 || status === 429 || status === 408),
		...(retryAfterMilliseconds === undefined ? {} : {retryAfterMilliseconds}),
	};
};

/** What came of one request. */
type Answer =
	| {readonly type: 'response'; readonly response: IncomingMessage}
	| {readonly type: 'redirection'; readonly url: URL}
	| DownloadFailure;

const isRedirection = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** Loaded when something is fetched; see `http.ts`. */
const loadProtocol = (protocol: string): {readonly get: typeof httpGet; readonly Agent: typeof HttpAgent} =>
	protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');

const ask = async (url: URL, {stallMilliseconds, environment}: DownloadOptions, signal: AbortSignal): Promise<Answer> =>
	new Promise(resolve => {
		const {Agent, get} = loadProtocol(url.protocol);
		const options: RequestOptions = {
			agent: new Agent({proxyEnv: environment}),
			headers: {'User-Agent': 'printkeep', Accept: '*/*', 'Accept-Encoding': 'identity', Connection: 'close'},
			signal,
			timeout: stallMilliseconds,
		};
		let request: ClientRequest;
		try {
			request = get(url.href, options, response => {
				const status = response.statusCode ?? 0;
				const {location} = response.headers;
				if (isRedirection(status) && location !== undefined) {
					response.destroy();
					resolve(
						URL.canParse(location, url.href)
							? {type: 'redirection', url: new URL(location, url)}
							: failure('broken', 'it leads to an address that is none'),
					);
				} else if (status === 200) {
					// From here on it is the answer that may stall.
					request.removeAllListeners('timeout');
					resolve({type: 'response', response});
				} else {
					response.destroy();
					resolve(ofStatus(response));
				}
			});
		} catch (error) {
			resolve(ofError(error instanceof Error ? error : new Error(String(error))));
			return;
		}

		request.on('timeout', () => {
			resolve(failure('timeout', `nothing came for ${Math.round(stallMilliseconds / 1000)} s`, true));
			request.destroy();
		});
		request.on('error', error => {
			resolve(ofError(error));
		});
	});

/** Writes what a server sends, and gives up when it is too much, too slow, or not all. */
const receive = async (
	response: IncomingMessage,
	{file, owner, maximumBytes, stallMilliseconds}: DownloadOptions,
): Promise<DownloadFailure | {readonly bytes: number; readonly sha256: string}> => {
	if (Number(response.headers['content-length'] ?? 0) > maximumBytes) {
		response.destroy();
		return failure('too-large', `it is over ${Math.round(maximumBytes / 1_000_000)} MB`);
	}

	const hash = createHash('sha256');
	let bytes = 0;
	const descriptor = fs.openSync(file, 'wx', 0o600);
	try {
		if (owner) {
			fs.fchownSync(descriptor, owner.uid, owner.gid);
		}

		response.setTimeout(stallMilliseconds, () => {
			response.destroy(new Error('stalled'));
		});
		for await (const chunk of response as AsyncIterable<Buffer>) {
			bytes += chunk.length;
			if (bytes > maximumBytes) {
				return failure('too-large', `it is over ${Math.round(maximumBytes / 1_000_000)} MB`);
			}

			hash.update(chunk);
			fs.writeFileSync(descriptor, chunk);
		}
	} catch (error) {
		// What a disk says is not the server's fault, and is thrown.
		if (error instanceof Error && 'syscall' in error && error.syscall === 'write') {
			throw error;
		}

		return error instanceof Error && error.message === 'stalled'
			? failure('timeout', `nothing more came for ${Math.round(stallMilliseconds / 1000)} s`, true)
			: ofError(error instanceof Error ? error : new Error(String(error)));
	} finally {
		fs.closeSync(descriptor);
		response.destroy();
	}

	return response.complete ? {bytes, sha256: hash.digest('hex')} : failure('broken', 'the connection was cut', true);
};

const fetchFile = async (options: DownloadOptions, signal: AbortSignal): Promise<DownloadResult> => {
	if (!URL.canParse(options.url)) {
		return failure('broken', 'its address is none');
	}

	let url = new URL(options.url);
	let from: URL | undefined;
	for (let redirections = 0; ; redirections++) {
		const refusal = refusalOf(url, from, options);
		if (refusal || redirections > maximumRedirections) {
			return refusal ?? failure('redirections', `it leads on and on, over ${maximumRedirections} times`);
		}

		const answer = await ask(url, options, signal);
		if (answer.type === 'failure') {
			return answer;
		}

		if (answer.type === 'response') {
			const received = await receive(answer.response, options);
			return 'type' in received ? received : {type: 'done', ...received, address: url.href};
		}

		from = url;
		url = answer.url;
	}
};

/**
 * Fetches a file by GET, over at most five redirections, and bounded in time and size whatever the other side does. Encryption is given up for hosts that
 * were named only, and never on the way.
 * @throws the system error of a disk that cannot take it.
 */
export const download = async (options: DownloadOptions): Promise<DownloadResult> => {
	const limit = AbortSignal.timeout(options.totalMilliseconds);
	let result: DownloadResult | undefined;
	try {
		result = await fetchFile(options, AbortSignal.any([limit, options.signal]));
	} finally {
		if (result?.type !== 'done') {
			fs.rmSync(options.file, {force: true});
		}
	}

	if (result.type === 'failure' && options.signal.aborted) {
		return failure('cancelled', 'it was cancelled');
	}

	return result.type === 'failure' && limit.aborted
		? failure('timeout', `it took over ${Math.round(options.totalMilliseconds / 60_000)} minutes`)
		: result;
};

const longestPauseMilliseconds = 30_000;

/**
 * Fetches a file, and tries again after each of the pauses when what went wrong may pass.
 * @returns what came of the last try, and how many there were.
 */
export const downloadPatiently = async (
	options: DownloadOptions,
	pausesMilliseconds: readonly number[],
): Promise<{readonly result: DownloadResult; readonly tries: number}> => {
	for (let tries = 1; ; tries++) {
		const result = await download(options);
		const pause = pausesMilliseconds[tries - 1];
		if (result.type === 'done' || !result.mayPass || pause === undefined) {
			return {result, tries};
		}

		const longer = Math.min(result.retryAfterMilliseconds ?? 0, longestPauseMilliseconds);
		try {
			await wait(Math.max(pause, longer), undefined, {signal: options.signal});
		} catch {
			return {result: failure('cancelled', 'it was cancelled'), tries};
		}
	}
};
