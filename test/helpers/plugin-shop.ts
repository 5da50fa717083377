import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {onTestFinished} from 'vitest';

export type PluginShop = {
	readonly url: string;
	/** Paths that were asked for, oldest first. */
	readonly asked: () => readonly string[];
};

type Goods = Buffer | string | ((request: IncomingMessage, response: ServerResponse, count: number) => void);

/** A web server of plugins, a repository of them, and a package index. What is not there is not found. */
export const openShop = async (goods: (url: string) => Readonly<Record<string, Goods>>): Promise<PluginShop> => {
	const asked: string[] = [];
	let shelves: Readonly<Record<string, Goods>> = {};
	const server = createServer((request, response) => {
		const path = request.url ?? '';
		asked.push(path);
		const found = shelves[path];
		if (found === undefined) {
			response.writeHead(404).end('not here');
		} else if (typeof found === 'function') {
			found(request, response, asked.filter(each => each === path).length);
		} else {
			response.writeHead(200, {'content-type': typeof found === 'string' ? 'text/html' : 'application/zip'}).end(found);
		}
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	shelves = goods(url);
	return {url, asked: () => asked};
};
