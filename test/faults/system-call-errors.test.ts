/** Makes system calls of the shipped program fail, once and from then on: it says so in a sentence with the right exit code, and nothing is half-done. */
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {type ErrorCode, exitCodeOf} from '../../source/errors.js';
import {hasProgram} from '../helpers/requirements.js';
import {type Output, parseJsonLines} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {createCounts, isFull, sampled} from './counts.js';
import {checkCleaned, checkIntact} from './fault-scene.js';
import {inParallel} from './in-parallel.js';
import {runTraced} from './strace.js';
import {isOfScene, makeLane, operations, type Point, pointsIn, resultIn, siteOf} from './traced-operations.js';

const counts = createCounts('failing system calls');
const root = makeTemporaryDirectory();

afterAll(() => {
	removeDirectory(root);
	counts.tell();
});

const makes = ({text}: Point): boolean => text.includes('O_CREAT');
const always = (): boolean => true;

/** Which errors a call can give on a bad day. */
const failures: ReadonlyArray<{
	readonly name: string;
	readonly errors: readonly string[];
	readonly at: (point: Point) => boolean;
}> = [
	{name: 'openat', errors: ['EACCES', 'EROFS', 'ENOSPC', 'EMFILE', 'EIO'], at: makes},
	{name: 'openat', errors: ['EACCES', 'EIO', 'EMFILE'], at: point => !makes(point)},
	{name: 'pwrite64', errors: ['ENOSPC', 'EIO', 'EROFS'], at: always},
	{name: 'fsync', errors: ['EIO', 'ENOSPC'], at: always},
	{name: 'rename', errors: ['EIO', 'ENOSPC', 'EXDEV', 'EBUSY', 'EROFS', 'EACCES'], at: always},
	{name: 'link', errors: ['EACCES', 'ENOSPC', 'EXDEV', 'EIO'], at: always},
	{name: 'unlink', errors: ['EIO', 'EBUSY', 'EROFS'], at: always},
	{name: 'mkdir', errors: ['ENOSPC', 'EROFS', 'EACCES'], at: always},
	{name: 'rmdir', errors: ['EBUSY', 'EIO'], at: always},
	{name: 'chmod', errors: ['EROFS', 'EIO'], at: always},
	{name: 'fchmod', errors: ['EROFS', 'EIO'], at: always},
	{name: 'lchown', errors: ['EIO'], at: always},
	{name: 'fchown', errors: ['EIO'], at: always},
	{name: 'utimensat', errors: ['EROFS', 'EIO'], at: always},
	{name: 'ftruncate', errors: ['EIO', 'ENOSPC'], at: always},
	{name: 'pread64', errors: ['EIO'], at: always},
	{name: 'read', errors: ['EIO'], at: always},
	{name: 'getdents64', errors: ['EIO'], at: always},
	{name: 'close', errors: ['EIO'], at: always},
];

type Failure = Point & {readonly error: string; readonly isPersistent: boolean};

/** Every site with every error, once and for good; in the bounded part a few sites of each pair, once or for good by turns. */
const failuresAt = (points: readonly Point[], ofEachPair: number): readonly Failure[] =>
	failures.flatMap(({name, errors, at}) => {
		const here = points.filter(point => point.name === name && at(point));
		return errors.flatMap((error, which) =>
			sampled(here, ofEachPair).flatMap((point, index) =>
				[false, true]
					.filter(isPersistent => isFull || isPersistent === ((index + which) % 2 === 0))
					.map(isPersistent => ({...point, error, isPersistent})),
			),
		);
	});

/** Under which names an error may reach people. */
const namesOf: Readonly<Record<string, readonly ErrorCode[]>> = {
	ENOSPC: ['no-space'],
	EROFS: ['read-only'],
	EACCES: ['permission-denied', 'source-unreadable', 'store-unwritable'],
	EIO: ['io-error', 'source-unreadable'],
	EMFILE: ['failed', 'source-unreadable', 'store-unwritable'],
	EXDEV: ['failed'],
	EBUSY: ['failed'],
};

type Refusal = {readonly code: ErrorCode; readonly message: string; readonly hint: string};

/** What a failed command said as its last line, in JSON. */
const refusalOf = (output: Output): Refusal => {
	const {error} = parseJsonLines(output.stdout).at(-1) as {readonly error?: Refusal};
	if (!error) {
		throw new Error(`It failed and did not say why: ${output.stdout.slice(-1000)}`);
	}

	return error;
};

describe.skipIf(!hasProgram('strace', 'strace'))('a system call that fails', () => {
	for (const operation of operations.slice(0, 2)) {
		test(`${operation.name}: says so in a sentence with the right exit code, and changes nothing`, async () => {
			const {name: what} = operation;
			const pair = await Promise.all([1, 2].map(async lane => makeLane(operation, join(root, `${what}-lane-${lane}`))));
			const [first] = pair;
			let injections = 0;
			await inParallel(first ? failuresAt(pointsIn(first), 2) : [], pair, async (failure, lane, explain) => {
				const {name, number, error, isPersistent} = failure;
				const {scene, before, after, result} = lane;
				scene.reset();
				const output = await runTraced([...operation.args(scene), '--json', ...scene.target], {
					home: scene.home,
					inject: `${name}:error=${error}:when=${number}${isPersistent ? '+' : ''}`,
					calls: [name],
				});
				const {injected, code} = output;
				const [hit] = injected;
				if (hit === undefined || !isOfScene(hit.text, scene)) {
					counts.add('runs in which the call never came, not counted');
					return;
				}

				if (hit.text.includes('.lock') && (error === 'EACCES' || error === 'EROFS')) {
					counts.add('locks put into the data folder instead, whose date that changes, not counted');
					return;
				}

				injections += 1;
				explain(
					`${error} ${isPersistent ? 'from' : 'once at'} ${siteOf(hit)}, ${name} ${number}, exit code ${code}: ${output.stderr}`,
				);
				counts.add(`${error} in ${what}`);
				if (code === 134) {
					// Node ends itself where it holds an error to be impossible, as when a file cannot be closed. That is a kill like any other.
					counts.add('runs that Node itself gave up');
					await checkIntact(scene, [before, after]);
					return;
				}

				expect(output.stderr).not.toMatch(/\n\s+at |went wrong inside/u);
				const isSuccess = code === 0 || code === 3;
				const why = isSuccess ? undefined : refusalOf(output).code;
				if (why === undefined) {
					// "Done" means every file, or a list of those that are missing and another exit code.
					const {files, skipped = []} = resultIn(output);
					expect(skipped.length > 0).toBe(code === 3);
					expect(code === 3 || files === result.files).toBe(true);
				} else {
					const {message} = refusalOf(output);
					expect([...(namesOf[error] ?? []), 'needs-recovery']).toContain(why);
					expect(message).toMatch(/^[A-Z].* .*\.$/u);
					expect(code).toBe(exitCodeOf(why));
				}

				counts.add(`ended with exit code ${code}`);
				const state = await checkIntact(scene, [before, after]);
				if (!isSuccess && isPersistent && what === 'backup' && operation.isDone(scene, state === 1)) {
					// Nothing could be read any more when it came to tell about a backup that has its name, and is whole.
					counts.add('told as failed although the backup stands, since the disk was gone');
				} else if (why === 'needs-recovery') {
					// The next command has ended it, forward or back.
					counts.add('could not be ended then, and was by the next command');
				} else {
					expect(operation.isDone(scene, state === 1)).toBe(isSuccess);
				}

				if (isFull || injections % 4 === 0) {
					await checkCleaned(scene, output.stdout);
				}
			});
			expect(injections).toBeGreaterThan(30);
		});
	}
});
