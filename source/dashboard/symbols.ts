/**
 * The marks the screens are drawn with. Every one is one cell wide. Apart from borders and the ellipsis the Unicode set avoids characters whose
 * width is ambiguous (Unicode Standard Annex #11); where terminals draw ambiguous characters wide, the ASCII set is used.
 */
export type Symbols = {
	readonly unicode: boolean;
	readonly pointer: string;
	readonly mark: string;
	readonly pin: string;
	readonly ok: string;
	readonly warning: string;
	readonly error: string;
	readonly none: string;
	readonly overdue: string;
	readonly barFull: string;
	readonly barEmpty: string;
	readonly ellipsis: string;
	/** Between two things on one line. */
	readonly separator: string;
	readonly checked: string;
	readonly unchecked: string;
	readonly border: 'round' | 'classic';
	readonly horizontal: string;
	readonly vertical: string;
};

export const unicodeSymbols: Symbols = {
	unicode: true,
	pointer: '›',
	mark: '*',
	pin: '⚑',
	ok: '✓',
	warning: '~',
	error: '✗',
	none: '-',
	overdue: '!',
	barFull: '▰',
	barEmpty: '▱',
	ellipsis: '…',
	separator: '-',
	checked: '✓',
	unchecked: ' ',
	border: 'round',
	horizontal: '─',
	vertical: '│',
};

export const asciiSymbols: Symbols = {
	unicode: false,
	pointer: '>',
	mark: '*',
	pin: 'P',
	ok: '+',
	warning: '~',
	error: 'x',
	none: '-',
	overdue: '!',
	barFull: '#',
	barEmpty: '.',
	ellipsis: '~',
	separator: '-',
	checked: 'x',
	unchecked: ' ',
	border: 'classic',
	horizontal: '-',
	vertical: '|',
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The locale that decides how characters are written: the first of LC_ALL, LC_CTYPE, LANG that is set and not empty (POSIX). */
const localeOf = ({LC_ALL, LC_CTYPE, LANG}: Environment): string => LC_ALL || LC_CTYPE || LANG || '';

/**
 * Chooses the symbols: as the settings say, and where they say nothing, or name a plugin’s, Unicode where the locale is UTF-8, the terminal is not the Linux console,
 * and the language is not one whose terminals draw ambiguous characters two cells wide.
 */
export const chooseSymbols = (environment: Environment, wanted: string): Symbols => {
	switch (wanted) {
		case 'unicode':
			return unicodeSymbols;
		case 'ascii':
			return asciiSymbols;
		default: {
			const locale = localeOf(environment);
			const isUnicode = /utf-?8/iu.test(locale) && environment.TERM !== 'linux' && !/^(?:zh|ja|ko)/iu.test(locale);
			return isUnicode ? unicodeSymbols : asciiSymbols;
		}
	}
};
