/** Backs up while everything changes: what is in a backup is whole, what is not is listed, and nothing hangs. */
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {fileURLToPath} from 'node:url';
import {afterAll, describe, expect, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import {hasProgram} from '../helpers/requirements.js';
import {cliPath, type Output, parseJsonLines, runProgram} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {createCounts, isFull} from './counts.js';
import {expectSuccess, firstKey, makeScene, type Scene, unfinishedThings} from './fault-scene.js';
import {faultEnvironment} from './strace.js';

const counts = createCounts('files that change');
const root = makeTemporaryDirectory();
const nobody = 65_534;
const rounds = isFull ? 100 : 10;

afterAll(() => {
	removeDirectory(root);
	counts.tell();
});

/** Runs something while another process changes files, and ends that process. Resolves with whether it lived until then. */
const whileRunning = async (script: string, args: readonly string[], work: () => Promise<void>): Promise<boolean> => {
	const child = spawn('python3', [fileURLToPath(new URL(script, import.meta.url)), ...args], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const ended = once(child, 'exit');
	try {
		await Promise.race([
			once(child.stdout, 'data'),
			ended.then(() => {
				throw new Error(`${script} has ended before it began`);
			}),
		]);
		await work();
		return child.exitCode === null;
	} finally {
		child.kill('SIGKILL');
		await ended;
	}
};

type Made = {
	readonly files: number;
	readonly skipped: readonly {readonly path: string; readonly reason: string}[];
	readonly backup: {readonly health: {readonly type: string}};
};

/** Backs up, against hanging with an end; then unpacks what was taken into a folder. */
const takeAndUnpack = async (
	scene: Scene,
	round: number,
	userId?: number,
): Promise<{readonly made: Made; readonly out: string; readonly output: Output}> => {
	const key = `round-${round}.zip`;
	const output = await runProgram(
		process.execPath,
		[cliPath, 'backup', '--no-nice', '--name', key, '--json', ...scene.target],
		{
			env: faultEnvironment(scene.home),
			timeoutMilliseconds: 60_000,
			...(userId === undefined ? {} : {userId}),
		},
	);
	expect([0, 3], output.stderr).toContain(output.code);
	const {result: made} = parseJsonLines(output.stdout).at(-1) as {readonly result: Made};
	expect(made.skipped.length > 0).toBe(output.code === 3);
	expectSuccess(await scene.printkeep('verify', key));
	const out = join(scene.place, `out-${round}`);
	expectSuccess(await scene.printkeep('restore', key, '--to', out));
	counts.add('restores that succeeded');
	return {made, out, output};
};

const isOneLetter = (path: string): boolean => {
	const content = readFileSync(path);
	return content.every(byte => byte === content[0]);
};

/** What may be in a copy of the folder, whatever moment of it each file shows. */
const checkCopies = (folder: string): void => {
	for (const name of readdirSync(folder)) {
		const path = join(folder, name);
		const stats = lstatSync(path);
		if (stats.isSymbolicLink() || stats.isDirectory()) {
			expect(name).toBe('shape');
		} else {
			expect(stats.isFile(), name).toBe(true);
			if (name === 'growing.gcode') {
				// Nothing but the beginning of what was written into it.
				const text = readFileSync(path, 'latin1');
				const lines = Array.from(
					{length: Math.ceil(text.length / 13)},
					(_, line) => `G1 X${String(line).padStart(8, '0')}\n`,
				);
				expect(text).toBe(lines.join('').slice(0, text.length));
			} else if (name === 'shrinking.gcode') {
				expect(readFileSync(path, 'latin1')).toMatch(/^(?:M84 \n)*M?8?4? ?$/u);
			} else {
				expect(isOneLetter(path), `${name} is torn`).toBe(true);
			}
		}

		counts.add('copies looked at');
	}
};

describe.skipIf(!hasProgram('python3', 'python3'))('while it is backed up', () => {
	test('files grow, shrink, vanish, move and turn into other things', async () => {
		const scene = await makeScene(join(root, 'files'));
		const chaos = join(scene.instance.uploads, 'chaos');
		let partial = 0;
		const lived = await whileRunning('changing-files-writer.py', [chaos], async () => {
			for (let round = 0; round < rounds; round++) {
				const {made, out} = await takeAndUnpack(scene, round);
				counts.add('backups while files changed');
				partial += made.skipped.length > 0 ? 1 : 0;
				// Only what changes is left out.
				for (const {path} of made.skipped) {
					expect(path).toContain('chaos');
				}

				const copies = join(out, 'uploads/chaos');
				if (existsSync(copies)) {
					checkCopies(copies);
				}

				rmSync(out, {recursive: true});
			}
		});
		expect(lived).toBe(true);
		counts.add('of them partial', partial);
		expect(counts.get('copies looked at')).toBeGreaterThan(rounds * 3);
		expect(unfinishedThings(scene)).toEqual([]);
	});

	test('a file that never stops changing and one that may not be read: told, and all the rest is whole', async () => {
		const scene = await makeScene(join(root, 'partial'));
		const {uploads} = scene.instance;
		const secret = join(uploads, 'secret.gcode');
		writeFileSync(secret, 'G28\n');
		const partialRounds = isFull ? 20 : 2;
		const userId = process.getuid?.() === 0 ? nobody : undefined;
		let partial = 0;
		const lived = await whileRunning('restless-writer.py', [join(uploads, 'restless.gcode')], async () => {
			for (let round = 0; round < partialRounds; round++) {
				if (userId !== undefined) {
					// Root may read everything, so that somebody else backs up.
					chmodSync(root, 0o755);
					execFileSync('chown', ['-R', `${userId}:${userId}`, join(root, 'partial')]);
				}

				chmodSync(secret, 0o000);
				const {made, out, output} = await takeAndUnpack(scene, round, userId);
				expect(output.code).toBe(3);
				partial += made.backup.health.type === 'partial' ? 1 : 0;
				expect(Object.fromEntries(made.skipped.map(({path, reason}) => [path.split('/').at(-1), reason]))).toEqual({
					'restless.gcode': 'It kept changing while it was read; it may be torn.',
					'secret.gcode': 'It could not be read: permission was denied.',
				});
				// What changed is there as it was read last; what could not be read is not.
				expect(lstatSync(join(out, 'uploads/restless.gcode')).size).toBe(8 * 1024 * 1024);
				expect(existsSync(join(out, 'uploads/secret.gcode'))).toBe(false);
				rmSync(join(out, 'uploads/restless.gcode'));
				const skip = (path: string): boolean => /restless|secret|^\.printkeep/u.test(path);
				expect(digestTree(join(out, 'uploads'), {skip, folderTimes: false})).toEqual(
					digestTree(uploads, {skip, folderTimes: false}),
				);
				rmSync(out, {recursive: true});
			}
		});
		expect(lived).toBe(true);
		counts.add('backups of what cannot be had, told as partial', partial);
		expect(partial).toBe(partialRounds);
		expect(unfinishedThings(scene)).toEqual([]);
	});

	/** The highest row that is committed now. */
	const lastRow = (path: string): number => {
		const database = new DatabaseSync(path, {readOnly: true, timeout: 30_000});
		try {
			return Number(database.prepare('SELECT max(id) AS last FROM moves').get()?.last);
		} finally {
			database.close();
		}
	};

	/** Fails unless a copy is whole and holds everything up to a row, in whole transactions. */
	const checkDatabase = (path: string, from: number): void => {
		const database = new DatabaseSync(path);
		try {
			expect(database.prepare('PRAGMA integrity_check').get()).toEqual({integrity_check: 'ok'});
			const {first, last, rows} = database
				.prepare('SELECT min(id) AS first, max(id) AS last, count(*) AS rows FROM moves')
				.get() as Readonly<Record<'first' | 'last' | 'rows', number>>;
			expect(last).toBeGreaterThanOrEqual(from);
			expect(rows).toBe(last - first + 1);
			expect(rows % 2).toBe(0);
		} finally {
			database.close();
		}
	};

	test('databases are written without pause, in WAL and in rollback mode', async () => {
		const scene = await makeScene(join(root, 'databases'));
		const folder = join(scene.instance.dataFolder, 'data/busy');
		mkdirSync(folder);
		const names = ['wal', 'delete'] as const;
		const lived = {wal: false, delete: false};
		lived.wal = await whileRunning('database-writer.py', [join(folder, 'wal.db'), 'wal'], async () => {
			lived.delete = await whileRunning('database-writer.py', [join(folder, 'delete.db'), 'delete'], async () => {
				for (let round = 0; round < rounds; round++) {
					const from = names.map(name => lastRow(join(folder, `${name}.db`)));
					const {made, out} = await takeAndUnpack(scene, round);
					for (const [index, name] of names.entries()) {
						const copy = join(out, `data/busy/${name}.db`);
						if (existsSync(copy)) {
							checkDatabase(copy, from[index] ?? 0);
							// A copy is closed: it needs no second file.
							expect(existsSync(`${copy}-wal`)).toBe(false);
							counts.add(`copies in ${name} mode`);
						} else {
							expect(made.skipped.some(({path}) => path.includes(`${name}.db`))).toBe(true);
							counts.add(`left out and told, in ${name} mode`);
						}
					}

					rmSync(out, {recursive: true});
				}
			});
		});
		expect(lived).toEqual({wal: true, delete: true});
		for (const name of names) {
			expect(counts.get(`copies in ${name} mode`)).toBeGreaterThan(rounds * 0.8);
		}

		expect(unfinishedThings(scene)).toEqual([]);
	});

	for (const mode of ['wal', 'delete'] as const) {
		test(`a restore while something writes to a database in ${mode} mode: never a broken one`, async () => {
			const scene = await makeScene(join(root, `restore-${mode}`));
			const live = join(scene.instance.dataFolder, 'data/PrintJobHistory/printJobHistory.db');
			// The writer's table is in the backup too.
			const database = new DatabaseSync(live);
			database.exec(
				"CREATE TABLE moves (id INTEGER PRIMARY KEY, side TEXT, filler TEXT); INSERT INTO moves VALUES (1, 'from', ''), (2, 'to', '')",
			);
			database.close();
			expectSuccess(await scene.printkeep('backup', '--no-nice', '--name', 'with-moves'));
			scene.keep();
			for (let round = 0; round < (isFull ? 20 : 3); round++) {
				scene.reset();
				await whileRunning('database-writer.py', [live, mode], async () => {
					const {code, stderr} = await scene.printkeep('restore', 'with-moves.zip', '--yes', '--json');
					expect([0, 1, 3, 5], stderr).toContain(code);
					expect(stderr).not.toMatch(/\n\s+at |went wrong inside/u);
					counts.add(`restores beside a writer that ended with exit code ${code}`);
				});
				checkDatabase(live, 2);
				expectSuccess(await scene.printkeep('verify', '--all'));
				expect(unfinishedThings(scene)).toEqual([]);
				// What the writer wrote to is kept, and whole as well.
				const {code} = await scene.printkeep('undo', '--yes');
				if (code === 0) {
					checkDatabase(live, 2);
					counts.add('undone beside a writer');
				}

				expectSuccess(await scene.printkeep('restore', firstKey, '--yes'));
				counts.add('restores that succeeded');
			}
		});
	}
});
