import {Box} from 'ink';
import {memo, useEffect} from 'react';
import {aJob} from '../../client/job-names.js';
import type {Holder} from '../../client/protocol.js';
import {formatDateTime} from '../../format/date-time.js';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd} from '../../format/truncate.js';
import type {JobState, Model, Toast, ToastLevel} from '../../state/model.js';
import {useDashboard} from '../dashboard-context.js';
import {useModel} from '../hooks/use-model.js';
import type {Tone} from '../theme.js';
import {JobRest} from './job-line.js';
import {Paint} from './paint.js';

const selectToast = ({toast}: Model): Toast | null => toast;
const selectHolder = ({holder}: Model): Holder | null => holder;
const selectCancelAsked = ({job}: Model): JobState | null => (job?.cancelAsked ? job : null);

const tones = {info: 'ok', warning: 'warning', error: 'error'} as const satisfies Record<ToastLevel, Tone>;

/** How long a message stays; a failure stays longer. */
const shownMilliseconds = {info: 4000, warning: 6000, error: 10_000} as const satisfies Record<ToastLevel, number>;

/** A second press that does not come is taken as a no. */
const cancelMilliseconds = 4000;

/** Who else is at work here, and what that means, in one sentence. */
export const holderText = ({pid, host, job, since}: Holder): string =>
	`Read-only: another printkeep (process ${pid}) runs ${aJob(job)} here since ${formatDateTime(since)}, host ${host}`;

/**
 * The line above the footer: a question about cancelling, a message, or who else is at work. When there is none, it shows `idle`, or what the line above
 * it has no room for.
 */
export const MessageLine = memo(
	({width, idle, leaving}: {readonly width: number; readonly idle: string; readonly leaving: boolean}) => {
		const {actions, symbols} = useDashboard();
		const toast = useModel(selectToast);
		const holder = useModel(selectHolder);
		const asked = useModel(selectCancelAsked);
		useEffect(() => {
			if (toast) {
				const timer = setTimeout(() => actions.dismissToast(toast.id), shownMilliseconds[toast.level]);
				return () => clearTimeout(timer);
			}

			return undefined;
		}, [toast, actions]);
		const askedId = asked?.id;
		useEffect(() => {
			if (askedId !== undefined) {
				const timer = setTimeout(() => actions.dispatch({type: 'cancel-asked', asked: false}), cancelMilliseconds);
				return () => clearTimeout(timer);
			}

			return undefined;
		}, [askedId, actions]);
		const line = (text: string, tone: Tone) => (
			<Box height={1} width={width}>
				<Paint tone={tone}>{truncateEnd(safeText(text), width, symbols.ellipsis)}</Paint>
			</Box>
		);
		if (asked) {
			return line(`Press x again to cancel: ${asked.title}`, 'warning');
		}

		if (toast) {
			return line(toast.text, tones[toast.level]);
		}

		if (leaving) {
			return line('printkeep closes as soon as the job has ended. Press q to stay.', 'accent');
		}

		if (holder) {
			return line(holderText(holder), 'warning');
		}

		return idle === '' ? (
			<Box height={1} width={width}>
				<JobRest width={width} />
			</Box>
		) : (
			line(idle, 'muted')
		);
	},
);
MessageLine.displayName = 'MessageLine';
