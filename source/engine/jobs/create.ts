/**
 * Backing up: the scan runs twice (once for the totals, once to take the files), a hidden archive is written and synced, all of it is read back and compared,
 * and only then does it get its name.
 */
import {lstatSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {JobRequest, JobResult, SkippedFile} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import type {Layout, ServerEnvironment} from '../../servers/adapter.js';
import {printkeepVersion} from '../../version.js';
import {commentOf, sealArchive} from '../archive/comment.js';
import {writeManifest} from '../archive/manifest.js';
import {openArchive} from '../archive/reader.js';
import type {ManifestFile, ManifestFolder, ManifestHeader, ManifestLink} from '../archive/types.js';
import {verifyArchive} from '../archive/verify.js';
import {createArchiveWriter} from '../archive/writer.js';
import {type Catalog, summariseFile} from '../catalog.js';
import {removeTree} from '../disk.js';
import {discard, makeFolders, publish} from '../durable-file.js';
import {automaticName, checkGivenName, freeName, isTaken, partialName} from '../names.js';
import {estimateArchiveBytes, resolveExcludes, type ScanProblem, scan} from '../scan.js';
import {spaceOf} from '../space.js';
import {readStoreIndex} from '../store-index.js';
import {rememberVerified} from '../verified.js';
import type {JobContext} from './context.js';
import {secondsText, takeFile} from './take-file.js';

type CreateRequest = Extract<JobRequest, {type: 'create'}>;
type CreateResult = Extract<JobResult, {type: 'create'}>;

/** What a backup takes in, before anything is written. */
type Intake = {
	readonly layout: Layout;
	readonly environment: ServerEnvironment;
	readonly excludes: readonly string[];
	readonly totals: {readonly files: number; readonly bytes: number; readonly estimatedBytes: number};
};

type PartCount = {files: number; bytes: number};

const survey = async (context: JobContext, {target, excludes: wanted, includes}: CreateRequest): Promise<Intake> => {
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

/** Where the archive will stand, and where it is written. */
const place = (
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

		return {folder: dirname(path), name: basename(path)};
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

const checkSpace = (folder: string, neededBytes: number, keepFreeBytes: number): void => {
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

const manifestParts = (
	layout: Layout,
	excludes: readonly string[],
	counts: ReadonlyMap<string, PartCount>,
): ManifestHeader['parts'] =>
	layout.parts.map(({name, title, inclusion, reason, roots}) => {
		const state = inclusion === 'never' ? 'never' : excludes.includes(name) ? 'excluded' : 'included';
		const external = roots.find(root => root.external);
		return {
			name,
			title,
			state,
			reason: state === 'excluded' && reason === '' ? 'Left out by choice.' : reason,
			files: counts.get(name)?.files ?? 0,
			bytes: counts.get(name)?.bytes ?? 0,
			...(external ? {externalSource: external.source} : {}),
		};
	});

/** Words for what the scan could not take, as skipped files or as notes. */
const sortProblems = (
	problems: readonly ScanProblem[],
): {readonly skipped: readonly SkippedFile[]; readonly notes: readonly string[]} => ({
	skipped: problems.filter(problem => problem.severity === 'skipped').map(({path, reason}) => ({path, reason})),
	notes: problems
		.filter(problem => problem.severity === 'note')
		.map(({path, reason}) => `${safeText(path)}: ${reason}`),
});

/**
 * Runs the job. The store's and the instance's locks are held by the caller.
 * @throws PrintkeepError: no-space, name-clash, destination-exists, store-unwritable, cancelled…; nothing is left behind then.
 */
export const runCreate = async (
	context: JobContext,
	request: CreateRequest,
	catalog: Catalog,
): Promise<CreateResult> => {
	const {ports, report, breathe, signal} = context;
	const {disk} = ports;
	const {target} = request;
	const adapter = ports.adapters[target.instance.kind];
	await catalog.refresh();
	const existing = catalog
		.list()
		.filter(({origin}) => origin === 'store')
		.map(({key}) => key);
	// A name that cannot be is refused before anything else is done.
	place(context, request, existing);
	const {layout, environment, excludes, totals} = await survey(context, request);
	const {folder, name} = place(context, request, existing);
	checkSpace(folder, totals.estimatedBytes, target.keepFreeBytes);

	if (request.path === undefined) {
		try {
			makeFolders(disk, folder);
		} catch (error) {
			throw new PrintkeepError(
				'store-unwritable',
				toPrintkeepError(error, 'The backup folder could not be made').message,
				{
					hint: 'Choose another one with: printkeep config set store DIR',
					cause: error,
				},
			);
		}
	}

	const partial = join(folder, partialName(ports.randomHex(8)));
	const databaseFolder = `${partial}.databases`;
	let descriptor: number;
	try {
		descriptor = disk.create(partial, 0o600);
	} catch (error) {
		const {message, hint} = toPrintkeepError(error, 'The backup folder cannot be written');
		throw new PrintkeepError('store-unwritable', message, {hint, cause: error});
	}

	try {
		disk.makeDirectory(databaseFolder, 0o700);
		const writer = createArchiveWriter({disk, descriptor, breathe, signal});
		const createdAt = ports.clock.now();
		for (const {name: memberName, content} of adapter.extraMembers({environment, excludes})) {
			await writer.addBuffer(
				{name: memberName, mode: 0o100600, modifiedAt: createdAt, uid: 0, gid: 0},
				Buffer.from(content),
			);
		}

		report.phase('writing');
		report.total(totals.bytes, totals.files);
		const files: ManifestFile[] = [];
		const folders: ManifestFolder[] = [];
		const links: ManifestLink[] = [];
		const skipped: SkippedFile[] = [];
		const problems: ScanProblem[] = [];
		const counts = new Map<string, PartCount>();
		const skip = (file: SkippedFile): void => {
			skipped.push(file);
			report.skipped(file);
		};
		const isOurs = (source: string | Buffer): boolean => source.toString().startsWith(partial);
		for await (const item of scan({layout, excludes, signal, breathe, onProblem: problem => problems.push(problem)})) {
			if (item.type === 'link') {
				links.push({path: item.entryName, target: item.linkTarget, type: item.linkType, ...rawPathOf(item)});
				continue;
			}

			if (isOurs(item.source)) {
				continue;
			}

			if (item.type === 'folder') {
				const member = {
					name: item.entryName,
					mode: item.mode,
					modifiedAt: Number(item.modifiedNanoseconds / 1_000_000n),
					uid: item.uid,
					gid: item.gid,
				};
				folders.push({
					path: item.entryName,
					mode: item.mode,
					modified: secondsText(item.modifiedNanoseconds),
					uid: item.uid,
					gid: item.gid,
					...rawPathOf(item),
				});
				if (item.empty) {
					await writer.addDirectory(member);
				}

				continue;
			}

			report.currentFile(item.target);
			let readBytes = 0;
			const taken = await takeFile(context, writer, item, {
				databaseFolder,
				onBytes(bytes) {
					// A file read again must not count twice.
					const counted = Math.max(0, Math.min(bytes, item.bytes - readBytes));
					readBytes += counted;
					report.advance(counted, 0);
				},
			});
			report.advance(item.bytes - readBytes, 1);
			if (taken.type === 'vanished') {
				problems.push({path: item.target, reason: 'It vanished while the backup ran.', severity: 'note'});
				continue;
			}

			if (taken.skipped) {
				skip(taken.skipped);
			}

			if (taken.type === 'taken') {
				files.push(taken.file);
				const count = counts.get(item.part) ?? {files: 0, bytes: 0};
				count.files++;
				count.bytes += taken.file.bytes;
				counts.set(item.part, count);
			}
		}

		const sorted = sortProblems(problems);
		for (const file of sorted.skipped) {
			skip(file);
		}

		const index = readStoreIndex(target.store);
		const sequence =
			1 + catalog.list().reduce((highest, {sequence: other}) => Math.max(highest, other ?? 0), index.sequence);
		const header: ManifestHeader = {
			format: 1,
			printkeep: printkeepVersion,
			id: uuidOf(ports.randomHex(16)),
			sequence,
			created: new Date(createdAt).toISOString(),
			host: ports.hostName,
			kind: target.instance.kind,
			instance: target.instance.name,
			trigger: request.trigger,
			note: request.note,
			server: {version: environment.version, versionSource: environment.versionSource},
			dataFolder: target.instance.dataFolder,
			...(target.instance.configFile === undefined ? {} : {configFile: target.instance.configFile}),
			prefix: layout.prefix,
			parts: manifestParts(layout, excludes, counts),
			excludes,
			plugins: (environment.plugins ?? []).map(plugin => ({...plugin})),
			status: skipped.length > 0 ? 'partial' : 'complete',
			skipped,
			notes: [...layout.warnings, ...layout.backupNotes, ...sorted.notes],
			totals: {files: files.length, bytes: files.reduce((sum, {bytes}) => sum + bytes, 0)},
		};
		await writeManifest(writer, {...header, folders, links, files}, createdAt);
		const {bytes: storedBytes} = await writer.finish(commentOf(header));
		report.phase('syncing');
		await disk.syncFile(descriptor);

		report.phase('verifying');
		const sha256 = await readBack(context, partial, header.totals);
		report.cancellable(false);
		sealArchive({disk, descriptor, sha256});
		await disk.syncFile(descriptor);
		removeTree(disk, databaseFolder);
		await publish(disk, partial, join(folder, name));

		if (request.path === undefined) {
			await rememberVerified(
				ports,
				target.store,
				[{backup: {key: name, origin: 'store', path: join(folder, name)}, ok: true}],
				sequence,
			);
		}

		await catalog.refresh();
		const backup =
			request.path === undefined ? catalog.get(name, 'store') : summariseFile(request.path, ports.adapters);
		return {
			type: 'create',
			backup,
			files: header.totals.files,
			bytes: header.totals.bytes,
			storedBytes,
			skipped,
			notes: header.notes,
		};
	} catch (error) {
		discard(disk, partial);
		removeTree(disk, databaseFolder);
		throw error;
	} finally {
		disk.close(descriptor);
	}
};

const rawPathOf = ({rawPath}: {readonly rawPath?: string}): {readonly rawPath?: string} =>
	rawPath === undefined ? {} : {rawPath};

const uuidOf = (hex: string): string => {
	const digits = `${hex.slice(0, 12)}4${hex.slice(13, 16)}8${hex.slice(17)}`;
	return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
		'-',
	);
};

/**
 * Reads the whole archive back from the disk and compares it with what was meant to be written.
 * @returns hex SHA-256 of all bytes before the end record.
 */
const readBack = async (
	{report, breathe, signal}: JobContext,
	path: string,
	totals: {readonly files: number; readonly bytes: number},
): Promise<string> => {
	report.total(totals.bytes, totals.files);
	const archive = await openArchive(path);
	try {
		const {problems, sha256OfBody} = await verifyArchive(archive, {
			signal,
			breathe,
			sealed: false,
			onProgress(bytes, files, name) {
				report.currentFile(name);
				report.advance(bytes, files);
			},
		});
		const [first] = problems;
		if (first) {
			throw new PrintkeepError(
				'archive-damaged',
				`The new archive did not read back as it was written: ${first.message}`,
				{
					hint: 'The disk may be failing: choose another place for your backups, and check the old ones with: printkeep verify --all',
					...(first.detail === undefined ? {} : {detail: first.detail}),
				},
			);
		}

		return sha256OfBody;
	} finally {
		archive.close();
	}
};
