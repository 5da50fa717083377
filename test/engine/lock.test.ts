import {type ChildProcess, spawn} from 'node:child_process';
import {
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {jobTypes} from '../../source/client/protocol.js';
import {systemClock} from '../../source/clock.js';
import {type Disk, systemDisk} from '../../source/engine/disk.js';
import {acquireLock, isStaleLock, type LockOptions, lockPaths, readHolder} from '../../source/engine/lock.js';
import {lockMark, maximumMarkBytes, parseLockMark} from '../../source/engine/lock-mark.js';
import {isProvenDead, type LockRecord, ownIdentity, readStartTicks} from '../../source/engine/lock-record.js';
import {withMutex} from '../../source/engine/mutex.js';
import {makeTarget} from '../helpers/engine-client.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

let counter = 0;
const options: LockOptions = {
	disk: systemDisk,
	clock: systemClock,
	hostName: hostname(),
	job: 'restore',
	randomHex: bytes => (++counter).toString(16).padStart(bytes * 2, '0'),
};
const withoutLinks: Disk = {
	...systemDisk,
	link() {
		throw Object.assign(new Error('EPERM'), {code: 'EPERM', syscall: 'link'});
	},
};
/** Takes no byte more; what needs no room can be made. */
const fullDisk: Disk = {
	...systemDisk,
	write() {
		throw Object.assign(new Error('ENOSPC'), {code: 'ENOSPC', syscall: 'write'});
	},
};
const here = {hostName: hostname(), processFolder: '/proc'};

const record = (changes: Partial<LockRecord> = {}): LockRecord => ({
	...ownIdentity(here),
	job: 'create',
	since: 1_700_000_000_000,
	nonce: 'abcabcabcabcabca',
	...changes,
});

/** A process that is surely running until the test ends. */
const startProcess = async (): Promise<ChildProcess & {readonly pid: number}> => {
	const child = spawn('sleep', ['600']);
	onTestFinished(() => {
		child.kill('SIGKILL');
	});
	await new Promise(resolve => {
		child.once('spawn', resolve);
	});
	return child as ChildProcess & {readonly pid: number};
};

describe('taking and giving back', () => {
	test('one at a time; the second is told who holds it', async () => {
		const path = join(temporaryDirectory(), '.printkeep.lock');
		const lock = await acquireLock({...options, paths: [path]});
		expect(statSync(path).mode & 0o777).toBe(0o600);
		expect(readHolder(path, here)).toMatchObject({pid: process.pid, host: hostname(), job: 'restore'});
		await expect(acquireLock({...options, paths: [path]})).rejects.toMatchObject({
			code: 'busy',
			message: expect.stringContaining(`process ${process.pid} on ${hostname()} runs a restore since 2`),
		});
		lock.release();
		lock.release();
		expect(readHolder(path, here)).toBeNull();
		expect(readdirSync(join(path, '..'))).toEqual([]);
		(await acquireLock({...options, paths: [path]})).release();
	});

	test('of many that want it at once, exactly one gets it', async () => {
		const path = join(temporaryDirectory(), 'lock');
		for (const isStale of [false, true]) {
			if (isStale) {
				writeFileSync(path, JSON.stringify(record({pid: 4_000_000, startTicks: '1'})));
			}

			const results = await Promise.allSettled(
				Array.from({length: 20}, async () => acquireLock({...options, paths: [path]})),
			);
			const won = results.filter(result => result.status === 'fulfilled');
			expect(won).toHaveLength(1);
			for (const {value} of won) {
				value.release();
			}
		}
	});

	test('releasing never removes the lock of somebody else', async () => {
		const path = join(temporaryDirectory(), 'lock');
		const lock = await acquireLock({...options, paths: [path]});
		writeFileSync(path, JSON.stringify(record({nonce: 'another'})));
		lock.release();
		expect(readHolder(path, here)).not.toBeNull();
	});

	test('the next place is used where the first cannot be written, and both count', async () => {
		const root = temporaryDirectory();
		const first = join(root, 'missing/lock');
		const second = join(root, 'lock');
		const lock = await acquireLock({...options, paths: [first, second]});
		expect(lock.path).toBe(second);
		mkdirSync(join(root, 'missing'));
		await expect(acquireLock({...options, paths: [first, second]})).rejects.toMatchObject({code: 'busy'});
		lock.release();
		await expect(acquireLock({...options, paths: [join(root, 'no/a'), join(root, 'no/b')]})).rejects.toMatchObject({
			name: 'PrintkeepError',
		});
	});

	test('a file system without hard links', async () => {
		const path = join(temporaryDirectory(), 'lock');
		const lock = await acquireLock({...options, disk: withoutLinks, paths: [path]});
		await expect(acquireLock({...options, disk: withoutLinks, paths: [path]})).rejects.toMatchObject({code: 'busy'});
		lock.release();
		expect(readdirSync(join(path, '..'))).toEqual([]);
	});

	test('a disk on which not even a link can be made leaves nothing behind', async () => {
		const path = join(temporaryDirectory(), 'lock');
		const disk: Disk = {
			...fullDisk,
			symlink() {
				throw Object.assign(new Error('ENOSPC'), {code: 'ENOSPC', syscall: 'symlink'});
			},
		};
		await expect(acquireLock({...options, disk, paths: [path]})).rejects.toMatchObject({code: 'no-space'});
		expect(readdirSync(join(path, '..'))).toEqual([]);
	});
});

describe('on a disk with nothing free a link is the lock', () => {
	test('one at a time, whoever comes first', async () => {
		const path = join(temporaryDirectory(), '.printkeep.lock');
		const lock = await acquireLock({...options, disk: fullDisk, paths: [path]});
		expect([lstatSync(path).isSymbolicLink(), readdirSync(join(path, '..'))]).toEqual([true, ['.printkeep.lock']]);
		expect(readHolder(path, here)).toEqual({pid: process.pid, host: hostname(), job: 'restore', since: 0});
		for (const disk of [fullDisk, systemDisk, withoutLinks]) {
			await expect(acquireLock({...options, disk, paths: [path]})).rejects.toMatchObject({
				code: 'busy',
				message: `Another printkeep is at work here: process ${process.pid} on ${hostname()} runs a restore.`,
			});
		}

		lock.release();
		expect(readdirSync(join(path, '..'))).toEqual([]);
		const file = await acquireLock({...options, paths: [path]});
		await expect(acquireLock({...options, disk: fullDisk, paths: [path]})).rejects.toMatchObject({code: 'busy'});
		file.release();
	});

	test('of many that want it at once, exactly one gets it, also in the place of a dead one', async () => {
		const path = join(temporaryDirectory(), 'lock');
		for (const stale of [null, lockMark(record({pid: 4_000_000, startTicks: '1', nonce: 'abcdef0123456789'}))]) {
			if (stale !== null) {
				symlinkSync(stale, path);
				expect(isStaleLock(path, here)).toBe(true);
			}

			const results = await Promise.allSettled(
				Array.from({length: 20}, async (_, index) =>
					acquireLock({...options, disk: index % 2 === 0 ? fullDisk : systemDisk, paths: [path]}),
				),
			);
			const won = results.filter(result => result.status === 'fulfilled');
			expect(won).toHaveLength(1);
			won[0]?.value.release();
			expect(readdirSync(join(path, '..'))).toEqual([]);
		}
	});

	test('it says what the record says, in what a link itself can hold', () => {
		const longest = record({
			pid: 4_194_304,
			startTicks: String(2n ** 40n),
			pidNamespace: `pid:[${2 ** 32 - 1}]`,
			nonce: 'f'.repeat(16),
		});
		for (const job of jobTypes) {
			const mark = lockMark({...longest, job});
			expect(Buffer.byteLength(mark)).toBeLessThanOrEqual(maximumMarkBytes);
			expect(parseLockMark(mark, ownIdentity(here))).toEqual({...longest, job, since: 0});
		}

		const bare = record({startTicks: null, pidNamespace: null, bootId: null, nonce: '0'.repeat(16)});
		expect(parseLockMark(lockMark(bare), ownIdentity(here))).toEqual({...bare, since: 0});
	});

	test.each(['lock.elsewhere', 'nowhere', 'pk1.', '/proc/self/mem'])(
		'a link to %s is nobody’s lock, and stays',
		async to => {
			const path = join(temporaryDirectory(), 'lock');
			writeFileSync(`${path}.elsewhere`, JSON.stringify(record({pid: 4_000_000})));
			symlinkSync(to, path);
			expect([readHolder(path, here), isStaleLock(path, here)]).toEqual([null, false]);
			for (const disk of [systemDisk, fullDisk]) {
				await expect(acquireLock({...options, disk, paths: [path]})).rejects.toMatchObject({
					code: 'failed',
					message: expect.stringContaining('is a link that printkeep has not made'),
				});
			}

			expect(readlinkSync(path)).toBe(to);
		},
	);
});

describe('stale locks', () => {
	const isTaken = async (holder: LockRecord | string): Promise<boolean> => {
		const asFile = await isTakenAs(path => {
			writeFileSync(path, typeof holder === 'string' ? holder : JSON.stringify(holder));
		});
		if (typeof holder !== 'string') {
			const asLink = await isTakenAs(path => {
				symlinkSync(lockMark(holder), path);
			});
			expect(asLink).toBe(asFile);
		}

		return asFile;
	};

	const isTakenAs = async (make: (path: string) => void): Promise<boolean> => {
		const path = join(temporaryDirectory(), 'lock');
		make(path);
		const stale = isStaleLock(path, here);
		try {
			(await acquireLock({...options, paths: [path]})).release();
			expect(stale).toBe(true);
			return true;
		} catch (error) {
			expect(error).toMatchObject({code: 'busy'});
			expect(stale).toBe(false);
			return false;
		}
	};

	test('a process that lives keeps its lock; killed, it loses it', async () => {
		const child = await startProcess();
		const holder = record({pid: child.pid, startTicks: readStartTicks('/proc', child.pid)});
		expect(await isTaken(holder)).toBe(false);
		await new Promise(resolve => {
			child.once('exit', resolve);
			child.kill('SIGKILL');
		});
		expect(await isTaken(holder)).toBe(true);
	});

	test('another process that has got the number', async () => {
		const child = await startProcess();
		expect(await isTaken(record({pid: child.pid, startTicks: '17'}))).toBe(true);
	});

	test('a restart of the machine', async () => {
		expect(await isTaken(record({bootId: '00000000-0000-0000-0000-000000000000'}))).toBe(true);
	});

	test('never another host, another machine of the same name, another container', async () => {
		expect(await isTaken(record({host: 'elsewhere', pid: 4_000_000}))).toBe(false);
		expect(await isTaken(record({machineId: 'f00', bootId: 'x', pid: 4_000_000}))).toBe(false);
		expect(await isTaken(record({pidNamespace: 'pid:[1]', pid: 4_000_000}))).toBe(false);
	});

	test('a clock that jumped says nothing about a holder', async () => {
		for (const since of [0, Date.UTC(1970, 0, 2), Date.UTC(2099, 0, 1)]) {
			expect(await isTaken(record({since}))).toBe(false);
			expect(await isTaken(record({since, pid: 4_000_000}))).toBe(true);
		}
	});

	test.each([
		['hard links', systemDisk],
		['none', withoutLinks],
	])('someone who took it over in the meantime keeps it, with %s', async (_name, base) => {
		const path = join(temporaryDirectory(), 'lock');
		writeFileSync(path, JSON.stringify(record({pid: 4_000_000})));
		const other = JSON.stringify(record({nonce: 'feed'}));
		const disk: Disk = {
			...base,
			create(file, mode) {
				// Another process, in another network namespace, was faster.
				rmSync(path);
				writeFileSync(path, other);
				return base.create(file, mode);
			},
		};
		await expect(acquireLock({...options, disk, paths: [path]})).rejects.toMatchObject({code: 'busy'});
		expect([readFileSync(path, 'utf8'), readdirSync(join(path, '..'))]).toEqual([other, ['lock']]);
	});

	test('a file that says nothing', async () => {
		for (const text of ['', '{', '[]', '{"pid": -1}', '\0\0\0\0']) {
			expect(await isTaken(text)).toBe(true);
		}
	});

	test('without /proc only the number counts', () => {
		const self = {...ownIdentity({hostName: 'h', processFolder: '/nowhere'}), machineId: null};
		const holder = {...record(), ...self};
		expect(isProvenDead(holder, self, '/nowhere')).toBe(false);
		expect(isProvenDead({...holder, pid: 4_000_000}, self, '/nowhere')).toBe(true);
	});

	test('the start of a process whose name has brackets and blanks', () => {
		const root = temporaryDirectory();
		mkdirSync(join(root, '7'));
		writeFileSync(
			join(root, '7/stat'),
			`7 (a ) b (c) S ${Array.from({length: 18}, (_, index) => index).join(' ')} 4711 99`,
		);
		expect(readStartTicks(root, 7)).toBe('4711');
		expect(readStartTicks(root, 8)).toBeNull();
	});
});

test('a mutex lets one in at a time', async () => {
	const subject = temporaryDirectory();
	let inside = 0;
	let most = 0;
	await Promise.all(
		Array.from({length: 8}, async () =>
			withMutex(subject, async () => {
				inside++;
				most = Math.max(most, inside);
				await new Promise(resolve => {
					setImmediate(resolve);
				});
				inside--;
			}),
		),
	);
	expect(most).toBe(1);
});

test('locks of a target follow links, so that two names of one folder are one lock', () => {
	const root = temporaryDirectory();
	mkdirSync(join(root, 'data'));
	mkdirSync(join(root, 'store'));
	symlinkSync(join(root, 'data'), join(root, 'link'));
	const direct = lockPaths(makeTarget(join(root, 'data'), join(root, 'store')));
	expect(direct).toEqual({
		store: join(root, 'store/.printkeep.lock'),
		instance: [join(root, '.printkeep-data.lock'), join(root, 'data/.printkeep.lock')],
	});
	expect(lockPaths(makeTarget(join(root, 'link'), join(root, 'store')))).toEqual(direct);
});

test('the record holds what is needed to prove a holder dead', async () => {
	const path = join(temporaryDirectory(), 'lock');
	const lock = await acquireLock({...options, paths: [path]});
	expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
		pid: process.pid,
		startTicks: readStartTicks('/proc', process.pid),
		bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
		job: 'restore',
	});
	lock.release();
});
