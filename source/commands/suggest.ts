/** Number of insertions, deletions, replacements and swaps of neighbours between two short words. */
const distance = (first: string, second: string): number => {
	let beforePrevious: number[] = [];
	let previous = Array.from({length: second.length + 1}, (_, index) => index);
	for (let row = 1; row <= first.length; row++) {
		const current = [row];
		for (let column = 1; column <= second.length; column++) {
			const same = first[row - 1] === second[column - 1];
			const swapped =
				row > 1 && column > 1 && first[row - 1] === second[column - 2] && first[row - 2] === second[column - 1];
			current.push(
				Math.min(
					(previous[column] ?? 0) + 1,
					(current[column - 1] ?? 0) + 1,
					(previous[column - 1] ?? 0) + (same ? 0 : 1),
					swapped ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
				),
			);
		}

		beforePrevious = previous;
		previous = current;
	}

	return previous[second.length] ?? 0;
};

/**
 * The word a person most likely meant, or undefined when none is near: at most a third of the letters wrong, or the
 * beginning of exactly one word.
 */
export const suggest = (typed: string, words: readonly string[]): string | undefined => {
	// Nobody mistypes at such length, and the comparison takes time in the square of it.
	if (typed.length > 40) {
		return undefined;
	}

	const beginnings = words.filter(word => word.startsWith(typed));
	if (beginnings.length === 1 && typed.length > 1) {
		return beginnings[0];
	}

	let best: {readonly word: string; readonly distance: number} | undefined;
	for (const word of words) {
		const apart = distance(typed.toLowerCase(), word.toLowerCase());
		if (apart <= Math.max(1, Math.floor(word.length / 3)) && (best === undefined || apart < best.distance)) {
			best = {word, distance: apart};
		}
	}

	return best?.word;
};
