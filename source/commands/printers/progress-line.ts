import type {JobProgress} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatClock} from '../../format/duration.js';
import {formatRate} from '../../format/rate.js';
import {safeText} from '../../format/safe-text.js';
import {truncateMiddle} from '../../format/truncate.js';
import {phaseTitles} from './phases.js';

const barCells = 20;

/** Share of the phase that is done, 0 to 1, by bytes or else by files; null while the totals are not known. */
export const fractionOf = ({bytesDone, bytesTotal, filesDone, filesTotal}: JobProgress): number | null => {
	if (bytesTotal) {
		return Math.min(1, bytesDone / bytesTotal);
	}

	return filesTotal ? Math.min(1, filesDone / filesTotal) : null;
};

/** Whole percent, rounded down so that 100 % means done. */
export const percentOf = (fraction: number): number => Math.floor(fraction * 100);

/** One line about a running job, at most `columns` wide, with the current file in what room is left. */
export const progressLine = (progress: JobProgress, columns: number): string => {
	const fraction = fractionOf(progress);
	const fields: string[] = [phaseTitles[progress.phase]];
	if (fraction !== null) {
		const filled = Math.round(fraction * barCells);
		fields.push(`${String(percentOf(fraction)).padStart(3)} %`);
		if (columns >= 80) {
			fields.push(`[${'#'.repeat(filled)}${'-'.repeat(barCells - filled)}]`);
		}
	}

	if (progress.bytesDone > 0) {
		fields.push(
			progress.bytesTotal === null
				? formatBytes(progress.bytesDone)
				: `${formatBytes(progress.bytesDone)} of ${formatBytes(progress.bytesTotal)}`,
		);
	} else if (progress.filesDone > 0) {
		fields.push(`${progress.filesDone} files`);
	}

	if (progress.bytesPerSecond !== null) {
		fields.push(formatRate(progress.bytesPerSecond));
	}

	if (progress.etaMilliseconds !== null) {
		fields.push(`${formatClock(progress.etaMilliseconds)} left`);
	}

	if (progress.skipped > 0) {
		fields.push(`${progress.skipped} skipped`);
	}

	const line = fields.join('  ');
	const room = columns - line.length - 2;
	if (room < 12) {
		return line.slice(0, columns);
	}

	return progress.currentFile === '' ? line : `${line}  ${truncateMiddle(safeText(progress.currentFile), room)}`;
};
