import {Box, Text} from 'ink';
import {memo, useMemo} from 'react';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import {displayWidth} from '../../format/width.js';
import type {Model} from '../../state/model.js';
import type {PluginLine} from '../../state/plugins-model.js';
import {useDashboard} from '../dashboard-context.js';
import {useModel} from '../hooks/use-model.js';
import type {ScreenName} from '../router.js';
import {numberedScreens} from '../router.js';
import {screenTitles} from '../screens/titles.js';

const selectLines = ({plugins}: Model): Model['plugins']['lines'] => plugins.lines;

/** Cells a line of a plugin has to have to be worth beginning. */
const fewestLineCells = 6;

/** Lines of plugins that fit, the last one cut: each in its look, two blanks before it. */
export const fittingLines = (
	lines: readonly PluginLine[],
	width: number,
	ellipsis: string,
): readonly {readonly text: string; readonly tone: PluginLine['tone']}[] => {
	const fitting: {readonly text: string; readonly tone: PluginLine['tone']}[] = [];
	let room = width;
	for (const {text, tone} of lines) {
		const safe = safeText(text.slice(0, 200));
		if (room - 2 < Math.min(fewestLineCells, displayWidth(safe))) {
			break;
		}

		const shown = truncateEnd(safe, room - 2, ellipsis);
		fitting.push({text: `  ${shown}`, tone});
		room -= displayWidth(shown) + 2;
	}

	return fitting;
};

/** The first line: the program, the instance, what plugins have to say, the numbered screens with the present one standing out. */
export const Header = memo(
	({width, instance, current}: {readonly width: number; readonly instance: string; readonly current: ScreenName}) => {
		const {theme, symbols} = useDashboard();
		// In the first run there is nowhere to go yet, and the digits do nothing.
		const shown = current === 'welcome' ? [] : numberedScreens;
		const screens = shown.map((name, index) => ({name, text: ` ${index + 1} ${screenTitles[name]} `}));
		const tabs = screens.reduce((sum, {text}) => sum + displayWidth(text), 0);
		const room = width - tabs - 'printkeep'.length - 2;
		const name = room < 3 ? '' : truncateMiddle(safeText(instance), room, symbols.ellipsis);
		const lines = useModel(selectLines);
		// One blank stays between them and the screens.
		const statusRoom = room - displayWidth(name) - 1;
		const status = useMemo(
			() => fittingLines(lines, statusRoom, symbols.ellipsis),
			[lines, statusRoom, symbols.ellipsis],
		);
		return (
			<Box height={1} width={width} justifyContent="space-between">
				<Text wrap="truncate-end">
					<Text {...theme.style({tone: 'accent', strong: true})}>printkeep</Text>
					{name === '' ? '' : ` ${name}`}
					{status.map(({text, tone}, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
						<Text key={index} {...theme.style({tone})}>
							{text}
						</Text>
					))}
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
