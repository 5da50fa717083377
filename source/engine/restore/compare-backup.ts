import type {JobContext} from '../jobs/context.js';
import {type Comparison, comparePairs} from './compare.js';
import {liveOf} from './places.js';
import type {Prepared} from './prepare.js';
import {isSameDatabase} from './same-database.js';
import type {Survey} from './survey-result.js';
import type {WantedFile} from './wanted-tree.js';

/** Counts databases that differ only in what copying them rewrote as kept. */
const recogniseDatabases = async (
	{backup}: Prepared,
	{places}: Survey,
	comparison: Comparison,
	breathe: () => Promise<void>,
): Promise<Comparison> => {
	const same = new Set<WantedFile>();
	for (const wanted of comparison.changed) {
		if (wanted.tables && (await isSameDatabase(backup.archive, wanted, liveOf(places, wanted), {breathe}))) {
			same.add(wanted);
		}
	}

	return {
		...comparison,
		kept: [...comparison.kept, ...same],
		changed: comparison.changed.filter(wanted => !same.has(wanted)),
	};
};

/** Compares what is there with what is wanted, contents included. */
export const compare = async (
	{report, breathe}: JobContext,
	prepared: Prepared,
): Promise<{readonly found: Survey; readonly comparison: Comparison}> => {
	report.phase('comparing');
	const found = await prepared.survey(breathe);
	report.total(
		found.pairs.reduce((sum, {bytes}) => sum + bytes, 0),
		found.pairs.length,
	);
	const comparison = await comparePairs(found, {
		breathe,
		onBytes: bytes => report.advance(bytes, 0),
		onFile(name) {
			report.currentFile(name);
			report.advance(0, 1);
		},
	});
	return {found, comparison: await recogniseDatabases(prepared, found, comparison, breathe)};
};
