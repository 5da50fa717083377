import {Buffer} from 'node:buffer';
import type {get as httpGet} from 'node:http';
import type {HttpAnswer, ServerPorts} from './adapter.js';

const failure = (reason: Extract<HttpAnswer, {type: 'failure'}>['reason'], detail: string): HttpAnswer => ({
	type: 'failure',
	reason,
	detail,
});

const certificateCodes = /CERT|SIGNED|UNABLE_TO_(?:GET|VERIFY)|ALTNAME/u;

const describe = (error: Error): HttpAnswer => {
	const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
	return code === 'ECONNREFUSED'
		? failure('refused', code)
		: failure(certificateCodes.test(code) ? 'certificate' : 'broken', code);
};

/**
 * Loaded when a server is asked, which most commands never do, and TLS only where it is spoken. An import would load Node's own fetch and WebSocket
 * as well, since they hang on this module: several times as much as what is needed.
 */
const loadProtocol = (protocol: 'http:' | 'https:'): {readonly get: typeof httpGet} =>
	protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');

/**
 * Asks an HTTP server by GET. One connection, closed afterwards; no redirection is followed, since the headers may hold a key; the answer is
 * bounded in time and size, whatever the other side sends. Never throws.
 */
export const request: ServerPorts['request'] = async (url, {headers, timeoutMilliseconds, maximumBytes}) =>
	new Promise(resolve => {
		let address: URL;
		try {
			address = new URL(url);
		} catch {
			resolve(failure('broken', 'no address'));
			return;
		}

		if (address.protocol !== 'http:' && address.protocol !== 'https:') {
			resolve(failure('broken', address.protocol));
			return;
		}

		const signal = AbortSignal.timeout(timeoutMilliseconds);
		const settle = (answer: HttpAnswer): void => {
			resolve(signal.aborted ? failure('timeout', `${timeoutMilliseconds} ms`) : answer);
		};

		const {get} = loadProtocol(address.protocol);
		try {
			get(address, {headers: {...headers, Connection: 'close'}, agent: false, signal}, response => {
				const chunks: Buffer[] = [];
				let bytes = 0;
				response.on('data', (chunk: Buffer) => {
					bytes += chunk.length;
					if (bytes > maximumBytes) {
						settle(failure('too-large', `over ${maximumBytes} bytes`));
						response.destroy();
						return;
					}

					chunks.push(chunk);
				});
				response.on('end', () => {
					settle({
						type: 'answer',
						status: response.statusCode ?? 0,
						location: response.headers.location ?? null,
						body: Buffer.concat(chunks).toString(),
					});
				});
				// One that was cut off too.
				response.on('error', error => {
					settle(describe(error));
				});
			}).on('error', error => {
				settle(describe(error));
			});
		} catch (error) {
			resolve(describe(error instanceof Error ? error : new Error(String(error))));
		}
	});
