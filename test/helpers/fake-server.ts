import {createServer, type IncomingHttpHeaders, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {onTestFinished} from 'vitest';

export type Asked = {readonly url: string; readonly method: string; readonly headers: IncomingHttpHeaders};

export type FakeServer = {
	readonly port: number;
	/** Without a slash at its end. */
	readonly url: string;
	readonly asked: readonly Asked[];
};

type Answer = {
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: unknown;
};

/** A real server on the loopback that answers as a test says, and keeps what it was asked. It ends with the test. */
export const fakeServer = async (
	answer: (path: string, response: ServerResponse) => Answer | undefined,
	host = '127.0.0.1',
): Promise<FakeServer> => {
	const asked: Asked[] = [];
	const server = createServer((incoming, response) => {
		const {url = '', method = '', headers} = incoming;
		asked.push({url, method, headers});
		const given = answer(url.split('?')[0] ?? '', response);
		if (given) {
			response.writeHead(given.status ?? 200, {'Content-Type': 'application/json', ...given.headers});
			response.end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body ?? {}));
		}
	});
	await new Promise<void>(resolve => {
		server.listen(0, host, resolve);
	});
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	return {port, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, asked};
};
