import {Box} from 'ink';
import type {ErrorData} from '../../errors.js';
import {errorTable} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {useDashboard} from '../dashboard-context.js';
import {Paint} from './paint.js';
import {Paragraph} from './paragraph.js';

/** What failed, for which instance, why, what to do, the code, and where the log is. */
export const ErrorView = ({error, instance}: {readonly error: ErrorData; readonly instance: string}) => {
	const {paths, symbols} = useDashboard();
	return (
		<Box flexDirection="column" paddingX={1} gap={1}>
			<Paint tone="error" strong>
				{`${symbols.error} ${errorTable[error.code].title}${instance === '' ? '' : ` (${safeText(instance)})`}`}
			</Paint>
			<Paragraph>{safeText(error.message)}</Paragraph>
			{error.hint === '' ? null : <Paragraph tone="accent">{safeText(error.hint)}</Paragraph>}
			<Paragraph tone="muted">{`Code: ${error.code}.  Log: ${safeText(paths.logFile)}`}</Paragraph>
		</Box>
	);
};
