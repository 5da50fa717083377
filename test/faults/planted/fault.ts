/**
 * A fault that is put into a copy of the source on purpose, to see that the tests notice. Each suite adds its own in a file `faults-NAME.ts` of this
 * folder and to the list in `table.ts`; README.md has the rules.
 */
export type PlantedFault = {
	/** Unique, kebab-case: names the fault in reports. */
	readonly name: string;
	/** What goes wrong with it, for a person: "A restored file can be empty after a power cut." */
	readonly damage: string;
	/** Changes of source files. `find` must be there exactly once, so that a fault that no longer applies is noticed. */
	readonly edits: readonly {
		/** Relative to the repository. */
		readonly file: string;
		readonly find: string;
		readonly replace: string;
	}[];
	/** The test that must fail; the bounded part of a suite must be enough. */
	readonly caughtBy: {
		/** Relative to the repository. */
		readonly file: string;
		/** A part of the test's name, as for `vitest -t`; the whole file when missing. */
		readonly test?: string;
		/** True when it works on the built program: `dist/` is built in the copy first. */
		readonly needsBuild?: boolean;
	};
};
