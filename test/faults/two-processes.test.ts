/** Two printkeeps at once, in every pairing, and locks that nobody holds any more: one works and the other is told who does, or both do in order. */
import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {
	chmodSync,
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {readStartTicks} from '../../source/engine/lock-record.js';
import type {Tree} from '../helpers/digest-tree.js';
import {cliPath, type Output, parseJsonLines, runProgram} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {createCounts, sampled} from './counts.js';
import {
	checkIntact,
	expectSuccess,
	finishedKeys,
	firstKey,
	incomingName,
	makeScene,
	type Scene,
	unfinishedThings,
} from './fault-scene.js';
import {startAndHold} from './hold-at-work.js';
import {inParallel} from './in-parallel.js';
import {type Started, startPrintkeep} from './start-printkeep.js';
import {faultEnvironment} from './strace.js';

const counts = createCounts('two processes');
const root = makeTemporaryDirectory();
const secondKey = 'second.zip';
/** True where a process can be put into a namespace of its own: as root, and where the machine allows it. */
const canUnshare = (): boolean => spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;

/** So much that two of them meet. */
const extraBytes = 6_000_000;

type Lane = {readonly scene: Scene; readonly states: readonly Tree[]};
let lanes: readonly Lane[] = [];

/** A scene with two backups, a restore that can be undone, and one backup in the trash. */
const makeLane = async (name: string): Promise<Lane> => {
	const scene = await makeScene(join(root, name), {extraBytes});
	const old = scene.look();
	expectSuccess(await scene.printkeep('backup', '--no-nice', '--name', secondKey));
	expectSuccess(await scene.printkeep('backup', '--no-nice', '--name', 'third.zip'));
	expectSuccess(await scene.printkeep('delete', 'third.zip', '--yes'));
	expectSuccess(await scene.printkeep('restore', firstKey, '--yes'));
	const restored = scene.look();
	scene.keep();
	return {scene, states: [restored, old]};
};

beforeAll(async () => {
	lanes = await Promise.all(['lane-1', 'lane-2'].map(makeLane));
});

afterAll(() => {
	removeDirectory(root);
	counts.tell();
});

/** Commands that need the place to themselves. `number` tells two of the same apart. */
const commands: Readonly<Record<string, (scene: Scene, number: number) => readonly string[]>> = {
	backup: (_, number) => ['backup', '--name', `new-${number}`],
	verify: () => ['verify', '--all'],
	restore: () => ['restore', firstKey, '--yes'],
	undo: () => ['undo', '--yes'],
	delete: () => ['delete', secondKey, '--yes'],
	import: ({place}, number) => ['import', join(place, incomingName), '--as', `imported-${number}`],
	export: ({place}, number) => ['export', firstKey, join(place, `exported-${number}.zip`)],
	recover: () => ['recover', '--yes'],
	'trash empty': () => ['trash', 'empty', '--yes'],
};

const pairings: ReadonlyArray<readonly [string, string]> = Object.keys(commands).flatMap((first, index, all) =>
	all.slice(index).map(second => [first, second] as const),
);

/** Starts a backup and stops it while it writes. */
const holdBackup = async (scene: Scene): Promise<Started> =>
	startAndHold(scene, counts, {
		async begin() {
			scene.reset();
			const started = startPrintkeep(['backup', '--name', 'held', '--json', ...scene.target], scene.home);
			expect(await started.whenOutput(/phase":"writing/u)).toBe(true);
			return started;
		},
		ended: async ({ended}) => ended,
	});

type Refused = {readonly error?: {readonly code: string; readonly message: string}};

const refusalIn = ({stdout}: Output): Refused['error'] => (parseJsonLines(stdout).at(-1) as Refused | undefined)?.error;

describe('at once', () => {
	test('every pairing: both in order, or one and the other is told who is at work', async () => {
		const outcomes = {both: 0, one: 0};
		await inParallel(sampled(pairings, 24), lanes, async ([first, second], {scene, states}, explain) => {
			scene.reset();
			const started = [first, second].map((name, number) =>
				startPrintkeep([...(commands[name]?.(scene, number) ?? []), '--json', ...scene.target], scene.home),
			);
			const ended = await Promise.all(started.map(async ({ended: end}) => end));
			explain(
				`${first} and ${second}: ${ended.map(({code, stderr, stdout}) => `${code} ${stderr}${stdout.slice(-300)}`).join(' | ')}`,
			);
			counts.add('pairings');
			const busy = ended.filter(({code}) => code === 11);
			expect(busy.length).toBeLessThan(2);
			outcomes[busy.length === 0 ? 'both' : 'one'] += 1;
			for (const [index, output] of ended.entries()) {
				expect(output.stderr).not.toMatch(/\n\s+at |went wrong inside/u);
				if (output.code === 11) {
					const {message = ''} = refusalIn(output) ?? {};
					// Who, since when and with what.
					expect(message).toContain(`process ${started[1 - index]?.pid}`);
					expect(message).toMatch(/ on .+ runs .+, since|since/u);
				} else {
					// The second of two of a kind may find its work done: the backup deleted, nothing more to undo.
					expect([0, ...(first === second || [first, second].includes('delete') ? [10] : [])]).toContain(output.code);
				}
			}

			expect(unfinishedThings(scene)).toEqual([]);
			await checkIntact(scene, states);
			expectSuccess(await scene.printkeep('verify', '--all', '--json'));
		});
		counts.add('pairings in which both ran in order', outcomes.both);
		counts.add('pairings in which one was told to wait', outcomes.one);
		expect(outcomes.one).toBeGreaterThan(0);
	});

	test('a long one keeps every other away, and they name it', async () => {
		const {scene, states} = lanes[0] as Lane;
		// It stays in the middle of its work for as long as it takes.
		const holder = await holdBackup(scene);
		try {
			for (const [name, args] of Object.entries(commands)) {
				const output = await scene.printkeep(...args(scene, 9), '--json');
				expect(output.code, `${name}: ${output.stderr}`).toBe(name === 'recover' ? output.code : 11);
				if (output.code === 11) {
					expect(output.stderr).toContain(`process ${holder.pid} on ${hostname()} runs a backup`);
					counts.add('refusals that name the holder');
				}
			}

			// Looking is free.
			for (const name of ['list', 'status']) {
				expectSuccess(await scene.printkeep(name, '--json'));
			}
		} finally {
			holder.signal('SIGCONT');
		}

		expect((await holder.ended).code).toBe(0);
		await checkIntact(scene, states, [firstKey, secondKey, 'held.zip']);
	});

	test('two stores with backups of one instance: the instance is held', async () => {
		const {scene, states} = lanes[0] as Lane;
		const holder = await holdBackup(scene);
		const other = ['--basedir', scene.instance.dataFolder, '--store', join(scene.place, 'other-store')];
		const run = async (...args: readonly string[]): Promise<Output> =>
			runProgram(process.execPath, [cliPath, ...args, ...other], {env: faultEnvironment(scene.home)});
		try {
			for (const args of [['backup'], ['restore', join(scene.store, firstKey), '--yes'], ['undo', '--yes']]) {
				const output = await run(...args);
				expect(output.code, output.stderr).toBe(11);
				expect(output.stderr).toContain(`process ${holder.pid} `);
				counts.add('refusals that name the holder');
			}
		} finally {
			holder.signal('SIGCONT');
		}

		expect((await holder.ended).code).toBe(0);
		expectSuccess(await run('restore', join(scene.store, firstKey), '--yes'));
		counts.add('restores that succeeded');
		await checkIntact(scene, states);
	});
});

/** What the lock of a living process looks like, here and now. */
const ownRecord = (): Readonly<Record<string, unknown>> => ({
	pid: process.pid,
	startTicks: readStartTicks('/proc', process.pid),
	bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
	machineId: existsSync('/etc/machine-id') ? readFileSync('/etc/machine-id', 'utf8').trim() || null : null,
	pidNamespace: readlinkSync('/proc/self/ns/pid'),
	host: hostname(),
	job: 'restore',
	since: Date.now() - 60_000,
	nonce: '0123456789abcdef',
});

type LockCase = {
	readonly name: string;
	/** Puts it where the lock is. */
	readonly put: (path: string) => void;
	/** Whether whoever finds it may take it over. */
	readonly isFree: boolean;
};

const record =
	(changes: Readonly<Record<string, unknown>>) =>
	(path: string): void => {
		writeFileSync(path, `${JSON.stringify({...ownRecord(), ...changes})}\n`, {mode: 0o600});
	};

/** A process that has ended: nobody has its number for now. */
const deadPid = (): number => spawnSync('true').pid;

const lockCases: readonly LockCase[] = [
	{name: 'a living process', put: record({}), isFree: false},
	{name: 'a dead process', put: path => record({pid: deadPid()})(path), isFree: true},
	{name: 'a living process with the number of a dead one', put: record({startTicks: '1'}), isFree: true},
	{
		name: 'a process from before the reboot',
		put: record({bootId: '00000000-0000-4000-8000-000000000000'}),
		isFree: true,
	},
	{name: 'a process on another host', put: record({host: 'elsewhere', pid: 4_000_000}), isFree: false},
	{name: 'another machine of the same name', put: record({machineId: 'f'.repeat(32), pid: 4_000_000}), isFree: false},
	{name: 'a process in another container', put: record({pidNamespace: 'pid:[1]', pid: 4_000_000}), isFree: false},
	{name: 'a living process and a time in the future', put: record({since: Date.now() + 1e11}), isFree: false},
	{
		name: 'a dead process and a time in the future',
		put: path => record({since: Date.now() + 1e11, pid: deadPid()})(path),
		isFree: true,
	},
	{name: 'a record cut off in the middle', put: path => writeFileSync(path, '{"pid":12,"sta'), isFree: true},
	{name: 'an empty file', put: path => writeFileSync(path, ''), isFree: true},
	{name: 'a file of zeros', put: path => writeFileSync(path, Buffer.alloc(4096)), isFree: true},
	{name: 'a folder in its place', put: path => mkdirSync(path), isFree: false},
	{name: 'a link to nowhere', put: path => symlinkSync('/nonexistent/lock', path), isFree: false},
];

describe('a lock that is there already', () => {
	for (const {name, put, isFree} of lockCases) {
		test(`of ${name}: ${isFree ? 'taken over' : 'respected'}`, async () => {
			const {scene, states} = lanes[0] as Lane;
			const paths = [join(scene.store, '.printkeep.lock'), join(scene.place, '.printkeep-octoprint.lock')];
			for (const path of paths) {
				scene.reset();
				put(path);
				const output = await scene.printkeep('backup', '--no-nice', '--name', 'after', '--json');
				counts.add(isFree ? 'stale locks taken over' : 'locks respected');
				expect(output.stderr).not.toMatch(/\n\s+at |went wrong inside/u);
				if (isFree) {
					expectSuccess(output);
					expect(unfinishedThings(scene)).toEqual([]);
				} else {
					expect([1, 11], output.stderr).toContain(output.code);
					// It says which one it is, so that a person can look.
					expect(output.stderr).toContain(path);
					expect(finishedKeys(scene)).toEqual([firstKey, secondKey]);
					// Nobody has tidied up what is somebody else's.
					expect(lstatSync(path, {throwIfNoEntry: false})).toBeDefined();
					rmSync(path, {recursive: true});
				}

				await checkIntact(scene, states);
			}
		});
	}

	test.runIf(process.getuid?.() === 0)('of another user, who does not let us read it: respected', async () => {
		const {scene, states} = lanes[0] as Lane;
		scene.reset();
		const path = join(scene.store, '.printkeep.lock');
		record({pid: deadPid()})(path);
		chmodSync(path, 0o600);
		execFileSync('chmod', ['a+rx', root]);
		// The folders are an ordinary user's, the lock is root's.
		execFileSync('chown', ['-R', '65534:65534', scene.place]);
		chownSync(path, 0, 0);
		const output = await runProgram(process.execPath, [cliPath, 'backup', ...scene.target], {
			env: faultEnvironment(scene.home),
			userId: 65_534,
		});
		expect(output.code, output.stderr).toBe(11);
		expect(output.stderr).toContain(path);
		counts.add('locks respected');
		expect(lstatSync(path).uid).toBe(0);
		scene.reset();
		await checkIntact(scene, states);
	});

	test.runIf(canUnshare())(
		'of a living process in another PID namespace: respected; once that is over, named',
		async () => {
			const {scene, states} = lanes[0] as Lane;
			scene.reset();
			const env = faultEnvironment(scene.home);
			const container = spawn(
				'unshare',
				[
					'--pid',
					'--fork',
					'--mount-proc',
					process.execPath,
					cliPath,
					'backup',
					'--name',
					'inside',
					'--json',
					...scene.target,
				],
				{env: {...env, PATH: process.env.PATH}, stdio: ['ignore', 'pipe', 'inherit']},
			);
			const ended = once(container, 'exit');
			await once(container.stdout, 'data');
			const output = await scene.printkeep('backup', '--no-nice', '--name', 'outside', '--json');
			container.stdout.resume();
			const [code] = await ended;
			expect(code).toBe(0);
			// Either it was over by then, or it was in the way: what must not happen is that both work at once.
			expect([0, 11]).toContain(output.code);
			counts.add(output.code === 11 ? 'locks respected' : 'one after the other');
			await checkIntact(scene, states, [firstKey, secondKey, 'inside.zip']);
			expect(unfinishedThings(scene)).toEqual([]);
		},
	);

	test('a holder that is killed is no holder: every command works at once', async () => {
		const {scene, states} = lanes[0] as Lane;
		scene.reset();
		const holder = startPrintkeep(['backup', '--name', 'killed', '--json', ...scene.target], scene.home);
		expect(await holder.whenOutput(/phase":"writing/u)).toBe(true);
		holder.signal('SIGKILL');
		await holder.ended;
		expectSuccess(await scene.printkeep('backup', '--no-nice', '--name', 'after'));
		expectSuccess(await scene.printkeep('restore', firstKey, '--yes'));
		counts.add('restores that succeeded');
		await checkIntact(scene, states, [firstKey, secondKey, 'after.zip']);
	});
});
