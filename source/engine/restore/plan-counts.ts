/** What becomes of the files of a plan: counted, and listed only for whoever wants to see them all. */
import type {PlanAction, PlanCounts, PlanFile} from '../../client/protocol.js';
import {toText} from './byte-path.js';
import type {Comparison} from './compare.js';
import type {RemovedFile, Survey} from './survey-result.js';
import type {WantedFile, WantedLink} from './wanted-tree.js';

type Planned = WantedFile | WantedLink | RemovedFile;
type Compared = Pick<Comparison, 'kept' | 'changed'>;

/** How many files of each action, and the bytes of those that are there afterwards. */
export type PlannedPart = {readonly counts: PlanCounts; readonly bytes: number};

export type PlannedCounts = {readonly counts: PlanCounts; readonly byPart: ReadonlyMap<string, PlannedPart>};

const noCounts: PlanCounts = {added: 0, changed: 0, removed: 0, kept: 0};

const bytesOf = (item: Planned): number => ('bytes' in item ? item.bytes : 0);

/** Shows every file of a plan with what becomes of it. */
const visitPlanned = (
	found: Survey,
	{kept, changed}: Compared,
	visit: (action: PlanAction, item: Planned) => void,
): void => {
	const show = (action: PlanAction, items: readonly (WantedFile | WantedLink)[]): void => {
		for (const item of items) {
			if (found.avoided.size === 0 || !found.avoided.has(item.target)) {
				visit(action, item);
			}
		}
	};

	show('added', found.added);
	show('changed', found.changed);
	show('changed', changed);
	show('kept', found.sameLinks);
	show('kept', kept);
	for (const item of found.removed) {
		visit('removed', item);
	}
};

/** Every file of a plan with what becomes of it, in the order of their paths. */
export const planFilesOf = (found: Survey, compared: Compared): readonly PlanFile[] => {
	const files: PlanFile[] = [];
	visitPlanned(found, compared, (action, item) => {
		files.push({
			path: 'name' in item ? item.name : toText(item.target),
			part: item.part,
			action,
			bytes: bytesOf(item),
		});
	});
	return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
};

/** How many files of each action. */
export const countFiles = (files: readonly PlanFile[]): PlanCounts => {
	const counts = {...noCounts};
	for (const {action} of files) {
		counts[action]++;
	}

	return counts;
};

/** How many files of each action, in all and in each part that has any. */
export const countPlanned = (found: Survey, compared: Compared): PlannedCounts => {
	const counts = {...noCounts};
	const byPart = new Map<string, {readonly counts: {-readonly [Action in PlanAction]: number}; bytes: number}>();
	visitPlanned(found, compared, (action, item) => {
		const {part} = item;
		const own = byPart.get(part) ?? {counts: {...noCounts}, bytes: 0};
		byPart.set(part, own);
		counts[action]++;
		own.counts[action]++;
		own.bytes += action === 'removed' ? 0 : bytesOf(item);
	});
	return {counts, byPart};
};
