import {statSync} from 'node:fs';
import {basename, join} from 'node:path';
import type {JobRequest, JobResult} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {adapterFor} from '../adapter-for.js';
import type {Catalog} from '../catalog.js';
import {discard, makeLastingFolders} from '../durable-file.js';
import {partialName} from '../names.js';
import {sweepStore} from '../store-strays.js';
import type {JobContext} from './context.js';
import {copyFileChecked} from './copy-file.js';
import {checkStoreSpace, nameInStore, publishInStore, validateArchive} from './take-in.js';

type ImportRequest = Extract<JobRequest, {type: 'import'}>;
type ImportResult = Extract<JobResult, {type: 'import'}>;

/** Changes whenever the content of a file may have changed. */
const stampOf = (path: string): string => {
	const {dev, ino, size, mtimeNs, ctimeNs} = statSync(path, {bigint: true});
	return [dev, ino, size, mtimeNs, ctimeNs].join();
};

/**
 * Takes an archive file into the store: read and checked in full first, then copied under a hidden name, read back, and named.
 * @throws missing file as not-found; not-a-zip, archive-*, wrong-server, invalid-name, name-clash, no-space
 */
export const runImport = async (
	context: JobContext,
	{target, path, as}: ImportRequest,
	catalog: Catalog,
): Promise<ImportResult> => {
	const {ports, report} = context;
	const stats = statSync(path, {throwIfNoEntry: false});
	if (!stats) {
		throw new PrintkeepError('not-found', `There is no file ${safeText(path)}.`, {hint: 'Check the path.'});
	}

	if (!stats.isFile()) {
		throw new PrintkeepError('not-a-file', `${safeText(path)} is not an ordinary file.`, {
			hint: 'Choose a ZIP archive.',
		});
	}

	sweepStore(ports.disk, target.store);
	await catalog.refresh();
	const name = nameInStore(catalog, basename(path), as);
	const before = stampOf(path);
	await validateArchive(context, path, {
		adapter: await adapterFor(ports, target.instance.kind),
		limits: target.limits,
		failed: 'The file was not imported',
	});
	checkStoreSpace(target, stats.size, 'The file');
	const partial = join(target.store, partialName(ports.randomHex(8)));
	try {
		try {
			await makeLastingFolders(ports.disk, target.store);
			report.phase('copying');
			report.total(stats.size, 1);
			await copyFileChecked(context, path, partial);
			if (stampOf(path) !== before) {
				throw new PrintkeepError('archive-damaged', 'The file changed while it was imported.', {
					hint: 'Wait until whatever writes it has finished, then import it again.',
				});
			}
		} catch (error) {
			throw toPrintkeepError(error, 'The file could not be copied into the store');
		}

		return {type: 'import', backup: await publishInStore(context, partial, {name, target, catalog})};
	} catch (error) {
		discard(ports.disk, partial);
		throw error;
	}
};
