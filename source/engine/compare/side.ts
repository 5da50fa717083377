import type {PlanAction} from '../../client/protocol.js';

/** What one of the two states has at a path. */
export type SideContent =
	| {readonly type: 'none'}
	| {readonly type: 'content'; readonly content: Buffer}
	/** There is something that is not read; the reason is a sentence for a person. */
	| {readonly type: 'other'; readonly reason: string; readonly bytes: number | null};

/** One of the two states that were compared; its files can be read as long as it is as it was then. */
export type Side = {
	/**
	 * What it has at a path of the comparison.
	 * @param action what the comparison found about it.
	 * @throws archive errors, not-found when the archive is not there any more
	 */
	readonly read: (path: string, action: PlanAction) => Promise<SideContent>;
};

/** The two states of a comparison, and what of them is not shown. */
export type Sides = {
	readonly left: Side;
	readonly right: Side;
	/** Files that hold nothing but passwords or keys, inside the data folder. */
	readonly secretFiles: readonly string[];
};

/** Larger files are not compared line by line. */
export const maximumTextBytes = 512_000;

export const tooLarge = 'It is larger than 512 kB, too large to be compared line by line.';
export const changedSince = 'It has changed since the comparison was made. Compare again.';
