import {Text} from 'ink';
import {memo, type ReactNode} from 'react';
import {useDashboard} from '../dashboard-context.js';
import {useWords} from '../hooks/use-words.js';
import type {Look} from '../theme.js';

export type PaintProps = Look & {readonly children?: ReactNode};

/** One line of text in a tone. What does not fit is cut, so make it fit where the end matters. */
export const Paint = memo(({children, tone, strong, selected}: PaintProps) => {
	const {theme} = useDashboard();
	const word = useWords();
	return (
		<Text wrap="truncate-end" {...theme.style({tone, strong, selected})}>
			{typeof children === 'string' ? word(children) : children}
		</Text>
	);
});
Paint.displayName = 'Paint';
