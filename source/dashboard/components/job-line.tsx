import {Box, Text} from 'ink';
import {memo, useMemo} from 'react';
import type {JobOutcome} from '../../client/protocol.js';
import {relativeTime} from '../../format/relative-time.js';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import {displayWidth} from '../../format/width.js';
import type {Model} from '../../state/model.js';
import {useDashboard} from '../dashboard-context.js';
import {type EndedJob, endedJob} from '../ended-job.js';
import {useModel} from '../hooks/use-model.js';
import {useNow} from '../hooks/use-now.js';
import {useWords} from '../hooks/use-words.js';
import {type JobView, selectJob} from '../job-view.js';
import type {Tone} from '../theme.js';
import {Paint} from './paint.js';
import {fullCells} from './progress-bar.js';

const selectLastJob = ({lastJob}: Model): Model['lastJob'] => lastJob;
const selectStatus = ({status}: Model): Model['status'] => status;
const selectToastText = ({toast}: Model): string | null => toast?.text ?? null;

const outcomeTones = {
	done: 'ok',
	partial: 'warning',
	failed: 'error',
	cancelled: 'warning',
} as const satisfies Record<JobOutcome, Tone>;

/** The pieces of text that fit, in the order given, two blanks between them; and those from the first on that does not. */
const fitting = (
	pieces: readonly string[],
	width: number,
): {readonly line: string; readonly left: readonly string[]} => {
	const said = pieces.filter(piece => piece !== '');
	let line = '';
	for (const [index, piece] of said.entries()) {
		const next = line === '' ? piece : `${line}  ${piece}`;
		if (displayWidth(next) > width) {
			return {line, left: said.slice(index)};
		}

		line = next;
	}

	return {line, left: []};
};

/** Cells a name of a file is worth showing in. */
const fewestFileCells = 12;

/** Names change several times a second; long ones would cost a slow line more than they tell. */
const mostFileCells = 40;

/** What the job line says, and what it has no room for. */
const layOut = (job: JobView, width: number, {ellipsis, word}: {ellipsis: string; word: (text: string) => string}) => {
	const barWidth = Math.min(20, Math.floor(width / 6));
	const title = truncateMiddle(safeText(job.title), Math.max(12, Math.floor(width / 3)), ellipsis);
	// "Verifying x: verifying" says nothing twice.
	const head = word(job.title.toLowerCase().startsWith(job.phase.toLowerCase()) ? title : `${title}: ${job.phase}`);
	const room = width - displayWidth(head) - 2 - (job.percent === null ? 0 : barWidth + 2);
	// The file comes last, since it changes most: what stands before it is not written again.
	const {line: rest, left} = fitting(
		[job.percent === null ? '' : `${job.percent}%`, job.skipped, job.eta, job.bytes, job.rate, job.files],
		room,
	);
	const fileRoom = room - displayWidth(rest) - 2;
	const isFileLeft = left.length > 0 || fileRoom < fewestFileCells;
	return {
		barWidth,
		head,
		rest,
		file: isFileLeft ? '' : truncateMiddle(job.currentFile, fileRoom, ellipsis),
		left,
		isFileLeft,
	};
};

const Running = ({job, width}: {readonly job: JobView; readonly width: number}) => {
	const {theme, symbols} = useDashboard();
	const word = useWords();
	const {barWidth, head, rest, file} = layOut(job, width, {ellipsis: symbols.ellipsis, word});
	const full = job.percent === null ? 0 : fullCells(job.percent, barWidth);
	return (
		<Text wrap="truncate-end">
			<Text {...theme.style({tone: job.cancelling ? 'warning' : 'accent', strong: true})}>{head}</Text>
			{job.percent === null ? null : (
				<>
					{'  '}
					<Text {...theme.style({tone: 'accent'})}>{symbols.barFull.repeat(full)}</Text>
					<Text {...theme.style({tone: 'muted'})}>{symbols.barEmpty.repeat(barWidth - full)}</Text>
				</>
			)}
			{rest === '' ? '' : `  ${rest}`}
			{file === '' ? null : <Text {...theme.style({tone: 'muted'})}>{`  ${file}`}</Text>}
		</Text>
	);
};

/** What the job line has no room for, rate, files and the file at hand, for the line below it; nothing when no job runs. */
export const JobRest = memo(({width}: {readonly width: number}) => {
	const {symbols} = useDashboard();
	const word = useWords();
	const job = useModel(selectJob);
	if (!job) {
		return null;
	}

	const {left, isFileLeft} = layOut(job, width, {ellipsis: symbols.ellipsis, word});
	const {line} = fitting(left, width);
	const fileRoom = Math.min(mostFileCells, width - displayWidth(line) - 2);
	const file =
		isFileLeft && fileRoom >= fewestFileCells ? truncateMiddle(job.currentFile, fileRoom, symbols.ellipsis) : '';
	return <Paint tone="muted">{[line, file].filter(Boolean).join('  ')}</Paint>;
});
JobRest.displayName = 'JobRest';

const Last = ({outcome, text: said, at, width}: EndedJob & {readonly width: number}) => {
	const {theme, symbols} = useDashboard();
	const now = useNow();
	const word = useWords();
	const mark = {done: symbols.ok, partial: symbols.warning, failed: symbols.error, cancelled: symbols.warning}[outcome];
	const age = relativeTime(at, Math.max(now, at));
	const text = truncateEnd(word(safeText(said)), width - displayWidth(age) - 4, symbols.ellipsis);
	return (
		<Text wrap="truncate-end">
			<Text {...theme.style({tone: outcomeTones[outcome]})}>{`${mark} ${text}`}</Text>
			<Text {...theme.style({tone: 'muted'})}>{`  ${age}`}</Text>
		</Text>
	);
};

/** The line above the messages: the running job, or how the last one ended. */
export const JobLine = memo(({width}: {readonly width: number}) => {
	const job = useModel(selectJob);
	const lastJob = useModel(selectLastJob);
	const status = useModel(selectStatus);
	const toast = useModel(selectToastText);
	const last = useMemo(() => endedJob({lastJob, status}), [lastJob, status]);
	// While the message line says it, it is not said here as well.
	const isSaid = last !== null && toast === last.text;
	return (
		<Box height={1} width={width}>
			{job ? <Running job={job} width={width} /> : last && !isSaid ? <Last {...last} width={width} /> : null}
		</Box>
	);
});
JobLine.displayName = 'JobLine';
