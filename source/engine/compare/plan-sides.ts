import type {LimitSettings, PlanFile} from '../../client/protocol.js';
import type {Prepared} from '../restore/prepare.js';
import type {Survey} from '../restore/survey-result.js';
import {archiveSide} from './archive-side.js';
import {liveSide} from './live-side.js';
import {secretFilesOf} from './secret-files.js';
import type {Sides} from './side.js';

/** The two sides of what a restore would do: the backup, and what lies on the disk now. */
export const planSides = async (
	{adapter, backup, wanted}: Pick<Prepared, 'adapter' | 'backup' | 'wanted'>,
	{
		found,
		files,
		limits,
		breathe,
	}: {
		readonly found: Pick<Survey, 'places' | 'removed'>;
		readonly files: readonly PlanFile[];
		readonly limits: LimitSettings | undefined;
		readonly breathe: () => Promise<void>;
	},
): Promise<Sides> => ({
	left: archiveSide(backup, wanted, limits),
	right: await liveSide({wanted, breathe}, found, files),
	secretFiles: secretFilesOf(adapter),
});
