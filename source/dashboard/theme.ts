import type {TextProps} from 'ink';

/** What a colour means. Screens name a tone, never a colour. */
export const toneNames = ['plain', 'accent', 'ok', 'warning', 'error', 'muted'] as const;

export type Tone = (typeof toneNames)[number];

/** The sixteen colours every terminal has, by the names Ink knows; `gray` is `blackBright`. */
export const terminalColors = [
	...['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white', 'gray'],
	...['blackBright', 'redBright', 'greenBright', 'yellowBright', 'blueBright', 'magentaBright'],
	...['cyanBright', 'whiteBright'],
] as const;

/** Colours in place of the usual ones. */
export type ToneColors = {readonly [Name in Tone]?: string};

export type Look = {
	readonly tone?: Tone | undefined;
	/** Stands out: titles, what is selected. */
	readonly strong?: boolean | undefined;
	/** The row the keys act on. */
	readonly selected?: boolean | undefined;
};

type Style = Pick<TextProps, 'color' | 'dimColor' | 'bold' | 'inverse'>;

export type Theme = {readonly color: boolean; readonly style: (look: Look) => Style};

const nothing: Style = {};

/** The sixteen ANSI colours only, so that the person's own palette decides how they look on light and dark. */
const toneStyles = {
	plain: nothing,
	accent: {color: 'cyan'},
	ok: {color: 'green'},
	warning: {color: 'yellow'},
	error: {color: 'red'},
	// Bright black is invisible in some common palettes; faint is not.
	muted: {dimColor: true},
} as const satisfies Record<Tone, Style>;

/**
 * Styles by tone; without colour there is no escape sequence at all, not even bold, and the pointer shows the selection.
 * @param colors of a theme, each one of `terminalColors`.
 */
export const createTheme = (color: boolean, colors: ToneColors = {}): Theme => ({
	color,
	style: ({tone = 'plain', strong = false, selected = false}) =>
		color
			? {
					...(selected ? nothing : colors[tone] === undefined ? toneStyles[tone] : {color: colors[tone]}),
					...(strong ? {bold: true} : {}),
					...(selected ? {inverse: true} : {}),
				}
			: nothing,
});
