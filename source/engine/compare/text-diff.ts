import type {DiffLine, TextComparison} from '../../client/protocol.js';
import {hideSecrets, type ShownLine} from './hide-secrets.js';

/** Lines around a change that are shown with it. */
const contextLines = 3;
const maximumLines = 20_000;
/** Beyond so many changed lines the two have nothing to do with each other; working it out would take a small board its memory. */
const maximumEdits = 2000;
const maximumMilliseconds = 2000;

type Text = Extract<TextComparison, {type: 'text'}>;

/** Lines with their ends, so that a file that lost its last line end is told from one that did not. */
const splitLines = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+/g) ?? [];

type Step = {readonly type: 'same' | 'added' | 'removed'; readonly count: number};

/** How the right lines become the left ones; null when that cannot be found out in reasonable time. */
const stepsBetween = async (left: readonly string[], right: readonly string[]): Promise<readonly Step[] | null> => {
	if (left.length === 0 || right.length === 0) {
		return [
			{type: 'removed', count: right.length},
			{type: 'added', count: left.length},
		];
	}

	// Loaded only when somebody looks at a file.
	const {diffArrays} = await import('diff');
	const changes = diffArrays([...right], [...left], {maxEditLength: maximumEdits, timeout: maximumMilliseconds});
	return (
		changes?.map(({added, removed, count}) => ({type: added ? 'added' : removed ? 'removed' : 'same', count})) ?? null
	);
};

/** Every line of both, in order. */
const allLines = (
	steps: readonly Step[],
	left: readonly ShownLine[],
	right: readonly ShownLine[],
): readonly {readonly line: Exclude<DiffLine, {type: 'gap'}>; readonly isHidden: boolean}[] => {
	let leftIndex = 0;
	let rightIndex = 0;
	return steps.flatMap(({type, count}) =>
		Array.from({length: count}, () => {
			const shown = type === 'removed' ? right[rightIndex] : left[leftIndex];
			const line = {
				type,
				left: type === 'removed' ? null : ++leftIndex,
				right: type === 'added' ? null : ++rightIndex,
				text: shown?.text ?? '',
			};
			return {line, isHidden: shown?.isHidden ?? false};
		}),
	);
};

/** Leaves out what is the same and not near a change. */
const withGaps = (lines: ReturnType<typeof allLines>): Text => {
	const isNear = new Uint8Array(lines.length);
	for (const [index, {line}] of lines.entries()) {
		if (line.type !== 'same') {
			isNear.fill(1, Math.max(0, index - contextLines), index + contextLines + 1);
		}
	}

	const shown: DiffLine[] = [];
	let gap = 0;
	let hidden = 0;
	const endGap = (): void => {
		if (gap > 0) {
			shown.push({type: 'gap', lines: gap});
			gap = 0;
		}
	};

	for (const [index, {line, isHidden}] of lines.entries()) {
		if (isNear[index] === 1) {
			endGap();
			shown.push(line);
			hidden += isHidden ? 1 : 0;
		} else {
			gap++;
		}
	}

	endGap();
	const count = (type: DiffLine['type']): number => shown.filter(line => line.type === type).length;
	return {type: 'text', lines: shown, added: count('added'), removed: count('removed'), hidden};
};

/** A carriage return at the end of every line is that file's way to end lines, and only worth showing where the two differ in it. */
const withoutReturns = (lines: readonly ShownLine[]): readonly ShownLine[] =>
	lines.map(({text, isHidden}) => ({text: text.replace(/\r$/, ''), isHidden}));

const endsWithReturns = (lines: readonly string[]): boolean =>
	lines.every(line => !line.endsWith('\n') || line.endsWith('\r\n'));

/**
 * Compares two texts line by line, as they are, and returns them with the values of secrets hidden. An empty text stands for a file that is not there:
 * all of the other is added or removed then.
 * @returns words when they cannot be compared this way.
 */
export const compareTexts = async (left: string, right: string): Promise<Text | string> => {
	const leftLines = splitLines(left);
	const rightLines = splitLines(right);
	if (Math.max(leftLines.length, rightLines.length) > maximumLines) {
		return 'It has more than 20,000 lines.';
	}

	const steps = await stepsBetween(leftLines, rightLines);
	if (steps === null) {
		return 'The two are too different to be compared line by line.';
	}

	const shown = hideSecrets([left, right]);
	const [shownLeft = [], shownRight = []] = endsWithReturns([...leftLines, ...rightLines])
		? shown.map(withoutReturns)
		: shown;
	return withGaps(allLines(steps, shownLeft, shownRight));
};
