import {createServer, type IncomingHttpHeaders} from 'node:http';
import type {AddressInfo} from 'node:net';
import {onTestFinished} from 'vitest';

export type RecordedRequest = {
	readonly method: string;
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
	/** Milliseconds of a clock that never goes back. */
	readonly at: number;
};

/** A status, with headers where they matter, or no answer at all. */
export type Answer = number | 'hang' | {readonly status: number; readonly headers: Readonly<Record<string, string>>};

export type RecordingServer = {
	readonly url: string;
	readonly requests: readonly RecordedRequest[];
	/** What is answered next, in this order; 200 when there is nothing. */
	readonly answers: Answer[];
};

/** A real server on this machine that keeps what it was asked, bodies too. It ends with the test. */
export const startRecordingServer = async (...answers: readonly Answer[]): Promise<RecordingServer> => {
	const requests: RecordedRequest[] = [];
	const next: Answer[] = [...answers];
	const server = createServer((request, response) => {
		const chunks: Uint8Array[] = [];
		request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
		request.on('end', () => {
			requests.push({
				method: request.method ?? '',
				path: request.url ?? '',
				headers: request.headers,
				body: Buffer.concat(chunks).toString(),
				at: performance.now(),
			});
			const answer = next.shift() ?? 200;
			if (answer !== 'hang') {
				const {status, headers} = typeof answer === 'number' ? {status: answer, headers: {}} : answer;
				response.writeHead(status, headers).end('{}');
			}
		});
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		requests,
		answers: next,
	};
};
