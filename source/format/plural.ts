/** `1 file`, `3 files`, `1,234 files`. */
export const plural = (count: number, singular: string, pluralForm = `${singular}s`): string =>
	`${count.toLocaleString('en-US')} ${count === 1 ? singular : pluralForm}`;
