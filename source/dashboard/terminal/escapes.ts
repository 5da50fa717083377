/**
 * Control sequences Ink does not send itself, from the sources: ECMA-48, xterm's "Control Sequences" (title stack 22/23, DECAWM), and
 * the progress state of ConEmu (OSC 9;4) as Windows Terminal, Ghostty, WezTerm, Konsole and VTE understand it.
 */
export const noWrap = '\u{1B}[?7l';
export const wrap = '\u{1B}[?7h';
export const showCursor = '\u{1B}[?25h';
export const pushTitle = '\u{1B}[22;0t';
export const popTitle = '\u{1B}[23;0t';
export const eraseScreen = '\u{1B}[H\u{1B}[2J';

/** Sets the window's title. Only plain ASCII gets through: the title is made of printkeep's own words. */
export const setTitle = (title: string): string => `\u{1B}]0;${title.replaceAll(/[^ -~]/gu, '')}\u{7}`;

/** Progress on the task bar or tab: percent, busy without a percentage, or nothing. */
export const setProgress = (percent: number | 'busy' | null): string =>
	percent === null
		? '\u{1B}]9;4;0;0\u{7}'
		: percent === 'busy'
			? '\u{1B}]9;4;3;0\u{7}'
			: `\u{1B}]9;4;1;${Math.max(0, Math.min(100, Math.floor(percent)))}\u{7}`;
