import {createHash} from 'node:crypto';
import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {type AddressInfo, createServer as createSocketServer} from 'node:net';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {type DownloadOptions, download, downloadPatiently} from '../../source/servers/download.js';
import {isLoopback, withoutCredentials} from '../../source/servers/download-address.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';

type Handle = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A real server; how often it was asked for each path is counted. */
const serve = async (handle: Handle): Promise<{readonly url: string; readonly asked: () => readonly string[]}> => {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		const path = request.url ?? '';
		asked.push(path);
		handle(request, response, asked.filter(each => each === path).length);
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked};
};

const optionsFor = (url: string, more: Partial<DownloadOptions> = {}): DownloadOptions => ({
	url,
	file: join(temporaryDirectory(), 'file'),
	maximumBytes: 100_000,
	stallMilliseconds: 10_000,
	totalMilliseconds: 20_000,
	plainHosts: [],
	environment: {},
	signal: new AbortController().signal,
	...more,
});

const content = Buffer.from('a plugin\n'.repeat(1000));

describe('a download', () => {
	test('has every byte, and is private', async () => {
		const {url} = await serve((_request, response) => response.end(content));
		const options = optionsFor(`${url}/x.zip`);
		expect(await download(options)).toEqual({
			type: 'done',
			bytes: content.length,
			sha256: createHash('sha256').update(content).digest('hex'),
			address: `${url}/x.zip`,
		});
		expect(readFileSync(options.file)).toEqual(content);
		expect(statSync(options.file).mode & 0o777).toBe(0o600);
	});

	test('never replaces a file', async () => {
		const {url} = await serve((_request, response) => response.end(content));
		const options = optionsFor(url);
		writeFileSync(options.file, 'mine');
		await expect(download(options)).rejects.toMatchObject({code: 'EEXIST'});
	});

	test('follows redirections, also relative ones, but not for ever', async () => {
		const {url, asked} = await serve((request, response) => {
			const step = Number(request.url?.slice(1));
			if (step === 5) {
				response.end(content);
			} else {
				response.writeHead(302, {location: step === 100 ? '/100' : String(step + 1)}).end();
			}
		});
		expect(await download(optionsFor(`${url}/0`))).toMatchObject({type: 'done', address: `${url}/5`});
		expect(asked()).toHaveLength(6);
		const options = optionsFor(`${url}/100`);
		expect(await downloadPatiently(options, [1, 1])).toMatchObject({
			result: {type: 'failure', reason: 'redirections'},
			tries: 1,
		});
		expect(asked()).toHaveLength(12);
		expect(existsSync(options.file)).toBe(false);
	});

	test.each([
		['the length says so', {'content-length': '200000'}],
		['it goes on and on', {}],
	])('that is too large is refused: %s', async (_how, headers) => {
		const {url} = await serve((_request, response) => {
			response.writeHead(200, headers);
			const more = (): void => {
				while (response.write(content)) {
					// Until the pipe is full.
				}
			};
			response.on('drain', more);
			response.on('error', () => undefined);
			more();
		});
		const options = optionsFor(url);
		expect(await download(options)).toMatchObject({type: 'failure', reason: 'too-large', mayPass: false});
		expect(existsSync(options.file)).toBe(false);
	});

	test('that is cut off is none', async () => {
		const {url} = await serve((_request, response) => {
			response.writeHead(200, {'content-length': String(content.length)});
			response.write(content.subarray(0, 100), () => response.destroy());
		});
		const options = optionsFor(url);
		expect(await download(options)).toMatchObject({
			type: 'failure',
			reason: 'broken',
			why: 'the connection was cut',
			mayPass: true,
		});
		expect(existsSync(options.file)).toBe(false);
	});

	test('that stalls is given up: before its answer, and in it', async () => {
		const {url} = await serve((request, response) => {
			if (request.url === '/half') {
				response.writeHead(200, {'content-length': String(content.length)});
				response.write(content.subarray(0, 100));
			}
		});
		for (const path of ['/never', '/half']) {
			const options = optionsFor(url + path, {stallMilliseconds: 100});
			expect(await download(options), path).toMatchObject({type: 'failure', reason: 'timeout', mayPass: true});
			expect(existsSync(options.file)).toBe(false);
		}
	});

	test('that trickles is given up as a whole', async () => {
		const {url} = await serve((_request, response) => {
			const timer = setInterval(() => response.write('x'), 20);
			response.on('close', () => {
				clearInterval(timer);
			});
		});
		const options = optionsFor(url, {totalMilliseconds: 300});
		expect(await download(options)).toMatchObject({type: 'failure', reason: 'timeout', mayPass: false});
		expect(existsSync(options.file)).toBe(false);
	});

	test('can be cancelled', async () => {
		const controller = new AbortController();
		const {url, asked} = await serve(() => undefined);
		const options = optionsFor(url, {signal: controller.signal});
		const running = downloadPatiently(options, [1, 1]);
		await waitFor('the server to be asked', () => asked().length === 1);
		controller.abort();
		expect(await running).toMatchObject({result: {type: 'failure', reason: 'cancelled'}, tries: 1});
	});

	test('where nothing answers, or no HTTP', async () => {
		const server = createSocketServer(socket => {
			socket.on('error', () => undefined).resume();
			socket.end('SSH-2.0-OpenSSH_9.2\r\n');
		});
		await new Promise<void>(resolve => {
			server.listen(0, '127.0.0.1', resolve);
		});
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
		expect(await download(optionsFor(url))).toMatchObject({type: 'failure', reason: 'broken'});
		await new Promise(resolve => {
			server.close(resolve);
		});
		expect(await download(optionsFor(url))).toMatchObject({reason: 'broken', why: 'nothing answers there'});
		expect(await download(optionsFor('not an address'))).toMatchObject({reason: 'broken', mayPass: false});
	});
});

describe('trying again', () => {
	test('helps where a server has trouble for a moment', async () => {
		const {url, asked} = await serve((_request, response, count) => {
			if (count < 3) {
				response.writeHead(count === 1 ? 500 : 429, {'retry-after': '0'}).end('no');
			} else {
				response.end(content);
			}
		});
		const options = optionsFor(`${url}/x`);
		expect(await downloadPatiently(options, [1, 1])).toMatchObject({result: {type: 'done'}, tries: 3});
		expect(asked()).toHaveLength(3);
		expect(readFileSync(options.file)).toEqual(content);
	});

	test('ends after the last pause', async () => {
		const {url, asked} = await serve((_request, response) => response.writeHead(503).end());
		expect(await downloadPatiently(optionsFor(url), [1, 1])).toMatchObject({
			result: {type: 'failure', reason: 'status', why: 'the server answered with 503'},
			tries: 3,
		});
		expect(asked()).toHaveLength(3);
	});

	test.each([
		[404, 'missing'],
		[410, 'missing'],
		[403, 'status'],
	])('is of no use after %i', async (status, reason) => {
		const {url, asked} = await serve((_request, response) => response.writeHead(status).end('nothing here'));
		expect(await downloadPatiently(optionsFor(url), [1, 1])).toMatchObject({
			result: {type: 'failure', reason},
			tries: 1,
		});
		expect(asked()).toHaveLength(1);
	});
});

describe('without encryption', () => {
	const broken = {type: 'failure', reason: 'unsafe', mayPass: false};

	test('only hosts that were named are asked', async () => {
		const {url: proxy, asked} = await serve((_request, response) => response.end(content));
		const environment = {http_proxy: proxy};
		const address = 'http://printers.example/x.zip';
		expect(await download(optionsFor(address, {environment}))).toMatchObject(broken);
		expect(await download(optionsFor(address, {environment, plainHosts: ['other.example']}))).toMatchObject(broken);
		expect(asked()).toEqual([]);
		for (const plainHosts of ['any', ['printers.example']] as const) {
			// The request goes where the person's proxy is, which is asked for the whole address.
			expect(await download(optionsFor(address, {environment, plainHosts}))).toMatchObject({type: 'done', address});
		}

		expect(asked()).toEqual([address, address]);
	});

	test('nobody else sends us to this machine', async () => {
		const {url: own, asked} = await serve((_request, response) => response.end(content));
		const {url: proxy} = await serve((_request, response) => response.writeHead(302, {location: own}).end());
		const environment = {http_proxy: proxy, no_proxy: '127.0.0.1'};
		expect(await download(optionsFor('http://printers.example/', {environment, plainHosts: 'any'}))).toMatchObject({
			...broken,
			why: 'printers.example sends us to this machine itself',
		});
		expect(asked()).toEqual([]);
	});

	test.each(['file:///etc/passwd', 'ftp://printers.example/x', 'data:text/plain,x'])('%s is no way', async url => {
		expect(await download(optionsFor(url, {plainHosts: 'any'}))).toMatchObject(broken);
	});
});

test('this machine is known by its names and addresses', () => {
	for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.3.2.1', '[::1]', 'a.localhost']) {
		expect(isLoopback(host), host).toBe(true);
	}

	for (const host of ['localhost.example', '127.0.0.1.example', '128.0.0.1', '[::2]', '']) {
		expect(isLoopback(host), host).toBe(false);
	}
});

test('addresses are shown without their passwords', () => {
	expect(withoutCredentials('https://me:secret@printers.example/x?y')).toBe('https://printers.example/x?y');
	expect(withoutCredentials('nothing')).toBe('nothing');
});
