import {Box} from 'ink';
import type {ReactNode} from 'react';
import {useRouter} from '../hooks/use-router.js';
import {useBodySize} from '../hooks/use-size.js';
import {JobLine} from './job-line.js';
import {MessageLine} from './message-line.js';

/** What every screen is made of: the body, the job line, and the line for messages or the filter. */
export const ScreenFrame = ({
	children,
	message,
	idle = '',
}: {
	/** Fills the body; its size is `useBodySize()`. */
	readonly children: ReactNode;
	/** A field in place of the messages, while something is typed there. */
	readonly message?: ReactNode;
	/** Shown where messages are, while there is none. */
	readonly idle?: string;
}) => {
	const {columns, rows} = useBodySize();
	const leaving = useRouter(({leaving: isLeaving}) => isLeaving);
	return (
		<Box flexDirection="column" width={columns} height={rows + 2}>
			<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
				{children}
			</Box>
			<JobLine width={columns} />
			{message ?? <MessageLine width={columns} idle={idle} leaving={leaving} />}
		</Box>
	);
};
