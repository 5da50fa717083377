import {execFileSync} from 'node:child_process';
import {type Command, type Measurement, measure} from './measure.js';
import type {Contest, Run} from './results.js';

/** One of those that do the same job, and how. */
export type Contender = {
	readonly name: string;
	readonly own?: boolean;
	readonly command: Command;
	/** What has to be there, and what must not; not measured. */
	readonly prepare?: () => void;
	/** Of what it has made, after a run. */
	readonly size?: () => number;
	/** Takes away what it has made; not measured. */
	readonly cleanUp?: () => void;
	/** Seconds of each phase, from the lines it wrote. */
	readonly phases?: (measurement: Measurement) => Readonly<Record<string, number>>;
	/** Exit codes that are no failure, besides 0. */
	readonly alsoFine?: readonly number[];
};

type Contestant = {readonly contender: Contender; readonly runs: Run[]; failure: string};

/** Puts everything unwritten of the file system that has the folder on the medium, so that nobody pays for what another has left. */
const settle = (folder: string): number => {
	const started = performance.now();
	execFileSync('sync', ['-f', folder]);
	return (performance.now() - started) / 1000;
};

const runOnce = async (python: string, outputs: string, contender: Contender, signal: AbortSignal): Promise<Run> => {
	contender.cleanUp?.();
	contender.prepare?.();
	settle(outputs);
	const measurement = await measure(python, contender.command, signal);
	const {code, wall, user, system, peakBytes, errors} = measurement;
	if (code !== 0 && !contender.alsoFine?.includes(code)) {
		const said = [...measurement.lines.slice(-1).map(([, text]) => text), errors].join('\n').trim();
		throw new Error(`ended with exit code ${code}: ${said.slice(-600)}`);
	}

	const run: Run = {
		wall,
		cpu: user + system,
		peakBytes,
		flush: settle(outputs),
		sizeBytes: contender.size?.() ?? null,
		phases: contender.phases?.(measurement) ?? null,
	};
	return run;
};

/**
 * Lets all contenders do a job in turns, A B C, A B C, so that what the machine does meanwhile meets all of them alike. One that fails drops out, and
 * the reason is told; printkeep failing ends everything.
 */
export const hold = async (
	contenders: readonly Contender[],
	{
		python,
		outputs,
		rounds,
		tell,
		signal,
	}: {
		readonly python: string;
		/** A folder on the file system that is written to. */
		readonly outputs: string;
		readonly rounds: number;
		readonly tell: (text: string) => void;
		/** Ends everything. */
		readonly signal: AbortSignal;
	},
): Promise<readonly Contest[]> => {
	const contestants: readonly Contestant[] = contenders.map(contender => ({contender, runs: [], failure: ''}));
	for (let round = 0; round < rounds; round++) {
		for (const contestant of contestants.filter(({failure}) => failure === '')) {
			const {contender, runs} = contestant;
			try {
				const run = await runOnce(python, outputs, contender, signal);
				runs.push(run);
				tell(`round ${round + 1} of ${rounds}: ${contender.name} ${run.wall.toFixed(2)} s`);
			} catch (error) {
				signal.throwIfAborted();
				const reason = error instanceof Error ? error.message : String(error);
				if (contender.own === true) {
					throw new Error(`${contender.name} ${reason}`);
				}

				contestant.failure = reason;
				tell(`${contender.name} drops out: ${reason}`);
			}

			contender.cleanUp?.();
		}
	}

	return contestants.map(({contender: {name, own = false}, runs, failure}) => ({name, own, runs, failure}));
};
