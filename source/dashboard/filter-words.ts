/** The words of a filter, in lower case. */
export const filterWords = (filter: string): readonly string[] =>
	filter
		.toLowerCase()
		.split(/\s+/u)
		.filter(word => word !== '');

/** True when a text has all the words, anywhere, without regard to case. */
export const matchesWords = (text: string, words: readonly string[]): boolean => {
	const lower = text.toLowerCase();
	return words.every(word => lower.includes(word));
};
