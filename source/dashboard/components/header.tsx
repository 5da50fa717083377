import {Box, Text} from 'ink';
import {memo} from 'react';
import {safeText} from '../../format/safe-text.js';
import {truncateMiddle} from '../../format/truncate.js';
import {displayWidth} from '../../format/width.js';
import {useDashboard} from '../dashboard-context.js';
import type {ScreenName} from '../router.js';
import {numberedScreens} from '../router.js';
import {screenTitles} from '../screens/titles.js';

/** The first line: the program, the instance, the numbered screens with the present one standing out. */
export const Header = memo(
	({width, instance, current}: {readonly width: number; readonly instance: string; readonly current: ScreenName}) => {
		const {theme, symbols} = useDashboard();
		// In the first run there is nowhere to go yet, and the digits do nothing.
		const shown = current === 'welcome' ? [] : numberedScreens;
		const screens = shown.map((name, index) => ({name, text: ` ${index + 1} ${screenTitles[name]} `}));
		const tabs = screens.reduce((sum, {text}) => sum + displayWidth(text), 0);
		const room = width - tabs - 'printkeep'.length - 2;
		const name = room < 3 ? '' : truncateMiddle(safeText(instance), room, symbols.ellipsis);
		return (
			<Box height={1} width={width} justifyContent="space-between">
				<Text wrap="truncate-end">
					<Text {...theme.style({tone: 'accent', strong: true})}>printkeep</Text>
					{name === '' ? '' : ` ${name}`}
				</Text>
				<Text wrap="truncate-end">
					{screens.map(({name: screen, text}) => (
						<Text
							key={screen}
							{...(screen === current ? theme.style({strong: true, selected: true}) : theme.style({tone: 'muted'}))}
						>
							{screen === current && !theme.color ? `[${text.trim()}]` : text}
						</Text>
					))}
				</Text>
			</Box>
		);
	},
);
Header.displayName = 'Header';
