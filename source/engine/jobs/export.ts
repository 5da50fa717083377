import {lstatSync, statSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {JobRequest, JobResult} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import {adapterFor, adapterOfArchive} from '../adapter-for.js';
import {type OpenArchive, openArchive} from '../archive/reader.js';
import {exportSelection} from '../archive/selection.js';
import type {ArchiveEntry} from '../archive/types.js';
import {type Catalog, sourcePath} from '../catalog.js';
import {dataPrefix} from '../details.js';
import {discard, publish} from '../durable-file.js';
import {outsidePartialName} from '../names.js';
import {spaceOf} from '../space.js';
import type {JobContext} from './context.js';
import {copyFileChecked} from './copy-file.js';

type ExportRequest = Extract<JobRequest, {type: 'export'}>;
type ExportResult = Extract<JobResult, {type: 'export'}>;

/** The file an export writes: the destination itself, or inside it when it is a folder. */
const destinationFile = (destination: string, name: string): string => {
	const stats = statSync(destination, {throwIfNoEntry: false});
	const file = stats?.isDirectory() ? join(destination, name) : destination;
	// A link that leads nowhere has the name too.
	if (lstatSync(file, {throwIfNoEntry: false})) {
		throw new PrintkeepError('destination-exists', `${safeText(file)} exists already.`, {
			hint: 'Choose another name, or move that file away.',
		});
	}

	if (!statSync(dirname(file), {throwIfNoEntry: false})?.isDirectory()) {
		throw new PrintkeepError('missing-folder', `There is no folder ${safeText(dirname(file))}.`, {
			hint: 'Make it first, or choose another destination.',
		});
	}

	return file;
};

/** The entries under some paths of the data folder, or of some parts. @throws not-found naming the path or part that has none. */
export const selectEntries = (
	archive: Pick<OpenArchive, 'entries'>,
	{
		prefix,
		parts,
		files,
		partOf,
	}: {
		readonly prefix: string;
		readonly parts: readonly string[];
		readonly files: readonly string[];
		readonly partOf: (target: string) => string;
	},
): readonly ArchiveEntry[] => {
	const wantedPaths = files.map(path => path.replace(/\/+$/, ''));
	const found = new Set<string>();
	const selected = archive.entries.filter(entry => {
		if (!entry.name.startsWith(prefix)) {
			return false;
		}

		const target = entry.name.slice(prefix.length).replace(/\/$/, '');
		const path = wantedPaths.find(wanted => target === wanted || target.startsWith(`${wanted}/`));
		const part = parts.find(name => partOf(target) === name);
		if (path !== undefined) {
			found.add(`path ${path}`);
		}

		if (part !== undefined) {
			found.add(`part ${part}`);
		}

		return path !== undefined || part !== undefined;
	});
	const missing =
		wantedPaths.find(path => !found.has(`path ${path}`)) ?? parts.find(part => !found.has(`part ${part}`));
	if (missing !== undefined) {
		throw new PrintkeepError('not-found', `The backup has nothing called ${safeText(missing)}.`, {
			hint: 'See what is in it with: printkeep show KEY --files',
		});
	}

	return selected;
};

const checkSpace = (file: string, bytes: number): void => {
	const space = spaceOf(dirname(file));
	if (space && space.freeBytes < bytes) {
		throw new PrintkeepError(
			'no-space',
			`The export needs ${formatBytes(bytes)}, and only ${formatBytes(space.freeBytes)} are free there.`,
			{hint: 'Choose another destination.'},
		);
	}
};

/**
 * Writes a backup, or a selection of it as a small ZIP, to any place. The file appears under its name only when it is complete and read back.
 * @throws not-found, destination-exists, missing-folder, no-space, archive-*
 */
export const runExport = async (
	context: JobContext,
	request: ExportRequest,
	catalog: Catalog,
): Promise<ExportResult> => {
	const {ports, report, signal, breathe} = context;
	const {target, source, destination, parts, files} = request;
	await catalog.refresh();
	const path = sourcePath(catalog, source);
	const isSelection = parts.length > 0 || files.length > 0;
	const name = basename(path);
	const file = destinationFile(destination, isSelection ? `${name.replace(/\.zip$/i, '')}_selection.zip` : name);
	const partial = join(dirname(file), outsidePartialName(ports.randomHex(8)));
	const archive = await openArchive(path, {limits: target.limits});
	try {
		let entries = archive.entries.length;
		report.phase('copying');
		if (isSelection) {
			const manifest = await archive.manifest();
			const adapter = adapterOfArchive(await adapterFor(ports, manifest?.kind ?? target.instance.kind), manifest);
			const selected = selectEntries(archive, {
				prefix: dataPrefix(manifest),
				parts,
				files,
				partOf: adapter.partOf,
			});
			entries = selected.length;
			const bytes = selected.reduce((sum, entry) => sum + entry.bytes, 0);
			checkSpace(
				file,
				selected.reduce((sum, entry) => sum + entry.compressedBytes, 0),
			);
			report.total(bytes, entries);
			// Nothing is taken out of an archive about which two programs could disagree.
			await archive.checkLocalHeaders(breathe);
			const hashes = new Map(manifest?.files.map(item => [item.path, item.sha256]));
			await exportSelection({
				archive,
				entries: selected,
				sha256Of: entryName => hashes.get(entryName) ?? null,
				disk: ports.disk,
				path: partial,
				signal,
				breathe,
				onProgress(doneBytes, doneFiles, entryName) {
					report.currentFile(entryName);
					report.advance(doneBytes, doneFiles);
				},
			});
		} else {
			checkSpace(file, archive.bytes);
			report.total(archive.bytes, 1);
			report.currentFile(name);
			await copyFileChecked(context, path, partial);
		}

		report.cancellable(false);
		await publish(ports.disk, partial, file);
		return {type: 'export', path: file, bytes: statSync(file).size, files: entries};
	} catch (error) {
		discard(ports.disk, partial);
		throw toPrintkeepError(error, 'The export could not be written');
	} finally {
		archive.close();
	}
};
