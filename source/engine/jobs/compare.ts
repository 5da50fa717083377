import {basename} from 'node:path';
import type {Comparison, JobRequest, JobResult, PlanFile, Proof} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {Layout, ServerAdapter} from '../../servers/adapter.js';
import {adapterFor, adapterOfArchive} from '../adapter-for.js';
import {type Catalog, sourcePath} from '../catalog.js';
import {archiveSide} from '../compare/archive-side.js';
import {type ComparedBackup, compareArchives, treeOf} from '../compare/compare-archives.js';
import {backupWarnings, coverageWarnings, partsOf} from '../compare/describe.js';
import {planSides} from '../compare/plan-sides.js';
import {secretFilesOf} from '../compare/secret-files.js';
import type {Sides} from '../compare/side.js';
import {toText} from '../restore/byte-path.js';
import {compare} from '../restore/compare-backup.js';
import {type OpenedBackup, openBackup} from '../restore/opened-backup.js';
import {countFiles, planFilesOf} from '../restore/plan-counts.js';
import {keepPlan} from '../restore/plan-registry.js';
import {prepare} from '../restore/prepare.js';
import {targetHolder} from '../target-holder.js';
import type {JobContext} from './context.js';

type CompareRequest = Extract<JobRequest, {type: 'compare'}>;
type CompareResult = Extract<JobResult, {type: 'compare'}>;

/** What a comparison found, before it is put into the form that is shown. */
type Found = {
	/** With the parts of the left side. */
	readonly adapter: ServerAdapter;
	readonly files: readonly PlanFile[];
	readonly sides: Sides;
	readonly right: string;
	readonly rightIsLive: boolean;
	readonly proof: Proof;
	readonly warnings: readonly string[];
	readonly order: readonly string[];
};

const exchanging: ReadonlySet<string> = new Set(['restore', 'undo', 'recover'] satisfies readonly JobRequest['type'][]);

/** Half of an exchanged data folder is nothing to compare with. No lock is taken: comparing must work where nothing can be written. */
const refuseWhileExchanged = ({ports}: JobContext, {target}: CompareRequest): void => {
	const holder = targetHolder(ports, target);
	if (holder && exchanging.has(holder.job)) {
		throw new PrintkeepError(
			'busy',
			`The data folder is being changed: printkeep (process ${holder.pid} on ${safeText(holder.host)}) does a ${safeText(holder.job)}.`,
			{hint: 'Compare again when it has finished.'},
		);
	}
};

const withLive = async (context: JobContext, request: CompareRequest, archivePath: string): Promise<Found> => {
	refuseWhileExchanged(context, request);
	const prepared = await prepare(
		context,
		{target: request.target, source: request.left},
		{archivePath, looksOnly: true},
	);
	try {
		const {found, comparison} = await compare(context, prepared);
		const files = planFilesOf(found, comparison);
		const {backup, wanted} = prepared;
		return {
			adapter: prepared.adapter,
			files,
			sides: await planSides(prepared, {
				found,
				files,
				limits: request.target.limits,
				breathe: context.breathe,
			}),
			right: toText(prepared.destination),
			rightIsLive: true,
			proof: backup.proof,
			warnings: backupWarnings(basename(archivePath), {backup, wanted}),
			order: prepared.inPlace?.layout.parts.map(({name}) => name) ?? [],
		};
	} finally {
		prepared.backup.archive.close();
	}
};

/** The layout of the instance, when there is one on this host: archives can be compared anywhere. */
const findLayout = async (
	{target}: CompareRequest,
	adapter: ServerAdapter,
): Promise<Pick<Layout, 'leftOut' | 'offLimits' | 'holdsBackups' | 'parts'>> => {
	try {
		return await adapter.layout(target.instance, target.store);
	} catch {
		return {leftOut: () => undefined, offLimits: [], holdsBackups: () => false, parts: []};
	}
};

const withArchive = async (
	context: JobContext,
	request: CompareRequest,
	[leftPath, rightPath]: readonly [string, string],
): Promise<Found> => {
	const {ports, report, breathe} = context;
	const adapter = await adapterFor(ports, request.target.instance.kind);
	const {limits} = request.target;
	report.phase('comparing');
	const opened: OpenedBackup[] = [];
	const open = async (path: string): Promise<ComparedBackup> => {
		const listed = await openBackup(path, adapter, {limits});
		opened.push(listed.backup);
		return treeOf(listed, adapterOfArchive(adapter, listed.backup.manifest), breathe);
	};

	try {
		const left = await open(leftPath);
		const right = await open(rightPath);
		const ofLeft = adapterOfArchive(adapter, left.backup.manifest);
		const layout = await findLayout(request, adapter);
		const [leftName, rightName] = [basename(leftPath), basename(rightPath)];
		return {
			adapter: ofLeft,
			files: await compareArchives(left, right, {adapter: ofLeft, layout, breathe}),
			sides: {
				left: archiveSide(left.backup, left.wanted, limits),
				right: archiveSide(right.backup, right.wanted, limits),
				secretFiles: secretFilesOf(ofLeft),
			},
			right: rightName,
			rightIsLive: false,
			proof: left.backup.proof === 'sha256' && right.backup.proof === 'sha256' ? 'sha256' : 'crc32',
			warnings: [
				...coverageWarnings([leftName, left], [rightName, right], ofLeft),
				...backupWarnings(leftName, left),
				...backupWarnings(rightName, right),
			],
			order: layout.parts.map(({name}) => name),
		};
	} finally {
		for (const {archive} of opened) {
			archive.close();
		}
	}
};

/**
 * Compares a backup with another one or with what lies on the disk: what restoring it would add, change, remove and keep. Nothing is written, no lock is
 * taken, and whether a restore would be allowed does not matter. Its files can be looked at with `plan.files` and `plan.text` afterwards.
 * @throws not-found, archive errors, wrong-server, unsafe-destination, missing-folder, needs-recovery, busy, cancelled
 */
export const runCompare = async (
	context: JobContext,
	request: CompareRequest,
	catalog: Catalog,
): Promise<CompareResult> => {
	context.report.phase('scanning');
	await catalog.refresh();
	const {left, right} = request;
	const leftPath = sourcePath(catalog, left);
	const found =
		right.type === 'live'
			? await withLive(context, request, leftPath)
			: await withArchive(context, request, [leftPath, sourcePath(catalog, right)]);
	const planId = context.ports.randomHex(8);
	keepPlan(planId, found.files, found.sides);
	const comparison: Comparison = {
		planId,
		left: basename(leftPath),
		right: found.right,
		rightIsLive: found.rightIsLive,
		counts: countFiles(found.files),
		parts: partsOf(found.files, {order: found.order, adapter: found.adapter}),
		proof: found.proof,
		warnings: found.warnings,
	};
	return {type: 'compare', comparison};
};
