import {Box, Text} from 'ink';
import {memo, useSyncExternalStore} from 'react';
import {useDashboard} from '../dashboard-context.js';
import {footerHints} from '../keys/footer.js';

/** The last line: the keys of whatever has the focus. Disabled ones are faint. */
export const Footer = memo(({width}: {readonly width: number}) => {
	const {layers, theme, symbols} = useDashboard();
	useSyncExternalStore(layers.subscribe, layers.version);
	const {hints, isCut, help} = footerHints(layers.get(), width, symbols.ellipsis);
	const accent = theme.style({tone: 'accent'});
	const muted = theme.style({tone: 'muted'});
	return (
		<Box height={1} width={width}>
			<Text wrap="truncate-end">
				{hints.map(({keys, label, isDisabled}) => (
					<Text key={`${keys} ${label}`} {...(isDisabled ? muted : {})}>
						<Text {...(isDisabled ? muted : accent)}>{keys}</Text>
						{` ${label}  `}
					</Text>
				))}
				{isCut ? `${symbols.ellipsis}  ` : ''}
				{help ? (
					<>
						<Text {...accent}>?</Text>
						{' help'}
					</>
				) : null}
			</Text>
		</Box>
	);
});
Footer.displayName = 'Footer';
