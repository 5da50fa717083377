import type {TextProps} from 'ink';

/** What a colour means. Screens name a tone, never a colour. */
export type Tone = 'plain' | 'accent' | 'ok' | 'warning' | 'error' | 'muted';

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

/** Styles by tone; without colour there is no escape sequence at all, not even bold, and the pointer shows the selection. */
export const createTheme = (color: boolean): Theme => ({
	color,
	style: ({tone = 'plain', strong = false, selected = false}) =>
		color
			? {
					...(selected ? nothing : toneStyles[tone]),
					...(strong ? {bold: true} : {}),
					...(selected ? {inverse: true} : {}),
				}
			: nothing,
});
