/** The middle of some numbers; NaN of none. */
export const median = (numbers: readonly number[]): number => {
	const sorted = [...numbers].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	const upper = sorted[middle] ?? Number.NaN;
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/** The value below which a share of the numbers lies. */
export const percentile = (numbers: readonly number[], share: number): number => {
	const sorted = [...numbers].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

/** The ratios of two things in the rounds in which both were measured. */
export const ratios = (numerators: readonly number[], denominators: readonly number[]): readonly number[] =>
	numerators.flatMap((numerator, round) => {
		const denominator = denominators[round];
		return denominator === undefined ? [] : [numerator / denominator];
	});

/** `1.23 (1.20..1.31)`: the median and the spread; the median alone of a single number. */
export const withSpread = (numbers: readonly number[], digits: number): string => {
	const middle = median(numbers).toFixed(digits);
	return numbers.length < 2
		? middle
		: `${middle} (${Math.min(...numbers).toFixed(digits)}..${Math.max(...numbers).toFixed(digits)})`;
};
