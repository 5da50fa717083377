/** What a backup will take in and where it will stand, found out before anything is written. */
import {lstatSync, statSync} from 'node:fs';
import {basename, dirname} from 'node:path';
import type {BackupSummary, JobRequest} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import type {Layout, ServerEnvironment} from '../../servers/adapter.js';
import {adapterFor} from '../adapter-for.js';
import {automaticName, checkGivenName, freeName, isTaken} from '../names.js';
import {estimateArchiveBytes, resolveExcludes, Walk} from '../scan.js';
import {spaceOf} from '../space.js';
import type {JobContext} from './context.js';
import {collectExtraExcludes, type ExtraExclude, presentExcludes, withExtraExcludes} from './extra-excludes.js';

export type CreateRequest = Extract<JobRequest, {type: 'create'}>;

export type Intake = {
	readonly layout: Layout;
	readonly environment: ServerEnvironment;
	/** Names of the parts left out. */
	readonly excludes: readonly string[];
	/** What plugins want left out, as far as it is there. */
	readonly leftOut: readonly ExtraExclude[];
	/** What printkeep's own plugins have to say of this machine, by their ids. */
	readonly facts: Readonly<Record<string, unknown>> | undefined;
	/** What there is to say of how the plugins were asked, in sentences. */
	readonly notes: readonly string[];
	readonly totals: {readonly files: number; readonly bytes: number; readonly estimatedBytes: number};
};

/** Room to spare beyond twice the size of the earlier backup: then nothing needs to be counted before. */
const ampleBytes = 256 * 1024 * 1024;

/** Where the archive will be made. */
export const folderOf = ({target, path}: CreateRequest): string => (path === undefined ? target.store : dirname(path));

/** What the backup will come to, from the last one of the same parts; null when that must be counted, since it might not fit. */
const expectedTotals = (
	request: CreateRequest,
	excludes: readonly string[],
	previous: BackupSummary | null,
): Intake['totals'] | null => {
	if (previous?.files == null || previous.uncompressedBytes === null || previous.excludes === null) {
		return null;
	}

	const hasSameParts = [...excludes].sort().join() === [...previous.excludes].sort().join();
	const space = spaceOf(folderOf(request));
	const isAmple = space !== null && space.freeBytes - request.target.keepFreeBytes >= 2 * previous.bytes + ampleBytes;
	return hasSameParts && isAmple
		? {files: previous.files, bytes: previous.uncompressedBytes, estimatedBytes: previous.bytes}
		: null;
};

const emptyToNothing = (facts: Readonly<Record<string, unknown>> | undefined) =>
	facts && Object.keys(facts).length > 0 ? facts : undefined;

/**
 * Finds out what there is to take in: the parts, and their totals, for which they are walked once, unless an earlier backup tells them well enough.
 * @throws usage for parts that cannot be left out or do not exist
 */
export const survey = async (
	context: JobContext,
	request: CreateRequest,
	previous: BackupSummary | null,
): Promise<Intake> => {
	const {ports, report, signal, breathe} = context;
	const {target, excludes: wanted, includes} = request;
	const adapter = await adapterFor(ports, target.instance.kind);
	report.phase('scanning');
	const whole = await adapter.layout(target.instance, target.store);
	const excludes = resolveExcludes(whole, wanted, includes);
	const extra = await collectExtraExcludes(context, request, whole, {excludes, told: [], knownOnly: false});
	const layout = withExtraExcludes(extra.layout, extra.excludes);
	const leftOut = presentExcludes(extra.layout, extra.excludes).filter(({part}) => !excludes.includes(part));
	const environment = await adapter.environment(ports.server, target.instance);
	const facts = await context.plugins?.environment();
	const known = {layout, environment, excludes, leftOut, facts: emptyToNothing(facts), notes: extra.notes};
	const expected = expectedTotals(request, excludes, previous);
	if (expected) {
		return {...known, totals: expected};
	}

	let files = 0;
	let bytes = 0;
	let estimatedBytes = 0;
	const walk = new Walk({layout, excludes});
	for (let met = walk.step(); met; met = walk.step()) {
		signal.throwIfAborted();
		if (met === 'pause') {
			await breathe();
		} else if (met.type === 'file') {
			const {target: path} = met.child.name;
			const size = Number(met.child.stats.size);
			files++;
			bytes += size;
			estimatedBytes += estimateArchiveBytes(path, size);
			report.currentFile(path);
			report.advance(size, 1);
		}
	}

	return {...known, totals: {files, bytes, estimatedBytes}};
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

/** Bytes written between two looks at the space that is left. */
const lookEveryBytes = 64 * 1024 * 1024;

/**
 * Makes the function that is told how much has been written: what was found out before may have become wrong, and a full disk harms more than a backup.
 * @throws no-space when less than what is to be kept free is left; from the function.
 */
export const createSpaceWatch = (folder: string, keepFreeBytes: number): ((writtenBytes: number) => void) => {
	let looked = 0;
	return writtenBytes => {
		// A file that changed is taken out again, and what follows must be watched all the same.
		looked = Math.min(looked, writtenBytes);
		if (writtenBytes - looked < lookEveryBytes) {
			return;
		}

		looked = writtenBytes;
		const space = spaceOf(folder);
		if (space && space.freeBytes < keepFreeBytes) {
			throw new PrintkeepError(
				'no-space',
				`The backup became larger than expected: only ${formatBytes(space.freeBytes)} are left, and ${formatBytes(keepFreeBytes)} are kept free.`,
				{
					hint: 'Leave parts out, delete old backups, or choose a store on another disk with: printkeep config set store DIR',
				},
			);
		}
	};
};
