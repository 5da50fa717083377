/** A running job in words and short steps, so that nothing is drawn anew that looks the same. */
import type {JobPhase, JobType} from '../client/protocol.js';
import {formatBytes} from '../format/bytes.js';
import {formatCount} from '../format/count.js';
import {formatClock} from '../format/duration.js';
import {plural} from '../format/plural.js';
import {formatRate} from '../format/rate.js';
import {safeText} from '../format/safe-text.js';
import type {JobState, Model} from '../state/model.js';

/** Remembers the last answer for the last argument: the same model part gives the same object. */
const memoise = <Argument extends object | null, Answer>(
	compute: (argument: Argument) => Answer,
): ((argument: Argument) => Answer) => {
	let last: {readonly argument: Argument; readonly answer: Answer} | undefined;
	return argument => {
		if (last?.argument !== argument) {
			last = {argument, answer: compute(argument)};
		}

		return last.answer;
	};
};

export const phaseTexts = {
	waiting: 'Starting',
	scanning: 'Looking for files',
	databases: 'Copying databases',
	writing: 'Writing',
	syncing: 'Making it safe on disk',
	verifying: 'Verifying',
	comparing: 'Comparing',
	staging: 'Unpacking',
	swapping: 'Putting it in place',
	checking: 'Checking',
	stopping: 'Stopping the server',
	starting: 'Starting the server',
	copying: 'Copying',
	sending: 'Sending',
	receiving: 'Receiving',
	deleting: 'Deleting',
	fetching: 'Asking what there is',
	installing: 'Installing plugins',
	cleaning: 'Cleaning up',
	cancelling: 'Cancelling',
} as const satisfies Record<JobPhase, string>;

/** A running job in words and steps of a percent. Empty where nothing is known yet. */
export type JobView = {
	readonly type: JobType;
	readonly title: string;
	readonly phase: string;
	/** 0 to 100, whole; null until the total is known. */
	readonly percent: number | null;
	readonly bytes: string;
	readonly files: string;
	readonly rate: string;
	readonly eta: string;
	readonly elapsed: string;
	/** Safe to show; may be longer than the line. */
	readonly currentFile: string;
	readonly skipped: string;
	readonly cancellable: boolean;
	readonly cancelAsked: boolean;
	readonly cancelling: boolean;
};

/** Only a job that has done everything is shown as 100 %. */
const percentOf = (done: number, total: number): number =>
	total === 0 ? 100 : Math.max(0, Math.min(done >= total ? 100 : 99, Math.floor((done / total) * 100)));

const amount = (done: string, total: string | null): string => (total === null ? done : `${done} of ${total}`);

/** How a running job stands. */
export const jobView = memoise((job: JobState | null): JobView | null => {
	if (!job) {
		return null;
	}

	const {progress} = job;
	const {bytesTotal = null, filesTotal = null} = progress ?? {};
	return {
		type: job.type,
		title: job.title,
		phase: job.cancelling ? 'Cancelling…' : phaseTexts[job.phase],
		percent:
			progress === null
				? null
				: bytesTotal !== null && bytesTotal > 0
					? percentOf(progress.bytesDone, bytesTotal)
					: filesTotal !== null && filesTotal > 0
						? percentOf(progress.filesDone, filesTotal)
						: null,
		bytes:
			progress === null || (progress.bytesDone === 0 && bytesTotal === null)
				? ''
				: amount(formatBytes(progress.bytesDone), bytesTotal === null ? null : formatBytes(bytesTotal)),
		files:
			progress === null || (progress.filesDone === 0 && filesTotal === null)
				? ''
				: filesTotal === null
					? plural(progress.filesDone, 'file')
					: `${formatCount(progress.filesDone)} of ${plural(filesTotal, 'file')}`,
		rate: progress?.bytesPerSecond == null ? '' : formatRate(progress.bytesPerSecond),
		eta:
			progress?.etaMilliseconds == null ? '' : `${formatClock(Math.ceil(progress.etaMilliseconds / 1000) * 1000)} left`,
		elapsed: progress === null ? '' : formatClock(progress.elapsedMilliseconds),
		currentFile: safeText(progress?.currentFile ?? ''),
		skipped: job.skipped === 0 ? '' : `${job.skipped} skipped`,
		cancellable: progress?.cancellable ?? true,
		cancelAsked: job.cancelAsked,
		cancelling: job.cancelling,
	};
});

/** The view of the model's job. */
export const selectJob = ({job}: Model): JobView | null => jobView(job);
