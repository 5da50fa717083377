/** Takes the connection away in the middle: what runs is finished or rolled back, and the lock is given back. */
import {constants} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openPty, type Pty} from '../helpers/pty.js';
import {hasProgram} from '../helpers/requirements.js';
import {cliPath, isolatedEnvironment} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {waitFor} from '../helpers/wait-for.js';
import {createCounts, isFull, sampled} from './counts.js';
import {checkCleaned, checkIntact, expectSuccess, finishedKeys, unfinishedThings} from './fault-scene.js';
import {isPending, startAndHold} from './hold-at-work.js';
import {inParallel} from './in-parallel.js';
import {type Started, startPrintkeep} from './start-printkeep.js';
import {type Lane, makeLane, type Operation, operations} from './traced-operations.js';

const counts = createCounts('lost connections');
const root = makeTemporaryDirectory();
/** So much that the phases can be met. */
const extraBytes = 16_000_000;
let lanes: ReadonlyArray<Readonly<Record<'backup' | 'restore', Lane>>> = [];

const operationCalled = (name: Operation['name']): Operation => {
	const operation = operations.find(other => other.name === name);
	if (!operation) {
		throw new Error(`There is no ${name}`);
	}

	return operation;
};

beforeAll(async () => {
	lanes = await Promise.all(
		[1, 2].map(async lane => ({
			backup: await makeLane(operationCalled('backup'), join(root, `backup-lane-${lane}`), {extraBytes}),
			restore: await makeLane(operationCalled('restore'), join(root, `restore-lane-${lane}`), {extraBytes}),
		})),
	);
});

afterAll(() => {
	removeDirectory(root);
	counts.tell();
});

/** A job that was cancelled by a signal is given so long to tidy up. */
const patienceMilliseconds = 5000;

/** When it happens: as soon as this is in the output. */
const moments = {
	backup: [
		'job-started',
		'phase":"scanning',
		'phase":"writing',
		'phase":"syncing',
		'phase":"verifying',
		'job-finished',
	],
	restore: [
		'job-started',
		'phase":"verifying',
		'phase":"comparing',
		'phase":"staging',
		'phase":"swapping',
		'phase":"checking',
		'job-finished',
	],
} as const;

type Blow = {
	readonly name: string;
	/** Done while the program stands still, so that it is all there when it goes on. */
	readonly deal: (started: Started) => void;
	/** Done once it has gone on and taken the first signal: two of the same that are both waiting are one. */
	readonly follow?: (started: Started) => void;
	/** Exit codes it may end with. */
	readonly codes: readonly number[];
	/** Whether the work is finished all the same. */
	readonly finishes: boolean;
	/** Whether it tidies up before it leaves. */
	readonly isPatient: boolean;
};

const blows: readonly Blow[] = [
	{name: 'HUP', deal: ({signal}) => signal('SIGHUP'), codes: [129], finishes: true, isPatient: true},
	{name: 'TERM', deal: ({signal}) => signal('SIGTERM'), codes: [143], finishes: false, isPatient: true},
	{name: 'INT', deal: ({signal}) => signal('SIGINT'), codes: [130], finishes: false, isPatient: true},
	{
		name: 'INT twice',
		deal: ({signal}) => signal('SIGINT'),
		follow: ({signal}) => signal('SIGINT'),
		codes: [130],
		finishes: false,
		isPatient: false,
	},
	{
		name: 'output closed',
		deal: ({closeOutput}) => closeOutput(),
		codes: [0],
		finishes: true,
		isPatient: true,
	},
	{
		name: 'output closed, then HUP',
		deal({closeOutput, signal}) {
			closeOutput();
			signal('SIGHUP');
		},
		codes: [129],
		finishes: true,
		isPatient: true,
	},
];

for (const what of ['backup', 'restore'] as const) {
	const operation = operationCalled(what);

	test(`${what}: a signal or a lost reader at any moment`, async () => {
		const cases = blows.flatMap(blow => moments[what].map(moment => ({blow, moment})));
		let unfinished = 0;
		let finished = 0;
		await inParallel(
			sampled(cases, 15),
			lanes.map(lane => lane[what]),
			async ({blow, moment}, {scene, before, after}, explain) => {
				const begin = async (): Promise<Started> => {
					scene.reset();
					const started = startPrintkeep([...operation.args(scene), '--json', ...scene.target], scene.home);
					expect(await started.whenOutput(new RegExp(moment, 'u'))).toBe(true);
					return started;
				};

				const started =
					moment === 'job-finished'
						? await begin()
						: await startAndHold(scene, counts, {begin, ended: async ({ended}) => ended});
				blow.deal(started);
				const dealtAt = performance.now();
				started.signal('SIGCONT');
				if (blow.follow) {
					await waitFor('the first signal to be taken', () => !isPending(started.pid, constants.signals.SIGINT), {
						interval: 1,
					});
					blow.follow(started);
				}

				const {code, bySignal, stderr} = await started.ended;
				// On a disk that takes so long, it goes without tidying up; the next command does.
				const isPatient = blow.isPatient && performance.now() - dealtAt < patienceMilliseconds;
				explain(`${blow.name} at ${moment}: exit code ${code}, ${bySignal}: ${stderr}`);
				counts.add(`${blow.name} in ${what}`);
				if (moment === 'job-finished') {
					// Nothing is left to end, and Node may have left as well: it gives the signals back before the process is gone.
					expect([0, ...blow.codes]).toContain(bySignal === null ? code : 128 + constants.signals[bySignal]);
				} else {
					expect([bySignal, blow.codes]).toEqual([null, expect.arrayContaining([code])]);
				}

				expect(stderr).not.toMatch(/\n\s+at |went wrong inside|EIO|EPIPE/u);
				if (isPatient) {
					expect(unfinishedThings(scene)).toEqual([]);
				}

				const state = await checkIntact(scene, [before, after]);
				const isDone = operation.isDone(scene, state === 1);
				finished += isDone ? 1 : 0;
				unfinished += isDone ? 0 : 1;
				if (blow.finishes) {
					expect(isDone).toBe(true);
				}

				if (!isPatient) {
					await checkCleaned(scene);
				}

				if (!isDone) {
					expectSuccess(await scene.printkeep(...operation.args(scene)));
					await checkIntact(scene, [after]);
					counts.add('done again after it was cancelled');
				}
			},
		);
		counts.add(`${what}: finished all the same`, finished);
		counts.add(`${what}: cancelled`, unfinished);
		expect(unfinished).toBeGreaterThan(0);
	});
}

const openIn = async ({scene}: Lane, args: readonly string[], columns: number): Promise<Pty> =>
	openPty([process.execPath, cliPath, ...args, ...scene.target], {
		columns,
		env: isolatedEnvironment(scene.home),
	});

describe.skipIf(!hasProgram('python3', 'python3'))('the terminal is gone', () => {
	for (const what of ['backup', 'restore'] as const) {
		const operation = operationCalled(what);

		test(`${what} as a command is finished`, async () => {
			await inParallel(
				sampled(moments[what].slice(0, -1), isFull ? 10 : 4),
				lanes.map(lane => lane[what]),
				async (moment, lane, explain) => {
					const {scene, after} = lane;
					const begin = async (): Promise<Pty> => {
						scene.reset();
						// Wide enough that no line of JSON is broken.
						const opened = await openIn(lane, [...operation.args(scene), '--json'], 5000);
						await opened.whenScreen(screen => screen.includes(moment));
						return opened;
					};

					const pty = await startAndHold(scene, counts, {begin, ended: async ({exit}) => exit});
					// The kernel lets go on what it hangs up on.
					pty.hangUp();
					const code = await pty.exit;
					explain(`hung up at ${moment}: exit code ${code}`);
					counts.add(`terminals closed in ${what}`);
					expect(code).toBe(129);
					expect(unfinishedThings(scene)).toEqual([]);
					await checkIntact(scene, [after]);
					expect(operation.isDone(scene, true)).toBe(true);
				},
			);
		});
	}

	const isShowing = (text: string | RegExp) => (screen: string) =>
		typeof text === 'string' ? screen.includes(text) : text.test(screen);

	/** Starts the job from the dashboard and waits until it is at work. */
	const startInDashboard = async (what: 'backup' | 'restore', pty: Pty): Promise<void> => {
		await pty.whenScreen(isShowing(/Backups +\d+ backup/u));
		if (what === 'backup') {
			await pty.type('b');
			await pty.whenScreen(isShowing(/uploads .*\d MB/u));
			await pty.type('\r');
		} else {
			await pty.type('2');
			await pty.whenScreen(isShowing(/› /u));
			await pty.type('r');
			await pty.whenScreen(isShowing(/Together +\d/u));
			await pty.type('\r');
			await pty.whenScreen(isShowing('Type this to confirm'));
			await pty.type('octoprint');
			await pty.whenScreen(isShowing('› octoprint'));
			await pty.type('\r');
		}
	};

	for (const [what, blow, code] of [
		['backup', 'hang-up', 129],
		['backup', 'SIGTERM', 143],
		['restore', 'hang-up', 129],
		['restore', 'SIGHUP', 129],
	] as const) {
		test(`${what} in the dashboard, ${blow}`, async () => {
			const [lane] = lanes;
			if (!lane) {
				throw new Error('There is no scene');
			}

			const {scene, before, after} = lane[what];
			scene.reset();
			const pty = await openIn(lane[what], [], 80);
			try {
				await startInDashboard(what, pty);
				await pty.whenScreen(
					isShowing(/(?:Scanning|Writing|Reading|Unpacking|Verifying|Checking) .*%|Backed up|Restored/u),
				);
				if (blow === 'hang-up') {
					pty.hangUp();
				} else {
					pty.signal(blow);
				}

				expect(await pty.exit).toBe(code);
				counts.add(`dashboards ended by ${blow}`);
				if (blow !== 'hang-up') {
					// The alternate screen is left, and the cursor is there again.
					const output = pty.output().toString('latin1');
					expect(output.lastIndexOf('\u001B[?1049l')).toBeGreaterThan(output.lastIndexOf('\u001B[?1049h'));
					expect(output.lastIndexOf('\u001B[?25h')).toBeGreaterThan(output.lastIndexOf('\u001B[?25l'));
				}

				expect(unfinishedThings(scene)).toEqual([]);
				const state = await checkIntact(scene, [before, after]);
				if (code === 129) {
					// A lost connection ends the screen, not the work.
					expect(operationCalled(what).isDone(scene, state === 1) || finishedKeys(scene).length === 2).toBe(true);
				}
			} finally {
				pty.close();
			}
		});
	}
});
