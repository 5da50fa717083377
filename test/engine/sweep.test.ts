import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {systemDisk} from '../../source/engine/disk.js';
import {lockPaths} from '../../source/engine/lock.js';
import {ownIdentity} from '../../source/engine/lock-record.js';
import {sweepAfterCrash} from '../../source/engine/sweep.js';
import {makeTarget} from '../helpers/engine-client.js';
import {makeServerPorts} from '../helpers/server-ports.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

const scene = (identity: Readonly<Record<string, unknown>>) => {
	const root = temporaryDirectory();
	const target = makeTarget(join(root, 'data'), join(root, 'store'));
	mkdirSync(target.instance.dataFolder);
	mkdirSync(target.store);
	const ports = {disk: systemDisk, hostName: 'testhost', server: {...makeServerPorts(root), processFolder: '/proc'}};
	const record = {
		...ownIdentity({hostName: 'testhost', processFolder: '/proc'}),
		job: 'create',
		since: 1,
		nonce: '00',
		...identity,
	};
	const lock = lockPaths(target).store;
	writeFileSync(lock, JSON.stringify(record));
	const partial = join(target.store, '.printkeep-part-0a.zip');
	writeFileSync(partial, 'half');
	return {ports, target, lock, partial};
};

test('after the engine of this process died, its lock and its half-written archive go', () => {
	const {ports, target, lock, partial} = scene({});
	sweepAfterCrash(ports, target);
	expect(existsSync(lock)).toBe(false);
	expect(existsSync(partial)).toBe(false);
});

test.each([
	['another process', {pid: process.pid + 1}],
	['a process of the same number in another container', {pidNamespace: 'pid:[1]'}],
	['a process of the same number on another host', {host: 'other'}],
])('what %s is writing stays', (_, identity) => {
	const {ports, target, lock, partial} = scene(identity);
	sweepAfterCrash(ports, target);
	expect(existsSync(lock)).toBe(true);
	expect(readFileSync(partial, 'utf8')).toBe('half');
});
