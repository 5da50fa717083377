import {Text} from 'ink';
import {memo} from 'react';
import {useDashboard} from '../dashboard-context.js';
import {useWords} from '../hooks/use-words.js';
import type {Look} from '../theme.js';

/** Text that goes on in the next line where it does not fit. */
export const Paragraph = memo(({children, tone, strong}: Look & {readonly children: string}) => {
	const {theme} = useDashboard();
	const word = useWords();
	return (
		<Text wrap="wrap" {...theme.style({tone, strong})}>
			{word(children)}
		</Text>
	);
});
Paragraph.displayName = 'Paragraph';
