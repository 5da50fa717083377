const plainForms: Readonly<Record<string, string>> = {
	'…': '...',
	'’': "'",
	'“': '"',
	'”': '"',
	'—': '-',
	'–': '-',
	'×': 'x',
	'←': 'Left',
	'→': 'Right',
	'↑': 'Up',
	'↓': 'Down',
};

/** printkeep's own sentences for a terminal that shows only ASCII: quotes, dashes and dots in their plain forms. Names stay as they are. */
export const asciiText = (text: string): string =>
	text.replace(/[…’“”—–×←→↑↓]/gu, character => plainForms[character] ?? character);

/** True when the locale's encoding is UTF-8. An environment without a locale is that of a timer or a service, whose log takes UTF-8. */
export const isUtf8Locale = (environment: Readonly<Record<string, string | undefined>>): boolean => {
	const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
	return locale === '' || /utf-?8/iu.test(locale);
};
