import {Box} from 'ink';
import type {ReactNode} from 'react';
import {padEnd} from '../../format/truncate.js';
import {Paint} from './paint.js';

/** Columns of the names before the facts. */
export const factNameWidth = 18;

/** A name and what there is to say about it, on one line. */
export const Fact = ({name, children}: {readonly name: string; readonly children: ReactNode}) => (
	<Box height={1}>
		<Box flexShrink={0}>
			<Paint tone="muted">{padEnd(name, factNameWidth)}</Paint>
		</Box>
		<Paint>{children}</Paint>
	</Box>
);
