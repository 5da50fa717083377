import type {Pace} from '../pace.js';
import type {Pool} from './pool.js';
import type {TaskInput, TaskName, TaskOutput} from './tasks.js';

/** What a task reads: known before, or guessed and put right after. */
type Reading<Name extends TaskName> = {
	readonly before: (input: TaskInput<Name>) => number;
	readonly after: (output: TaskOutput<Name>) => number;
};

/** Tasks that are not here read nothing of what is backed up. */
type Readings = {readonly [Name in TaskName]?: Reading<Name>};

/** A batch says nothing of its size before it is read, and is no larger than this but for one file. */
const usualBatchBytes = 1024 * 1024;

const readings: Readings = {
	'pack-files': {before: () => usualBatchBytes, after: ({bytes}) => bytes},
	'pack-piece': {
		before: ({descriptor, bytes}) => (descriptor === null ? 0 : bytes),
		after: ({content}) => content.length,
	},
};

/** A pool whose tasks wait until they may read. */
export const pacedPool = (pool: Pool, pace: Pace): Pool => ({
	...pool,
	async run(name, input, transfer) {
		const reading = readings[name];
		const expected = reading?.before(input) ?? 0;
		if (!reading || expected === 0) {
			return pool.run(name, input, transfer);
		}

		await pace.take(expected);
		const output = await pool.run(name, input, transfer);
		pace.giveBack(expected - reading.after(output));
		return output;
	},
});
