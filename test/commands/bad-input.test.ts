import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import type {Harness} from './harness.js';
import {createHarness, resultOf} from './harness.js';

let machine: Harness;
/** A small tmpfs, where this user may mount one. */
let smallDisk: string | undefined;

/** A ZIP with one stored file, as another program would make it. */
const foreignZip = (name: string, content: string): Buffer => {
	const nameBytes = Buffer.from(name);
	const contentBytes = Buffer.from(content);
	const common = Buffer.alloc(26);
	common.writeUInt16LE(20, 0);
	common.writeUInt32LE(crc32(contentBytes), 10);
	common.writeUInt32LE(contentBytes.length, 14);
	common.writeUInt32LE(contentBytes.length, 18);
	common.writeUInt16LE(nameBytes.length, 22);
	const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, nameBytes, contentBytes]);
	const central = Buffer.concat([
		Buffer.from('PK\u0001\u0002'),
		Buffer.from([20, 3]),
		common,
		Buffer.alloc(14),
		nameBytes,
	]);
	const end = Buffer.alloc(22);
	end.write('PK\u0005\u0006', 'latin1');
	end.writeUInt16LE(1, 8);
	end.writeUInt16LE(1, 10);
	end.writeUInt32LE(central.length, 12);
	end.writeUInt32LE(local.length, 16);
	return Buffer.concat([local, central, end]);
};

const crc32 = (bytes: Buffer): number => {
	let crc = ~0;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) {
			crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
		}
	}

	return ~crc >>> 0;
};

beforeAll(async () => {
	machine = await createHarness();
	const {folder} = machine;
	expect((await machine.run(['backup', '--name', 'good.zip'])).code).toBe(0);
	cpSync(join(machine.store, 'good.zip'), join(folder, 'truncated.zip'));
	truncateSync(join(folder, 'truncated.zip'), 20_000);
	const rotten = readFileSync(join(machine.store, 'good.zip'));
	// Always in the same byte of the same member: what is told depends on what the bit does to it.
	const name = 'basedir/config.yaml';
	const nameAt = rotten.indexOf(name);
	const bitAt = nameAt + name.length + rotten.readUInt16LE(nameAt - 2) + 8;
	rotten.writeUInt8(rotten.readUInt8(bitAt) ^ 1, bitAt);
	writeFileSync(join(folder, 'rotten.zip'), rotten);
	writeFileSync(join(folder, 'text.zip'), 'this is no archive\n');
	writeFileSync(join(folder, 'other-server.zip'), foreignZip('bambuddy.db', 'SQLite format 3\0'));
	writeFileSync(join(folder, 'file'), '');
	mkdirSync(join(folder, 'empty'));
	if (process.getuid?.() === 0) {
		const disk = join(folder, 'small-disk');
		mkdirSync(disk);
		try {
			execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=100k', 'tmpfs', disk], {stdio: 'ignore'});
			smallDisk = disk;
		} catch {
			// A container may not allow it; then that one case is left out.
			rmSync(disk, {recursive: true});
		}
	}
});

afterAll(() => {
	if (smallDisk !== undefined) {
		execFileSync('umount', [smallDisk]);
	}

	machine.remove();
});

/** What must be the same after a refused command: the instance and the store. */
const state = () => [
	// A lock comes and goes in the folder, which changes the folder's own time.
	digestTree(machine.dataFolder, {folderTimes: false}),
	digestTree(machine.store, {folderTimes: false}),
];

type Case = {
	readonly what: string;
	readonly args: readonly string[];
	readonly code: number;
	readonly error: string | RegExp;
	readonly message: RegExp;
};

const cases: readonly Case[] = [
	{what: 'not a zip', args: ['import', 'text.zip'], code: 4, error: 'not-a-zip', message: /ZIP/},
	{what: 'not a zip', args: ['restore', 'text.zip', '--yes'], code: 4, error: 'not-a-zip', message: /ZIP/},
	{what: 'not a zip', args: ['show', 'text.zip'], code: 4, error: 'not-a-zip', message: /ZIP/},
	{what: 'truncated', args: ['import', 'truncated.zip'], code: 4, error: 'archive-truncated', message: /cut off/},
	{
		what: 'truncated',
		args: ['restore', 'truncated.zip', '--yes'],
		code: 4,
		error: 'archive-truncated',
		message: /cut off/,
	},
	{
		what: 'a changed bit',
		args: ['import', 'rotten.zip'],
		code: 4,
		// Which of them depends on what the bit meant to the decompressor.
		error: /^zip-(?:crc|content|size-mismatch)$/,
		message: /The entry "[^"]+" /,
	},
	{what: 'a changed bit', args: ['restore', 'rotten.zip', '--yes'], code: 4, error: 'zip-content', message: /./},
	{what: 'wrong server', args: ['import', 'other-server.zip'], code: 4, error: 'wrong-server', message: /no backup of/},
	{what: 'wrong server', args: ['restore', 'other-server.zip', '--yes'], code: 4, error: 'wrong-server', message: /./},
	{
		what: 'missing data folder',
		args: ['backup', '--basedir', 'nowhere'],
		code: 10,
		error: 'missing-folder',
		message: /nowhere/,
	},
	{
		what: 'no server in the folder',
		args: ['backup', '--basedir', 'empty'],
		code: 10,
		error: 'no-instance',
		message: /empty/,
	},
	{what: 'no such instance', args: ['list', '--instance', 'prusa'], code: 10, error: 'no-instance', message: /prusa/},
	{what: 'missing file', args: ['import', 'nowhere.zip'], code: 10, error: 'not-found', message: /nowhere\.zip/},
	{
		what: 'missing folder to export to',
		args: ['export', 'good.zip', 'no/where/x.zip'],
		code: 10,
		error: 'missing-folder',
		message: /no\/where/,
	},
	{
		what: 'unwritable store',
		args: ['backup', '--store', 'file/store'],
		code: 1,
		error: 'store-unwritable',
		message: /store/,
	},
	{
		what: 'unwritable path',
		args: ['backup', '--path', 'file/x.zip'],
		code: 1,
		error: 'failed',
		message: /not a folder/,
	},
	{
		what: 'missing folder for a single file',
		args: ['backup', '--path', 'no/where/x.zip'],
		code: 10,
		error: 'missing-folder',
		message: /There is no folder .*no\/where/,
	},
	{
		what: 'a key and a path at once',
		args: ['backup', '--name', 'x', '--path', 'x.zip'],
		code: 2,
		error: 'usage',
		message: /--path/,
	},
	{what: 'no such key', args: ['restore', 'none.zip', '--yes'], code: 10, error: 'not-found', message: /none\.zip/},
	{what: 'no such key', args: ['show', 'none.zip'], code: 10, error: 'not-found', message: /none\.zip/},
	{what: 'no such key', args: ['verify', 'none.zip'], code: 10, error: 'not-found', message: /none\.zip/},
	{
		what: 'no such key',
		args: ['delete', 'good.zip', 'none.zip', '--yes'],
		code: 10,
		error: 'not-found',
		message: /none\.zip/,
	},
	{what: 'no such key', args: ['pin', 'none.zip'], code: 10, error: 'not-found', message: /none\.zip/},
	{what: 'no such key', args: ['export', 'none.zip', 'x.zip'], code: 10, error: 'not-found', message: /none\.zip/},
	{
		what: 'no such file in the backup',
		args: ['export', 'good.zip', 'x.zip', '--file', 'no/such'],
		code: 10,
		error: 'not-found',
		message: /no\/such/,
	},
	{what: 'name clash', args: ['backup', '--name', 'good.zip'], code: 1, error: 'name-clash', message: /good\.zip/},
	{
		what: 'name clash without regard to case',
		args: ['backup', '--name', 'GOOD.zip'],
		code: 1,
		error: 'name-clash',
		message: /GOOD\.zip/,
	},
	{
		what: 'destination exists',
		args: ['export', 'good.zip', 'text.zip'],
		code: 1,
		error: 'destination-exists',
		message: /text\.zip/,
	},
	{
		what: 'a name that cannot be',
		args: ['backup', '--name', '../evil.zip'],
		code: 2,
		error: 'invalid-name',
		message: /evil/,
	},
	{
		what: 'a required part left out',
		args: ['backup', '--exclude', 'config'],
		code: 2,
		error: 'usage',
		message: /config/,
	},
	{what: 'an unknown part', args: ['backup', '--exclude', 'nonsense'], code: 2, error: 'usage', message: /nonsense/},
	{what: 'unknown option', args: ['backup', '--nonsense'], code: 2, error: 'usage', message: /--nonsense/},
	{what: 'unknown command', args: ['bakcup'], code: 2, error: 'usage', message: /bakcup/},
	{what: 'nothing to undo', args: ['undo', '--yes'], code: 10, error: 'nothing-to-undo', message: /no restore/},
	{what: 'no such setting', args: ['config', 'get', 'nonsense'], code: 2, error: 'usage', message: /nonsense/},
	{
		what: 'a value that cannot be',
		args: ['config', 'set', 'overdue-after', 'soon'],
		code: 2,
		error: 'invalid-setting',
		message: /soon/,
	},
	{
		what: 'restore into a folder that is not empty',
		args: ['restore', 'good.zip', '--to', 'octoprint'],
		code: 5,
		error: 'unsafe-destination',
		message: /octoprint/,
	},
];

test.each(cases)('$what: $args exits with $code and changes nothing', async ({args, code, error, message}) => {
	const before = state();
	const ran = await machine.run(args);
	expect(ran.stderr).toMatch(/^printkeep: .+\n/);
	expect(ran.stderr).not.toMatch(/^ +at /m);
	expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(message)]);
	const asJson = await machine.run([...args, '--json']);
	expect(asJson.code).toBe(code);
	const {error: data} = (asJson.stdout.startsWith('{\n') ? JSON.parse(asJson.stdout) : resultOf(asJson)) as {
		error: unknown;
	};
	expect(data).toMatchObject({code: typeof error === 'string' ? error : expect.stringMatching(error)});
	expect(state()).toEqual(before);
});

test('full disk: the backup fails with 13 and leaves nothing', async context => {
	if (smallDisk === undefined) {
		context.skip();
		return;
	}

	const before = state();
	const store = join(smallDisk, 'store');
	const refused = await machine.run(['backup', '--store', store]);
	expect([refused.code, refused.stderr]).toEqual([13, expect.stringContaining('free')]);
	// The estimate does not stop it when nothing has to be kept free and it is too low.
	await machine.run(['config', 'set', 'keep-free', '0']);
	const noise = join(machine.dataFolder, 'uploads/noise.gcode');
	writeFileSync(noise, randomBytes(150_000));
	const failed = await machine.run(['backup', '--store', store, '--exclude', 'timelapse', '--exclude', 'data']);
	expect([failed.code, failed.stderr]).toEqual([13, expect.stringMatching(/space|full|free/)]);
	rmSync(noise);
	const left = Object.keys(digestTree(smallDisk)).filter(path => path.includes('.zip'));
	expect(left).toEqual([]);
	await machine.run(['config', 'unset', 'keep-free']);
	expect(state()[1]).toEqual(before[1]);
});

test('verify of a damaged backup exits with 4 and says what is wrong', async () => {
	cpSync(join(machine.folder, 'rotten.zip'), join(machine.store, 'rotten.zip'));
	const one = await machine.run(['verify', 'rotten.zip']);
	expect([one.code, one.stdout]).toEqual([4, expect.stringMatching(/^DAMAGED +rotten\.zip\n {2}.+/m)]);
	const all = await machine.run(['verify', '--all', '--json']);
	expect(all.code).toBe(4);
	expect(resultOf(all)).toMatchObject({type: 'result', exitCode: 4, outcome: 'failed'});
	const listed = await machine.run(['list']);
	expect(listed.stdout).toMatch(/ bad .*rotten\.zip$/m);
	rmSync(join(machine.store, 'rotten.zip'));
});
