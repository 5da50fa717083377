import {Box, Text} from 'ink';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {minimumSize, useTerminalSize} from '../hooks/use-size.js';

/** All that shows on a terminal that is too small; the screens wait behind it as they were. */
export const TooSmall = ({onQuit}: {readonly onQuit: () => void}) => {
	const {symbols} = useDashboard();
	const {columns, rows} = useTerminalSize();
	useLayer({rank: 'top', modal: true, actions: {quit: onQuit}});
	const times = symbols.unicode ? '×' : 'x';
	return (
		<Box width={columns} height={rows}>
			<Text wrap="wrap">
				{`printkeep needs ${minimumSize.columns}${times}${minimumSize.rows} (this is ${columns}${times}${rows})`}
			</Text>
		</Box>
	);
};
