import type {JobPhase} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import type {EventBus} from './events.js';
import type {JobReporter} from './jobs/context.js';
import {createRateEstimator} from './rate.js';

// Three a second: four would come close to the kilobyte a second that a slow line is promised.
const minimumGapMilliseconds = 330;

/**
 * Turns what a job tells into events: at most three progress messages a second, one at each change of phase, absolute values only, so that any
 * of them may be lost.
 */
export const createReporter = (
	bus: EventBus,
	clock: Clock,
	jobId: string,
): JobReporter & {readonly flush: () => void; readonly skippedCount: () => number} => {
	const startedAt = clock.monotonic();
	const rate = createRateEstimator();
	let phase: JobPhase = 'waiting';
	let bytesDone = 0;
	let filesDone = 0;
	let bytesTotal: number | null = null;
	let filesTotal: number | null = null;
	let currentFile = '';
	let skippedFiles = 0;
	let isCancellable = true;
	let lastSentAt = Number.NEGATIVE_INFINITY;

	const send = (): void => {
		const now = clock.monotonic();
		lastSentAt = now;
		rate.record(now, bytesDone);
		const bytesPerSecond = rate.bytesPerSecond();
		bus.emit({
			type: 'progress',
			jobId,
			phase,
			bytesDone,
			bytesTotal,
			filesDone,
			filesTotal,
			currentFile,
			skipped: skippedFiles,
			elapsedMilliseconds: now - startedAt,
			bytesPerSecond,
			etaMilliseconds:
				bytesTotal === null || bytesPerSecond === null
					? null
					: (Math.max(0, bytesTotal - bytesDone) / bytesPerSecond) * 1000,
			cancellable: isCancellable,
		});
	};

	const sendIfDue = (): void => {
		if (clock.monotonic() - lastSentAt >= minimumGapMilliseconds) {
			send();
		}
	};

	return {
		phase(next) {
			phase = next;
			bytesDone = 0;
			filesDone = 0;
			bytesTotal = null;
			filesTotal = null;
			currentFile = '';
			rate.reset();
			bus.emit({type: 'phase', jobId, phase});
			send();
		},
		total(bytes, files) {
			bytesTotal = bytes;
			filesTotal = files;
			sendIfDue();
		},
		advance(bytes, files) {
			bytesDone += bytes;
			filesDone += files;
			sendIfDue();
		},
		currentFile(path) {
			currentFile = path;
		},
		skipped(file) {
			skippedFiles++;
			bus.emit({type: 'file-skipped', jobId, file});
		},
		cancellable(value) {
			isCancellable = value;
			send();
		},
		log(level, text, detail) {
			bus.emit({type: 'log', level, at: clock.now(), text, ...(detail === undefined ? {} : {detail})});
		},
		flush: send,
		skippedCount: () => skippedFiles,
	};
};
