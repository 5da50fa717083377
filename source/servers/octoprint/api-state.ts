/** What OctoPrint's API says it does. Sources: `octoprint/server/api/{printer,job}.py` and `util/comm.py` of OctoPrint 1.11. */
import * as v from 'valibot';
import type {ServerActivity} from '../../client/protocol.js';

const flag = v.optional(v.boolean(), false);

/** `GET /api/printer`. Older versions lack some of the flags; without these four it is not OctoPrint. */
const printerSchema = v.object({
	state: v.object({
		flags: v.object({
			operational: v.boolean(),
			printing: v.boolean(),
			paused: v.boolean(),
			ready: v.boolean(),
			cancelling: flag,
			pausing: flag,
			resuming: flag,
			finishing: flag,
		}),
	}),
});

/** `GET /api/job`. */
const jobSchema = v.object({
	job: v.object({
		file: v.optional(v.object({name: v.optional(v.nullable(v.string())), display: v.optional(v.nullable(v.string()))})),
	}),
	progress: v.optional(v.nullable(v.object({completion: v.optional(v.nullable(v.number()))}))),
	state: v.string(),
});

export type PrinterFlags = v.InferOutput<typeof printerSchema>['state']['flags'];
export type JobState = v.InferOutput<typeof jobSchema>;

const parse = <Output>(schema: v.GenericSchema<unknown, Output>, body: string): Output | undefined => {
	try {
		const result = v.safeParse(schema, JSON.parse(body));
		return result.success ? result.output : undefined;
	} catch {
		return undefined;
	}
};

/** The flags in an answer of `/api/printer`; undefined when it is none. */
export const parsePrinter = (body: string): PrinterFlags | undefined => parse(printerSchema, body)?.state.flags;

/** The state in an answer of `/api/job`; undefined when it is none. */
export const parseJob = (body: string): JobState | undefined => parse(jobSchema, body);

const detailOf = ({job, progress}: JobState): string => {
	const name = (job.file?.display ?? job.file?.name ?? '').slice(0, 200);
	const {completion} = progress ?? {};
	const percent =
		typeof completion === 'number' && completion >= 0 && completion <= 100 ? `${Math.floor(completion)} %` : '';
	return [name, percent].filter(text => text !== '').join(', ');
};

/**
 * What the two answers come to. Both must agree that nothing is going on; a state in words that is not known is no proof of that.
 * @param flags null when OctoPrint says that no printer is connected.
 */
export const activityOf = (flags: PrinterFlags | null, job: JobState): ServerActivity => {
	const {state: text} = job;
	if (flags?.paused === true || flags?.pausing === true || /^paus(?:ed|ing)\b/iu.test(text)) {
		return {state: 'paused', detail: detailOf(job)};
	}

	const isBusy =
		flags !== null &&
		(flags.printing ||
			flags.resuming ||
			flags.cancelling ||
			flags.finishing ||
			// Something else is sent to the printer, a file for its card for one.
			(flags.operational && !flags.ready));
	if (isBusy || /^(?:printing|starting|sending|resuming|cancelling|finishing|transferr?ing)\b/iu.test(text)) {
		return {state: 'printing', detail: detailOf(job)};
	}

	return /^(?:operational|offline|error|closed)\b/iu.test(text)
		? {state: 'idle', detail: ''}
		: {
				state: 'unknown',
				detail: `OctoPrint is running and says of its printer only "${text.slice(0, 100)}".`,
				advice: 'Try again in a moment.',
			};
};
