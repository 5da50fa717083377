/** What a backup will take in and where it will stand, found out before anything is written. */
import {lstatSync, statSync} from 'node:fs';
import {basename, dirname} from 'node:path';
import type {JobRequest} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import type {Layout, ServerEnvironment} from '../../servers/adapter.js';
import {automaticName, checkGivenName, freeName, isTaken} from '../names.js';
import {estimateArchiveBytes, resolveExcludes, scan} from '../scan.js';
import {spaceOf} from '../space.js';
import type {JobContext} from './context.js';

export type CreateRequest = Extract<JobRequest, {type: 'create'}>;

export type Intake = {
	readonly layout: Layout;
	readonly environment: ServerEnvironment;
	readonly excludes: readonly string[];
	readonly totals: {readonly files: number; readonly bytes: number; readonly estimatedBytes: number};
};

/** Walks the parts once for their totals. @throws usage for parts that cannot be left out or do not exist */
export const survey = async (
	context: JobContext,
	{target, excludes: wanted, includes}: CreateRequest,
): Promise<Intake> => {
	const {ports, report, signal, breathe} = context;
	const adapter = ports.adapters[target.instance.kind];
	report.phase('scanning');
	const layout = await adapter.layout(target.instance, target.store);
	const excludes = resolveExcludes(layout, wanted, includes);
	const environment = await adapter.environment(ports.server, target.instance);
	let files = 0;
	let bytes = 0;
	let estimatedBytes = 0;
	for await (const item of scan({layout, excludes, signal, breathe})) {
		if (item.type === 'file') {
			files++;
			bytes += item.bytes;
			estimatedBytes += estimateArchiveBytes(item.target, item.bytes);
			report.currentFile(item.target);
			report.advance(item.bytes, 1);
		}
	}

	return {layout, environment, excludes, totals: {files, bytes, estimatedBytes}};
};

/**
 * Folder and name of the archive.
 * @param existing keys in the store.
 * @throws invalid-name, name-clash, destination-exists, missing-folder
 */
export const place = (
	context: JobContext,
	request: CreateRequest,
	existing: readonly string[],
): {readonly folder: string; readonly name: string} => {
	const {target, name, path} = request;
	if (path !== undefined) {
		if (lstatSync(path, {throwIfNoEntry: false})) {
			throw new PrintkeepError('destination-exists', `${safeText(path)} exists already.`, {
				hint: 'Choose another file, or move that one away.',
			});
		}

		const folder = dirname(path);
		if (!statSync(folder, {throwIfNoEntry: false})) {
			throw new PrintkeepError('missing-folder', `There is no folder ${safeText(folder)}.`, {
				hint: 'Make it first, or choose another one. Is its disk mounted?',
			});
		}

		return {folder, name: basename(path)};
	}

	if (name !== undefined) {
		const key = checkGivenName(name);
		if (isTaken(key, existing)) {
			throw new PrintkeepError('name-clash', `There is a backup called ${key} already.`, {
				hint: 'Choose another name with --name, or leave it out.',
			});
		}

		return {folder: target.store, name: key};
	}

	const {kind, name: instance} = target.instance;
	const automatic = automaticName({
		hostName: context.ports.hostName,
		kind,
		instance,
		at: context.ports.clock.now(),
		trigger: request.trigger,
	});
	return {folder: target.store, name: freeName(automatic, existing)};
};

/** @throws no-space when the folder's disk would be left with too little. */
export const checkSpace = (folder: string, neededBytes: number, keepFreeBytes: number): void => {
	const space = spaceOf(folder);
	if (space && space.freeBytes - neededBytes < keepFreeBytes) {
		throw new PrintkeepError(
			'no-space',
			`The backup would need about ${formatBytes(neededBytes)}, and only ${formatBytes(space.freeBytes)} are free (${formatBytes(keepFreeBytes)} are kept free).`,
			{
				hint: 'Leave parts out, delete old backups, or choose a store on another disk with: printkeep config set store DIR',
			},
		);
	}
};
