/** Makes the archive under a temporary name, syncs it, reads all of it back and seals it; only then it gets its name. */
import {join} from 'node:path';
import type {JobResult} from '../../client/protocol.js';
import {PrintkeepError, toErrorData, toPrintkeepError} from '../../errors.js';
import type {Layout} from '../../servers/adapter.js';
import {printkeepVersion} from '../../version.js';
import {adapterFor} from '../adapter-for.js';
import {commentOf, sealArchive} from '../archive/comment.js';
import {writeManifestLines} from '../archive/manifest.js';
import {levelOf} from '../archive/profile.js';
import {readSummary} from '../archive/summary.js';
import type {ManifestHeader} from '../archive/types.js';
import {createArchiveWriter} from '../archive/writer.js';
import {type Catalog, summariseFile} from '../catalog.js';
import {removeTree} from '../disk.js';
import {discard, publish} from '../durable-file.js';
import {outsidePartialName, partialName} from '../names.js';
import type {PreviousBackup} from '../reuse/previous-backup.js';
import {createSettledBefore} from '../scan/settled.js';
import {rememberVerified} from '../verified.js';
import type {JobContext} from './context.js';
import {type Contents, type PartCount, takeContents} from './create-contents.js';
import {type CreateRequest, createSpaceWatch, type Intake} from './create-intake.js';
import {readBack} from './read-back.js';

export type CreateResult = Extract<JobResult, {type: 'create'}>;

const manifestParts = (
	layout: Layout,
	excludes: readonly string[],
	counts: ReadonlyMap<string, PartCount>,
): ManifestHeader['parts'] =>
	layout.parts.map(({name, title, inclusion, reason, roots, paths}) => {
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
			...(paths === undefined ? {} : {paths}),
		};
	});

const uuidOf = (hex: string): string => {
	const digits = `${hex.slice(0, 12)}4${hex.slice(13, 16)}8${hex.slice(17)}`;
	return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
		'-',
	);
};

/** True when a backup would say nothing of the server and of what was chosen that the earlier one does not say. */
const saysTheSame = (previous: PreviousBackup, header: ManifestHeader): boolean => {
	const facts = ({
		server,
		dataFolder,
		configFile,
		prefix,
		parts,
		excludes,
		leftOut = [],
		plugins,
		notes,
		status,
		skipped,
	}: ManifestHeader): string =>
		JSON.stringify([
			...[server, dataFolder, configFile ?? null, prefix, parts, excludes, leftOut, plugins],
			...[notes, status, skipped],
		]);
	try {
		return facts(previous.entries.header()) === facts(header);
	} catch {
		return false;
	}
};

/**
 * Writes the backup.
 * @param options.name free in `folder`.
 * @param options.previous unchanged entries are taken over from it.
 * @throws no-space, store-unwritable, archive-damaged and the like when it did not read back as it was written; cancelled. Nothing is left behind then.
 */
export const writeBackup = async (
	context: JobContext,
	request: CreateRequest,
	catalog: Catalog,
	{
		intake: {layout, environment, excludes, leftOut, facts, notes: intakeNotes, totals},
		folder,
		name,
		sequence,
		previous,
		onRead,
	}: {
		readonly intake: Intake;
		readonly folder: string;
		readonly name: string;
		readonly sequence: number;
		readonly previous: PreviousBackup | null;
		/** Called as soon as nothing is read any more of what is backed up. */
		readonly onRead: () => Promise<void>;
	},
): Promise<CreateResult> => {
	const {ports, report, breathe, signal} = context;
	const {disk} = ports;
	const {target} = request;
	const adapter = await adapterFor(ports, target.instance.kind);
	const level = levelOf(target.effort?.profile);
	// A name, a place and a note are wishes for a backup of one's own.
	const skipUnchanged =
		target.skipUnchanged === true && request.path === undefined && request.name === undefined && request.note === '';
	const nameOf = request.path === undefined ? partialName : outsidePartialName;
	const partial = join(folder, nameOf(ports.randomHex(8)));
	const databaseFolder = `${partial}.databases`;
	let descriptor: number;
	let isOpen = true;
	try {
		descriptor = disk.create(partial, 0o600);
	} catch (error) {
		const {code, message, hint} = toPrintkeepError(error, 'The backup folder cannot be written');
		throw new PrintkeepError(code === 'no-space' ? code : 'store-unwritable', message, {hint, cause: error});
	}

	const abandon = (): void => {
		discard(disk, partial);
		try {
			removeTree(disk, databaseFolder);
		} catch {
			// What went wrong first is what has to be told; the next job sweeps.
		}
	};

	try {
		disk.makeDirectory(databaseFolder, 0o700);
		const writer = createArchiveWriter({
			disk,
			descriptor,
			breathe,
			signal,
			level,
			pool: context.pool(),
			onRead: context.onRead,
		});
		const createdAt = ports.clock.now();
		for (const {name: memberName, content} of adapter.extraMembers({environment, excludes})) {
			await writer.addBuffer(
				{name: memberName, mode: 0o100600, modifiedAt: createdAt, uid: 0, gid: 0},
				Buffer.from(content),
			);
		}

		report.phase('writing');
		report.total(totals.bytes, totals.files);
		const contents: Contents = await takeContents(context, writer, {
			layout,
			excludes,
			partial,
			databaseFolder,
			level,
			settledBefore: createSettledBefore(ports.clock),
			previous,
			skipUnchanged,
			onWritten: createSpaceWatch(folder, target.keepFreeBytes),
		});
		const {lines, skipped, notes, counts, totals: taken, reused} = contents;
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
			...(leftOut.length === 0 ? {} : {leftOut}),
			plugins: (environment.plugins ?? []).map(plugin => ({...plugin})),
			...(facts === undefined ? {} : {facts}),
			status: skipped.length > 0 ? 'partial' : 'complete',
			skipped,
			notes: [...layout.warnings, ...layout.backupNotes, ...intakeNotes, ...notes],
			totals: taken,
		};
		if (previous && skipUnchanged && contents.isUnchanged && saysTheSame(previous, header)) {
			const {summary} = previous;
			abandon();
			return {
				type: 'create',
				backup: summary,
				files: taken.files,
				bytes: taken.bytes,
				storedBytes: summary.bytes,
				skipped,
				leftOut,
				notes: header.notes,
				reused: {key: summary.key, ...reused},
				unchangedSince: summary.key,
			};
		}

		await onRead();
		await contents.finish();
		await writeManifestLines(writer, header, lines, createdAt);
		const {bytes: storedBytes} = await writer.finish(commentOf(header));
		// What is known of each file by now stands in the archive: reading it back needs the memory.
		for (const list of [lines.folders, lines.links, lines.files]) {
			list.truncate(0);
		}

		previous?.entries.giveBack();
		report.phase('syncing');
		await disk.syncFile(descriptor);

		report.phase('verifying');
		const sha256 = await readBack(context, partial, {totals: header.totals, limits: target.limits});
		report.cancellable(false);
		sealArchive({disk, descriptor, sha256});
		await disk.syncFile(descriptor);
		if (readSummary(partial).comment?.sha256 !== sha256) {
			throw new PrintkeepError(
				'archive-damaged',
				'The new archive did not read back as it was written: its seal differs.',
				{
					hint: 'The disk may be failing: choose another place for your backups.',
				},
			);
		}

		removeTree(disk, databaseFolder);
		// Some file systems report what they could not write only now.
		isOpen = false;
		disk.close(descriptor);
		await publish(disk, partial, join(folder, name));

		if (request.path === undefined) {
			const backup = {key: name, origin: 'store', path: join(folder, name)} as const;
			// The backup stands. A note that could not be made (the disk may be full now) must not say otherwise.
			await rememberVerified(ports, target.store, [{backup, ok: true}], sequence).catch((error: unknown) => {
				report.log(
					'warning',
					'That the backup was verified could not be noted in the store.',
					toErrorData(error).detail,
				);
			});
		}

		// Nor must that the folder cannot be listed any more.
		const isListed = await catalog.refresh().then(
			() => request.path === undefined,
			() => false,
		);
		const backup = isListed
			? catalog.get(name, 'store')
			: summariseFile(join(folder, name), ports.adapters, target.limits);
		return {
			type: 'create',
			backup,
			files: header.totals.files,
			bytes: header.totals.bytes,
			storedBytes,
			skipped,
			leftOut,
			notes: header.notes,
			reused: reused.files === 0 ? {key: null, files: 0, bytes: 0} : {key: previous?.summary.key ?? null, ...reused},
			unchangedSince: null,
		};
	} catch (error) {
		abandon();
		throw error;
	} finally {
		if (isOpen) {
			disk.close(descriptor);
		}
	}
};
