import {execFileSync} from 'node:child_process';
import {readdirSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect} from 'vitest';
import {type Call, runTraced} from '../../faults/strace.js';
import type {Tree} from '../../helpers/digest-tree.js';
import {expectDone, type Place} from './damage-place.js';

const renames = ['rename', 'renameat', 'renameat2'] as const;

/** Where in a restore of printkeep's the power goes: before the first thing leaves, half-way out, when all is out and nothing in, half-way in. */
export type Moment = 'first out' | 'half out' | 'first in' | 'half in' | 'last in';

export type Sweep = {
	readonly before: Tree;
	readonly after: Tree;
	/** Puts everything back to how it was before the restore. */
	readonly reset: () => void;
	/** Kills a restore right before a rename. The data folder is in pieces afterwards, except before the very first. */
	readonly kill: (moment: Moment) => Promise<void>;
};

/** Restores a backup once, undisturbed and watched, so that it can be killed at chosen renames of the data afterwards. */
export const prepareKills = async (place: Place, archive: string): Promise<Sweep> => {
	const {root, home, dataFolder, look} = place;
	const kept = join(root, 'kept');
	const beside = dirname(dataFolder);
	execFileSync('cp', ['-a', dataFolder, kept]);
	const reset = (): void => {
		for (const name of readdirSync(beside).filter(candidate => candidate.startsWith('.printkeep'))) {
			rmSync(join(beside, name), {recursive: true});
		}

		// The folder itself may be a mount point.
		for (const name of readdirSync(dataFolder)) {
			rmSync(join(dataFolder, name), {recursive: true});
		}

		execFileSync('cp', ['-a', `${kept}/.`, dataFolder]);
	};

	const command = ['restore', archive, '--yes', ...place.target];
	const before = look();
	const undisturbed = await runTraced(command, {home, calls: renames});
	expectDone(undisturbed);
	const after = look();
	expect(after).not.toEqual(before);
	// Out: from the data folder to the rollback copy. In: from the stage to the data folder.
	const out = undisturbed.calls.filter(({text}) => /"[^"]*\/rollback-[^"]*"\) *= 0$/u.test(text));
	const into = undisturbed.calls.filter(({text}) => /^"[^"]*\/stage-[^"]*", /u.test(text));
	expect(Math.min(out.length, into.length), JSON.stringify(undisturbed.calls)).toBeGreaterThan(3);
	const callAt: Readonly<Record<Moment, Call | undefined>> = {
		'first out': out[0],
		'half out': out[Math.floor(out.length / 2)],
		'first in': into[0],
		'half in': into[Math.floor(into.length / 2)],
		'last in': into.at(-1),
	};

	return {
		before,
		after,
		reset,
		async kill(moment) {
			const call = callAt[moment];
			reset();
			expect(look()).toEqual(before);
			const {code} = await runTraced(command, {
				home,
				calls: renames,
				inject: `${call?.name ?? ''}:signal=KILL:when=${call?.number ?? 0}`,
			});
			expect(code).toBe(137);
			if (moment !== 'first out') {
				expect([before, after], 'The kill did not hit the exchange').not.toContainEqual(look());
			}
		},
	};
};
