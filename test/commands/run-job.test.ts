import {EventEmitter} from 'node:events';
import {expect, test} from 'vitest';
import type {Client} from '../../source/client/client.js';
import type {EngineEvent, JobRequest} from '../../source/client/protocol.js';
import {runJob} from '../../source/commands/run-job.js';
import {listenForSignals} from '../../source/commands/signals.js';
import {makeTarget} from '../helpers/engine-client.js';

const request: Extract<JobRequest, {type: 'undo'}> = {type: 'undo', target: makeTarget('/nowhere', '/nowhere/store')};

/** A client that starts a job when the test says so. */
const slowClient = () => {
	const asked: string[] = [];
	const {promise: reply, resolve: start} = Promise.withResolvers<{jobId: string}>();
	let listener: (event: EngineEvent) => void = () => undefined;
	const client = {
		async request(method: string) {
			asked.push(method);
			if (method === 'job.start') {
				return reply;
			}

			listener({
				type: 'job-finished',
				jobId: 'one',
				job: 'undo',
				outcome: 'cancelled',
				result: null,
				error: {code: 'cancelled', message: 'The job was cancelled.', hint: '', detail: ''},
				durationMilliseconds: 1,
				at: 1,
			});
			return undefined;
		},
		subscribe(added: typeof listener) {
			listener = added;
			return () => undefined;
		},
		close: async () => undefined,
	} as unknown as Client;
	return {client, asked, start: () => start({jobId: 'one'})};
};

test('a job is not begun once a signal ends the command: it would be cut off in the middle', async () => {
	const source = new EventEmitter();
	const signals = listenForSignals(source);
	source.emit('SIGTERM');
	const {client, asked} = slowClient();
	await expect(runJob(client, request, {print: () => undefined, signals})).rejects.toMatchObject({code: 'cancelled'});
	expect(asked).toEqual([]);
});

test('a signal that comes while a job waits for its locks cancels it, and its end is waited for', async () => {
	const source = new EventEmitter();
	const signals = listenForSignals(source);
	const {client, asked, start} = slowClient();
	const ran = runJob(client, request, {print: () => undefined, signals}).then(
		() => 'done',
		(error: unknown) => error,
	);
	source.emit('SIGTERM');
	expect(await Promise.race([signals.ended, Promise.resolve('pending')])).toBe('pending');
	start();
	expect(await ran).toMatchObject({code: 'cancelled'});
	expect(asked).toEqual(['job.start', 'job.cancel']);
	expect(await signals.ended).toBe(143);
});

test('the end of a job that a plugin asked for is not taken for its own, before and after it has begun', async () => {
	const {promise: reply, resolve: start} = Promise.withResolvers<{jobId: string}>();
	let listener: (event: EngineEvent) => void = () => undefined;
	const client = {
		request: async () => reply,
		subscribe(added: typeof listener) {
			listener = added;
			return () => undefined;
		},
	} as unknown as Client;
	const end = (jobId: string, message: string): EngineEvent => ({
		type: 'job-finished',
		jobId,
		job: 'undo',
		outcome: 'failed',
		result: null,
		error: {code: 'failed', message, hint: ''},
		durationMilliseconds: 1,
		at: 1,
	});
	const printed: string[] = [];
	const ran = runJob(client, request, {
		print: event => 'jobId' in event && printed.push(event.jobId),
		signals: listenForSignals(new EventEmitter()),
	}).catch((error: Error) => error.message);
	listener(end('other', 'not this'));
	start({jobId: 'own'});
	await new Promise(setImmediate);
	listener(end('another', 'nor this'));
	listener(end('own', 'this'));
	expect(await ran).toBe('this');
	expect(printed).toEqual(['other', 'own']);
});
