import {expect, test} from 'vitest';
import {request} from '../../source/servers/http.js';
import {fakeServer} from '../helpers/fake-server.js';

const options = {headers: {'X-Api-Key': 'SECRET'}, timeoutMilliseconds: 2000, maximumBytes: 1000};

test('asks by GET with the headers and gives status and body', async () => {
	const server = await fakeServer(() => ({status: 409, body: 'not now'}));
	expect(await request(`${server.url}/api?x=1`, options)).toEqual({
		type: 'answer',
		status: 409,
		location: null,
		body: 'not now',
	});
	expect(server.asked).toMatchObject([{url: '/api?x=1', method: 'GET', headers: {'x-api-key': 'SECRET'}}]);
});

test('follows no redirection, so that a key goes nowhere else', async () => {
	const other = await fakeServer(() => ({body: 'thief'}));
	const server = await fakeServer(() => ({status: 302, headers: {Location: `${other.url}/`}}));
	expect(await request(server.url, options)).toMatchObject({status: 302, location: `${other.url}/`});
	expect(other.asked).toEqual([]);
});

test('gives up after its time, however slowly something keeps coming', async () => {
	const silent = await fakeServer(() => undefined);
	const trickling = await fakeServer((_path, response) => {
		response.writeHead(200);
		const timer = setInterval(() => response.write('x'), 20);
		response.on('close', () => clearInterval(timer));
		return undefined;
	});
	for (const {url} of [silent, trickling]) {
		const start = performance.now();
		expect(await request(url, {...options, timeoutMilliseconds: 150})).toMatchObject({
			type: 'failure',
			reason: 'timeout',
		});
		expect(performance.now() - start).toBeLessThan(1500);
	}
});

test('reads no more than it was told to', async () => {
	const server = await fakeServer(() => ({body: 'x'.repeat(1001)}));
	expect(await request(server.url, options)).toMatchObject({type: 'failure', reason: 'too-large'});
	const exact = await fakeServer(() => ({body: 'x'.repeat(1000)}));
	expect(await request(exact.url, options)).toMatchObject({type: 'answer', status: 200});
});

test('tells a closed port, a cut answer and what is no address apart, and never throws', async () => {
	const cut = await fakeServer((_path, response) => {
		response.writeHead(200, {'Content-Length': '50'});
		response.write('half', () => response.destroy());
		return undefined;
	});
	expect(await request(cut.url, options)).toMatchObject({type: 'failure', reason: 'broken'});
	// Port 1 is one nobody listens on.
	expect(await request('http://127.0.0.1:1/', options)).toMatchObject({type: 'failure', reason: 'refused'});
	for (const url of ['nothing', 'file:///etc/passwd', 'http://', 'ftp://127.0.0.1/']) {
		expect(await request(url, options)).toMatchObject({type: 'failure', reason: 'broken'});
	}

	expect(await request(cut.url, {...options, headers: {'X-Api-Key': 'a\nb'}})).toMatchObject({type: 'failure'});
});
