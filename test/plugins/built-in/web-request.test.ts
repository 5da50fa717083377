/** What built-in plugins send over the network, against real servers. */
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:https';
import {type AddressInfo, createServer as createPlainServer} from 'node:net';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {sendRequest} from '../../../source/plugins/built-in/shared/web-request.js';
import {sendWithRetries} from '../../../source/plugins/built-in/shared/with-retries.js';
import {startRecordingServer} from '../../helpers/recording-server.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const wanted = (url: string, signal = new AbortController().signal) =>
	({url, method: 'POST', body: 'Würfel', timeoutMilliseconds: 5000, signal}) as const;

test('sends what it is given, once', async () => {
	const {url, requests} = await startRecordingServer(204);
	expect(await sendRequest({...wanted(`${url}/a?b=c`), headers: {'X-Own': 'yes'}})).toEqual({type: 'ok'});
	expect(requests).toMatchObject([
		{method: 'POST', path: '/a?b=c', body: 'Würfel', headers: {'x-own': 'yes', 'content-length': '7'}},
	]);
});

test.each([
	[400, true],
	[401, true],
	[404, true],
	[301, true],
	[307, true],
	[408, false],
	[429, false],
	[500, false],
	[503, false],
])('an answer of %i lasts: %s', async (status, isLasting) => {
	const {url, requests} = await startRecordingServer(status);
	expect(await sendRequest(wanted(url))).toMatchObject({
		type: 'failed',
		isLasting,
		why: expect.stringContaining(String(status)),
	});
	expect(requests).toHaveLength(1);
});

test('a server that is not there, says nothing, breaks off or is no server at all', async () => {
	const {url} = await startRecordingServer('hang');
	expect(await sendRequest({...wanted(url), timeoutMilliseconds: 200})).toEqual({
		type: 'failed',
		why: 'it did not answer within 0.2 s',
		isLasting: false,
	});

	const server = createPlainServer(socket => socket.destroy());
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const port = (server.address() as AddressInfo).port;
	expect(await sendRequest(wanted(`http://127.0.0.1:${port}`))).toMatchObject({
		why: 'the connection broke',
		isLasting: false,
	});
	await new Promise(resolve => {
		server.close(resolve);
	});
	expect(await sendRequest(wanted(`http://127.0.0.1:${port}`))).toMatchObject({
		why: 'nobody answers there',
		isLasting: false,
	});
	expect(await sendRequest(wanted('ftp://127.0.0.1/'))).toMatchObject({isLasting: true});
	expect(await sendRequest(wanted('nowhere'))).toMatchObject({why: 'its address is none', isLasting: true});
	expect(await sendRequest({...wanted(url), headers: {'X-Own': 'two\nlines'}})).toMatchObject({type: 'failed'});
});

test('an answer without end is taken as one, and not read', async () => {
	const server = createPlainServer(socket => {
		socket.on('error', () => undefined);
		socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
		const more = (): void => {
			while (!socket.destroyed && socket.write(`2710\r\n${'x'.repeat(10_000)}\r\n`)) {
				// As much as the system takes.
			}
		};
		socket.on('drain', more);
		more();
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	onTestFinished(() => {
		server.close();
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	expect(await sendRequest({...wanted(url), timeoutMilliseconds: 20_000})).toEqual({type: 'ok'});
});

test('a certificate nobody vouches for is refused, whatever the environment says', async () => {
	const root = temporaryDirectory();
	const [key, cert] = [join(root, 'key.pem'), join(root, 'cert.pem')];
	const made = spawnSync('openssl', [
		...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
		...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
	]);
	expect(made.status, String(made.stderr)).toBe(0);
	let asked = 0;
	const server = createServer({key: readFileSync(key), cert: readFileSync(cert)}, (_request, response) => {
		asked++;
		response.end();
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
	process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
	onTestFinished(() => {
		if (before === undefined) {
			delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
		} else {
			process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
		}

		server.close();
	});
	expect(await sendRequest(wanted(`https://localhost:${(server.address() as AddressInfo).port}`))).toMatchObject({
		type: 'failed',
		why: expect.stringContaining('its certificate cannot be trusted'),
		isLasting: true,
	});
	expect(asked).toBe(0);
});

test('trying again ends with its time, and at once when it is given up', async () => {
	const {url, requests} = await startRecordingServer(500, 500, 500, 500);
	expect(await sendWithRetries(wanted(url), 2000)).toMatchObject({why: 'it answered with 500'});
	expect(requests).toHaveLength(2);

	const controller = new AbortController();
	const given = sendWithRetries(wanted(url, controller.signal), 60_000);
	controller.abort();
	expect(await given).toMatchObject({type: 'failed', why: 'it was given up'});
});
