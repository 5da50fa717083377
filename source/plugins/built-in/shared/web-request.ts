import type {request as httpRequest, IncomingMessage} from 'node:http';

export type WebRequest = {
	/** `http:` or `https:`; may hold a secret, and is in nothing that is answered. */
	readonly url: string;
	readonly method: 'GET' | 'POST';
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string;
	readonly timeoutMilliseconds: number;
	readonly signal: AbortSignal;
};

export type WebAnswer =
	| {readonly type: 'ok'}
	/** @member isLasting trying again soon would not help. */
	| {readonly type: 'failed'; readonly why: string; readonly isLasting: boolean};

/** An answer is read only to be done with it. */
const maximumAnswerBytes = 100_000;

const certificateCodes = /CERT|SIGNED|UNABLE_TO_(?:GET|VERIFY)|ALTNAME/u;

const soonBetter: ReadonlySet<number> = new Set([408, 425, 429]);

const failed = (why: string, isLasting = false): WebAnswer => ({type: 'failed', why, isLasting});

const wordsOf = (error: unknown): WebAnswer => {
	const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
	switch (code) {
		case 'ECONNREFUSED':
			return failed('nobody answers there');
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return failed('its address was not found');
		case 'ECONNRESET':
		case 'EPIPE':
			return failed('the connection broke');
		default:
			return certificateCodes.test(code)
				? failed(`its certificate cannot be trusted (${code})`, true)
				: failed(code === '' ? 'the connection failed' : `the connection failed (${code})`);
	}
};

const judge = (status: number): WebAnswer => {
	if (status >= 200 && status < 300) {
		return {type: 'ok'};
	}

	return status >= 300 && status < 400
		? failed(`it leads to another address (${status}), which is not followed`, true)
		: failed(`it answered with ${status}`, status < 500 && !soonBetter.has(status));
};

/** Loaded when something is sent. An import would load Node's own fetch as well, several times as much as what is needed. */
const loadProtocol = (protocol: string): {readonly request: typeof httpRequest} =>
	protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');

/**
 * Sends one request. Certificates are checked whatever the environment says, redirections are not followed, and time and size are bounded. Never throws.
 */
export const sendRequest = async (wanted: WebRequest): Promise<WebAnswer> => {
	const {method, headers, body, timeoutMilliseconds, signal} = wanted;
	if (!URL.canParse(wanted.url)) {
		return failed('its address is none', true);
	}

	const url = new URL(wanted.url);
	if (url.protocol !== 'http:' && url.protocol !== 'https:') {
		return failed('its address begins with neither https:// nor http://', true);
	}

	const timeout = AbortSignal.timeout(timeoutMilliseconds);
	return new Promise(resolve => {
		const settle = (answer: WebAnswer): void => {
			if (signal.aborted) {
				resolve(failed('it was given up', true));
			} else {
				resolve(timeout.aborted ? failed(`it did not answer within ${timeoutMilliseconds / 1000} s`) : answer);
			}
		};

		const onResponse = (response: IncomingMessage): void => {
			let bytes = 0;
			response.on('data', (chunk: Uint8Array) => {
				bytes += chunk.length;
				if (bytes > maximumAnswerBytes) {
					// It has been received: what else is said does not matter.
					settle(judge(response.statusCode ?? 0));
					response.destroy();
				}
			});
			response.on('end', () => settle(judge(response.statusCode ?? 0)));
			response.on('error', error => settle(wordsOf(error)));
		};

		try {
			const {request} = loadProtocol(url.protocol);
			const options = {
				method,
				headers: {
					...headers,
					...(body === undefined ? {} : {'Content-Length': String(Buffer.byteLength(body))}),
					'User-Agent': 'printkeep',
					Connection: 'close',
				},
				agent: false,
				signal: AbortSignal.any([signal, timeout]),
				...(url.protocol === 'https:' ? {rejectUnauthorized: true} : {}),
			};
			request(url, options, onResponse)
				.on('error', error => settle(wordsOf(error)))
				.end(body);
		} catch (error) {
			settle(wordsOf(error));
		}
	});
};
