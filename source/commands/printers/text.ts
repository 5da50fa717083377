import type {JobProgress} from '../../client/protocol.js';
import type {Clock} from '../../clock.js';
import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import type {Output} from '../system.js';
import {phaseTitles} from './phases.js';
import type {Printer} from './printer.js';
import {fractionOf, percentOf, progressLine} from './progress-line.js';

const minimumIntervalMilliseconds = 250;
const carriageReturnAndErase = '\r\u001B[K';

/** A line that moves, for a terminal: redrawn at most four times a second, gone at the end. */
export const createBarPrinter = (output: Output, clock: Clock): Printer => {
	let shown = false;
	let drawnAt = Number.NEGATIVE_INFINITY;
	const clear = (): void => {
		if (shown) {
			output.write(carriageReturnAndErase);
			shown = false;
		}
	};

	return {
		clear,
		event(event) {
			switch (event.type) {
				case 'phase':
					// The next progress belongs to something else, so it is shown at once.
					drawnAt = Number.NEGATIVE_INFINITY;
					return;
				case 'progress': {
					const now = clock.monotonic();
					if (now - drawnAt >= minimumIntervalMilliseconds) {
						drawnAt = now;
						// The last column stays empty: some terminals wrap when it is written.
						output.write(`${carriageReturnAndErase}${progressLine(event, Math.max(20, output.columns() - 1))}`);
						shown = true;
					}

					return;
				}
				case 'log':
					if (event.level === 'warning' || event.level === 'error') {
						clear();
						output.write(`${safeText(event.text)}\n`);
					}

					return;
				case 'job-finished':
					clear();
					return;
				case 'job-started':
				case 'file-skipped':
				case 'catalog-changed':
				case 'holder-changed':
				case 'engine-restarted':
				case 'backup-created':
				case 'backup-overdue':
				case 'plugin-failed':
				case 'agents-changed':
					return;
				default:
					event satisfies never;
			}
		},
	};
};

/** How much is done, in bytes where they are counted. */
const amount = ({bytesDone, bytesTotal, filesDone, filesTotal}: JobProgress): string =>
	bytesTotal === 0 && filesTotal !== null
		? `${filesDone} of ${filesTotal}`
		: `${formatBytes(bytesDone)}${bytesTotal === null ? '' : ` of ${formatBytes(bytesTotal)}`}`;

/** Lines that stay, for a pipe, a log or `--plain`: the start, each phase, every ten percent. */
export const createLinePrinter = (output: Output): Printer => {
	let nextPercent = 10;
	let title = '';
	return {
		clear: () => undefined,
		event(event) {
			switch (event.type) {
				case 'job-started':
					title = event.title;
					output.write(`${safeText(title)}\n`);
					return;
				case 'phase':
					nextPercent = 10;
					if (phaseTitles[event.phase] !== title) {
						output.write(`${phaseTitles[event.phase]}…\n`);
					}

					return;
				case 'progress': {
					const fraction = fractionOf(event);
					const percent = fraction === null ? 0 : percentOf(fraction);
					if (percent >= nextPercent) {
						nextPercent = Math.floor(percent / 10) * 10 + 10;
						output.write(`${phaseTitles[event.phase]}: ${percent} %, ${amount(event)}\n`);
					}

					return;
				}
				case 'log':
					if (event.level === 'warning' || event.level === 'error') {
						output.write(`${safeText(event.text)}\n`);
					}

					return;
				case 'job-finished':
				case 'file-skipped':
				case 'catalog-changed':
				case 'holder-changed':
				case 'engine-restarted':
				case 'backup-created':
				case 'backup-overdue':
				case 'plugin-failed':
				case 'agents-changed':
					return;
				default:
					event satisfies never;
			}
		},
	};
};
